-- SPDX-License-Identifier: MIT
package.path = "src/model/?.lua;" .. package.path
local description = require "description"
local read = require("spec.support.files").read

local PATH = "src/model/appintegrations.model"

local SMALL = [[
service Small
  title A Small Service
  version 2020-01-01
  protocol rest-json
  endpoint-prefix small
  signing-name small

partition one
  suffix example.com
  dualstack-suffix example.net
  supports dualstack
  regions ^one\-\d+$
  also one-global

operation GetThing
  GET /things/{Name}/parts -> 200
  input GetThingRequest
  output GetThingResponse
  errors NoThing
  pages Parts by Next -> Token limit Max

structure GetThingRequest
  Name   ThingName  required label:Name
  Max    Max        query:max
  Token  Text       query:token idempotency-token
  Note   Text       wire:note deprecated:2025-12-01

structure GetThingResponse
  Parts  Parts    deprecated
  Named  ByName
  Next   Text

error NoThing status:404
  Message  Text

list Parts of Part size:1..
map ByName of ThingName to Part size:..5
string Part
  enum B A
string Text
string ThingName length:1..20
  pattern ^a b: {2}#$
integer Max range:-1..50
]]

--- The error for SMALL with every FROM (plain text) replaced by TO.
local function refusal(from, to)
  local first, last = SMALL:find(from, 1, true)
  assert(first, "not in the text: " .. from)
  local ok, message = pcall(description.parse, SMALL:sub(1, first - 1) .. to .. SMALL:sub(last + 1))
  assert.is_false(ok, "accepted: " .. to)
  return message
end

describe("the description", function()
  it("is written as it is read", function()
    assert.equal(read(PATH), description.write(description.read(PATH)))
    local small = description.parse(SMALL)
    assert.same(small, description.parse(description.write(small)))
  end)

  it("gives operations, shapes and partitions", function()
    local small = description.parse(SMALL)
    assert.same({
      name = "GetThing", method_name = "get_thing", http_method = "GET",
      uri = "/things/{Name}/parts", success = 200, input = "GetThingRequest",
      output = "GetThingResponse", errors = { "NoThing" },
      pagination = {
        input_token = "Token", output_token = "Next", limit_key = "Max", result_key = "Parts",
      },
    }, small.operations[1])
    assert.same({ name = "ThingName", type = "string", min = 1, max = 20,
      pattern = "^a b: {2}#$" }, small.shapes.ThingName)
    assert.same({ name = "Part", type = "string", enum = { "B", "A" } }, small.shapes.Part)
    assert.same({ name = "ByName", type = "map", key = "ThingName", element = "Part", max = 5 },
      small.shapes.ByName)
    assert.same({ id = "one", suffix = "example.com", dualstack_suffix = "example.net",
      fips = false, dualstack = true, regions = "^one\\-\\d+$", also = { "one-global" } },
      small.partitions[1])
    assert.equal(404, small.shapes.NoThing.status)
  end)

  it("gives members with their place and traits", function()
    local members = description.parse(SMALL).shapes.GetThingRequest.members
    assert.same({ name = "Name", shape = "ThingName", location = "label", wire = "Name",
      required = true }, members[1])
    assert.same({ name = "Token", shape = "Text", location = "query", wire = "token",
      idempotency_token = true }, members[3])
    assert.same({ name = "Note", shape = "Text", location = "body", wire = "note",
      deprecated = "2025-12-01" }, members[4])
  end)

  it("has words for every operation, member and enum value", function()
    assert.same({}, description.wordless(description.read(PATH)))
  end)

  it("tells what has no words", function()
    assert.same({ "GetThing", "GetThingRequest.Max", "GetThingRequest.Name",
      "GetThingRequest.Note", "GetThingRequest.Token", "GetThingResponse.Named",
      "GetThingResponse.Next", "GetThingResponse.Parts", "NoThing.Message", "Part:A", "Part:B" },
      description.wordless(description.parse(SMALL)))
  end)

  it("reads words over several lines and writes them as it read them", function()
    local text = SMALL
      :gsub("operation GetThing\n", "%0  | Gets a\n  | thing.\n")
      :gsub("label:Name\n", "%0    | What it is called.\n")
      :gsub("string Text\n", "%0  | " .. ("Words and words. "):rep(9) .. "\n")
      :gsub("enum B A\n", "%0  meaning A The first.\n")
      :gsub("error NoThing status:404\n", "%0  | It is not there.\n")
    local read_back = description.parse(text)
    assert.equal("Gets a thing.", read_back.operations[1].about)
    assert.equal("It is not there.", read_back.shapes.NoThing.about)
    assert.same({ A = "The first." }, read_back.shapes.Part.meanings)
    local request = read_back.shapes.GetThingRequest
    assert.equal("What it is called.", description.words(read_back, request.members[1]))
    assert.equal(("Words and words. "):rep(9):sub(1, -2),
      description.words(read_back, request.members[3]))
    assert.same(read_back, description.parse(description.write(read_back)))
  end)

  it("keeps words by name when it is made anew", function()
    local former = description.parse((SMALL:gsub("label:Name\n", "%0    | Its name.\n")
      :gsub("operation GetThing\n", "%0  | Gets a thing.\n")
      :gsub("string Part\n", "%0  | A part.\n")
      :gsub("enum B A\n", "%0  meaning B The second.\n")))
    local anew = description.parse((SMALL:gsub("  Note[^\n]*", "  Comment  Text")))
    description.keep_words(anew, former)
    assert.equal("Gets a thing.", anew.operations[1].about)
    assert.equal("Its name.", anew.shapes.GetThingRequest.members[1].about)
    assert.equal("A part.", anew.shapes.Part.about)
    assert.same({ B = "The second." }, anew.shapes.Part.meanings)
    assert.is_nil(anew.shapes.GetThingRequest.members[4].about)
  end)

  it("has method names in snake case", function()
    assert.equal("create_data_integration", description.snake_case "CreateDataIntegration")
    assert.equal("get_http_url", description.snake_case "GetHTTPUrl")
    assert.equal("list_ec2_hosts", description.snake_case "ListEC2Hosts")
  end)

  it("names the line of a mistake", function()
    assert.equal("description:24: there is no trait \"query\"", refusal("query:max", "query"))
    assert.equal("description:24: there is no trait \"qerry:max\"",
      refusal("query:max", "qerry:max"))
  end)

  it("refuses what it does not know", function()
    for from, to in pairs {
      ["service Small"] = "servce Small", ["title A"] = "titel A", ["GET /"] = "FETCH /",
      ["-> 200"] = "200", ["list Parts of Part"] = "list Parts Part",
      ["string Part\n"] = "string Part Text\n", ["status:404"] = "404",
      ["size:1.."] = "length:1..", ["range:-1..50"] = "range:50", ["string Text"] = "string Part",
      ["Next   Text"] = "Named  Text", ["pages Parts by"] = "pages Parts",
      ["\nstructure GetThingRequest"] = "\n* GetThingRequest",
    } do
      assert.truthy(refusal(from, to):find("^description:%d+: "), to)
    end
  end)

  it("refuses references that lead nowhere or back", function()
    assert.truthy(refusal("Named  ByName", "Named  Nothing"):find("no shape Nothing", 1, true))
    assert.truthy(refusal("to Part", "to ByName"):find("contains itself", 1, true))
    assert.truthy(refusal("errors NoThing", "errors GetThingRequest"):find("is no error", 1, true))
    assert.truthy(refusal("errors NoThing", "errors Text"):find("no structure Text", 1, true))
    assert.truthy(refusal("{Name}", "{Other}"):find("no {Name}", 1, true))
    assert.truthy(refusal("{Name}", "{Name}/{Other}"):find("no member for {Other}", 1, true))
    assert.truthy(refusal("required label", "label"):find("a label is required", 1, true))
    assert.truthy(refusal("by Next", "by Last"):find("member of its pages", 1, true))
  end)
end)
