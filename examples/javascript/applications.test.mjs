// Tests of a JavaScript program against appintegrations-emulator, through the
// AWS SDK for JavaScript.
//
//     npm install @aws-sdk/client-appintegrations
//     node --test applications.test.mjs
//
// EMULATOR names the command where it is not in the path. Without the SDK the
// tests are skipped.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, beforeEach, describe, it } from "node:test";

const sdk = await import("@aws-sdk/client-appintegrations").catch(() => null);

// ---- the program to be tested ---------------------------------------------------

/** Tags every application whose name begins with PREFIX; how many there were. */
async function tagApplications(client, prefix, tags) {
  let count = 0;
  const pages = sdk.paginateListApplications({ client, pageSize: 2 }, {});
  for await (const page of pages) {
    for (const { Arn } of page.Applications.filter(({ Name }) => Name.startsWith(prefix))) {
      await client.send(new sdk.TagResourceCommand({ resourceArn: Arn, tags }));
      count += 1;
    }
  }
  return count;
}

// ---- the emulator ---------------------------------------------------------------

/** Starts the command, which ends with this process, and reads where it listens. */
function start() {
  const command = process.env.EMULATOR ?? "appintegrations-emulator";
  const child = spawn(command, ["--port", "0", "--quiet", "--ready-fd", "3", "--no-verify",
    "--exit-with", String(process.pid)], { stdio: ["ignore", "inherit", "inherit", "pipe"] });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the emulator has ended with ${code}`)));
    child.stdio[3].once("data", (data) => resolve({ child, url: `http://127.0.0.1:${+data}` }));
  });
}

describe("tagApplications", { skip: sdk ? false : "the SDK is not installed" }, () => {
  let emulator;
  let client;

  /** What the control endpoint NAME answers. */
  async function control(name, method = "GET", value = undefined) {
    const answer = await fetch(`${emulator.url}/_emulator/${name}`, { method,
      body: value && JSON.stringify(value) });
    assert.equal(answer.status, 200);
    return answer.json();
  }

  before(async () => {
    emulator = await start();
    client = new sdk.AppIntegrationsClient({ region: "us-east-1", endpoint: emulator.url,
      credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  });

  beforeEach(() => control("reset", "POST"));

  after(() => {
    client?.destroy();
    emulator?.child.kill();
  });

  const application = (Name) => ({ Name, Namespace: Name,
    ApplicationSourceConfig: { ExternalUrlConfig: { AccessUrl: "https://example.com" } } });

  it("tags those of the name, and no others", async () => {
    await control("seed", "POST", { Applications: [application("desk-one"), application("other"),
      application("desk-two")] });
    assert.equal(await tagApplications(client, "desk-", { team: "a" }), 2);
    const { requests } = await control("requests");
    assert.deepEqual(requests.map((entry) => entry.operation),
      ["ListApplications", "TagResource", "ListApplications", "TagResource"]);
    assert.deepEqual(requests[1].parameters.tags, { team: "a" });
  });

  it("goes on when the service is busy for a while", async () => {
    await control("seed", "POST", { Applications: [application("desk-one")] });
    await control("faults", "POST", { fault: "throttle", operation: "tag_resource" });
    assert.equal(await tagApplications(client, "desk-", { team: "a" }), 1);
    const { requests } = await control("requests?operation=TagResource");
    assert.deepEqual(requests.map((entry) => entry.status), [429, 200]);
  });
});
