-- SPDX-License-Identifier: MIT
local backtrack = require "spec.support.backtrack"
local core = require "appintegrations.core"
local random_texts = require "spec.support.random_texts"

package.path = "src/model/?.lua;" .. package.path
local description = require "description"
local emit_tables = require "emit_tables"

local model = description.read "src/model/appintegrations.model"

local UUID = "0123abcd-0123-abcd-0123-0123456789ab"

-- For each shape texts that its pattern accepts and texts that it refuses.
local SAMPLES = {
  ApplicationName = { { "a", "Agent Desk_1./-" }, { "", "a\n", "é", "a:b", " \t" } },
  ApplicationNamespace = { { "com.example/x" }, { "a b", "" } },
  ApplicationTrustedSource = { { "https://x.example", "a://\n" }, { "://x", "x:/y", " a://" } },
  Arn = {
    {
      "arn:aws:s3:::x", "arn:aws-us-gov:s3:us-gov-west-1:123456789012:a/b",
      "arn:aws-cn:s3:::x", "arn:aws:s3:::x:y:z",
    },
    { "arn:aws:s3::x", "arn:azure:s3:::x", "xarn:aws:s3:::x", "arn:aws:s3:::x\n", "arn:aws:s3:::é",
      "arn:aws_cn:s3:::x", UUID },
  },
  ArnOrUUID = {
    { UUID, UUID .. ":$LATEST", UUID .. ":7", "arn:aws:s3:::x:$LATEST", "arn:aws-iso:s3:::x" },
    { UUID .. ":", UUID .. ":é", "x" .. UUID, UUID .. "$", UUID:upper(), "arn:aws:s3:::x:$:$" },
  },
  DestinationURI = { { "s3://bucket/x" }, { "s3:/bucket", "s3://b", "" } },
  EventBridgeBus = { { "aws.partner/x" }, { "a b" } },
  EventDefinitionSchema = { { "", "{\n  \"a\": 1\r\n}", "é\226\128\168" }, {} },
  EventName = { { "a::b", "a::b*" }, { "a:b", "a::b**", "::b", "a::*" } },
  Fields = { { "x" }, { "x,y" } },
  Identifier = { { "x", " x ", "\nx", "é" }, { "", "  ", "\n", "\t\r\n" } },
  IdempotencyToken = { { "", "anything\n" }, {} },
  IframePermission = { { "allow-forms", "-" }, { "Allow", "a1", "" } },
  Permission = { { "User.*" }, { "a b" } },
  Source = {
    { "aws.partner/x", "aws.cases", "aws.casesX", "aws.cases-test", "Pipe xa",
      "my Pipe é/a", "app-integrations.webhooks/a", "x app-integrations.webhooks/_" },
    { "aws.", "xaws.cases", "aws.case", "Pipe x", "Pipe xé", "app-integrations.webhooks/", "" },
  },
  SourceURI = {
    { "s3://bucket/x", "Salesforce://AppFlow/test", "x://ab", "see x://abcd,", "é x://abcd" },
    { "s3://", "s3:/x", "s3://é", "x://a", "é x://a" },
  },
  TagKey = {
    { "team", "a", "aws", "aws.x", "+-=._:/", "Aws:x", "xaws:", "9", ";<" },
    { "", "aws:", "aws:x", "a\n", "é", "a@" },
  },
  URL = { { "https://a", "x://" }, { "https:/a", "" } },
  UUID = { { UUID, "x" .. UUID .. "x" }, { UUID:sub(2), UUID:upper() } },
}

local function assert_match(shape, text, expected)
  assert.equal(expected, core.match(shape, text),
    ("%s against %q: expected %s"):format(shape, text:sub(1, 100), tostring(expected)))
end

describe("the patterns of the model", function()
  for shape, samples in pairs(SAMPLES) do
    it("accept and refuse texts as " .. shape, function()
      for _, text in ipairs(samples[1]) do
        assert_match(shape, text, true)
      end
      for _, text in ipairs(samples[2]) do
        assert_match(shape, text, false)
      end
    end)
  end

  for _, name in ipairs(model.shape_names) do
    local pattern = model.shapes[name].pattern
    if pattern then
      it("decide as a backtracking matcher does: " .. name, function()
        local widened = emit_tables.widen(pattern)
        local tree, found = backtrack.parse(widened), { [true] = 0, [false] = 0 }
        for _, text in ipairs(random_texts.around(widened, 1000)) do
          local expected = backtrack.match(tree, text)
          found[expected] = found[expected] + 1
          assert_match(name, text, expected)
        end
        assert.is_true(found[true] > 50, "hardly any text matched")
      end)
    end
  end

  it("give nil for a shape without a pattern and for none", function()
    assert.is_nil(core.match("TagValue", "x"))
    assert.is_nil(core.match("Nothing", "x"))
  end)

  it("are 23 shapes at least with samples or a random comparison", function()
    local count = 0
    for _, name in ipairs(model.shape_names) do
      count = count + (model.shapes[name].pattern and 1 or 0)
    end
    assert.is_true(count >= 23)
  end)
end)

describe("counted repetitions", function()
  local PARTS = { "arn:aws:", "", ":", "", ":", "", ":", "" }

  --- An ARN whose service, region, account and resource are so many characters long.
  local function arn(service, region, account, resource, suffix)
    PARTS[2], PARTS[4] = ("s"):rep(service), ("r"):rep(region)
    PARTS[6], PARTS[8] = ("0"):rep(account), ("x"):rep(resource)
    return table.concat(PARTS) .. (suffix or "")
  end

  it("hold up to their limits and not beyond", function()
    for _, shape in ipairs { "Arn", "ArnOrUUID" } do
      for account = 62, 65 do
        assert_match(shape, arn(1, 1, account, 1), account <= 63)
        assert_match(shape, arn(1, account, 1, 1), account <= 63)
        assert_match(shape, arn(account, 0, 63, 1), account <= 63)
      end
      for resource = 1022, 1026 do
        assert_match(shape, arn(63, 63, 63, resource), resource <= 1024)
      end
      assert_match(shape, arn(0, 1, 1, 1), false)
      assert_match(shape, arn(1, 0, 0, 0), false)
    end
  end)

  it("count on through a suffix that might also be one", function()
    for resource = 1015, 1030 do
      -- ":abc" is a part of the resource as well as the suffix after it
      assert_match("ArnOrUUID", arn(1, 1, 1, resource, ":abc"), resource <= 1024)
      assert_match("Arn", arn(1, 1, 1, resource, ":abc"), resource + 4 <= 1024)
      assert_match("ArnOrUUID", arn(1, 1, 1, resource, ":a$c"), resource <= 1024)
      assert_match("ArnOrUUID", arn(1, 1, 1, resource, ":abc:de"), resource + 4 <= 1024)
      assert_match("ArnOrUUID", arn(1, 1, 1, resource, ":a/c"), resource + 4 <= 1024)
    end
  end)
end)

describe("a hostile text", function()
  it("of a million characters is decided", function()
    assert_match("SourceURI", "s3://" .. ("a"):rep(1e6) .. " ", false)
    assert_match("SourceURI", ("a://b"):rep(2e5) .. "cd,", true)
    assert_match("Identifier", (" "):rep(1e6), false)
    assert_match("ArnOrUUID", "arn:aws:a:a:a:" .. (":a"):rep(5e5), false)
  end)

  it("that holds zero bytes is read to its end", function()
    assert_match("Name", "a\0b", false)
    assert_match("Description", "a\0b", true)
    assert_match("UUID", "\0" .. UUID, true)
  end)
end)
