// SPDX-License-Identifier: MIT
// The jobs of `make bench` with the JavaScript SDK, as job.lua prints them:
// javascript.mjs FOLDER JOB COUNT URL. The SDK is in FOLDER/node_modules.

import { Agent } from "node:http";
import { Agent as SecureAgent } from "node:https";
import { createRequire } from "node:module";

const [folder, name, count, url] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const sdk = require("@aws-sdk/client-appintegrations");

const PARAMS = {
  Name: "crm-cases", Description: "Cases from the CRM, once an hour",
  KmsKey: "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  SourceURI: "Salesforce://AppFlow/crm-cases",
  ScheduleConfig: { Object: "Case", ScheduleExpression: "rate(1 hour)" },
  Tags: { team: "contact-center" },
};
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "very-secret" };

function client() {
  const { NodeHttpHandler } = require("@smithy/node-http-handler");
  const sockets = { keepAlive: true, maxSockets: 64 };
  return new sdk.AppIntegrations({
    region: "us-east-1", endpoint: url, credentials,
    requestHandler: new NodeHttpHandler({
      httpAgent: new Agent(sockets), httpsAgent: new SecureAgent(sockets),
    }),
  });
}

function signature(step) {
  const { SignatureV4 } = require("@smithy/signature-v4");
  const { Hash } = require("@smithy/hash-node");
  const signer = new SignatureV4({
    credentials, region: "us-east-1", service: "app-integrations",
    sha256: Hash.bind(null, "sha256"),
  });
  let time = 1795342830000;
  return () => {
    time += step;
    return signer.sign({
      method: "POST", protocol: "http:", hostname: "127.0.0.1", path: "/dataIntegrations",
      query: {}, body: "x".repeat(300), headers: {
        host: "127.0.0.1:4570", "content-type": "application/json",
        "amz-sdk-invocation-id": "6f2d1c64-0d5a-4f43-9d4e-0f2f7f1f9a10",
        "amz-sdk-request": "ttl=20261122T102100Z; attempt=1; max=3",
      },
    }, { signingDate: new Date(time) });
  };
}

const jobs = {
  create() {
    const c = client();
    return () => c.createDataIntegration(PARAMS);
  },
  first: () => jobs.create(),
  pages() {
    const c = client();
    let token;
    return async () => {
      const answer = await c.listDataIntegrationAssociations({
        DataIntegrationIdentifier: "many", NextToken: token,
      });
      token = answer.NextToken;
    };
  },
  flight_64() {
    const c = client();
    return () => Promise.all(Array.from({ length: 64 }, () => c.createDataIntegration(PARAMS)));
  },
  sign: () => signature(0),
  derive: () => signature(86400000),
};

const job = jobs[name]();
for (let i = 0; name !== "first" && i < Math.min(count, 200); i++) {
  await job();
}
const before = process.cpuUsage();
for (let i = 0; i < count; i++) {
  await job();
}
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1e6, process.resourceUsage().maxRSS);
process.exit(0);
