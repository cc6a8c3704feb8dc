local base64 = require "appintegrations.emulator.base64"
local emulator = require "appintegrations.emulator"
local support = require "spec.support.service"

describe("the emulator's listings", function()
  local driver

  before_each(function()
    driver = support.direct(assert(emulator.new { verify_signatures = false }))
  end)

  local function make(name)
    return assert(driver:call("POST", "/dataIntegrations", { Name = name, KmsKey = "k" }).body.Arn)
  end

  local function escape(token)
    return (token:gsub("[+/=]", { ["+"] = "%2B", ["/"] = "%2F", ["="] = "%3D" }))
  end

  local function page(query)
    local answer = driver:call("GET", "/dataIntegrations?" .. query)
    assert.equal(200, answer.status, answer.text)
    local names = {}
    for i, item in ipairs(answer.body.DataIntegrations) do
      names[i] = item.Name
    end
    return table.concat(names, " "), answer.body.NextToken
  end

  --- The names on all pages of SIZE, one text for each page.
  local function pages(size)
    local texts, token = {}, nil
    repeat
      local text
      text, token = page("maxResults=" .. size .. (token and "&nextToken=" .. escape(token) or ""))
      texts[#texts + 1] = text
    until not token
    return texts
  end

  it("come in order of creation, in pages of the size that is asked for", function()
    for _, name in ipairs { "c", "a", "d", "b", "e" } do
      make(name)
    end
    assert.same({ "c a", "d b", "e" }, pages(2))
    assert.same({ "c a d b e" }, pages(5))
    assert.same({ "c a d b e" }, pages(50))
    assert.same({ "c", "a", "d", "b", "e" }, pages(1))
  end)

  it("have one empty page without a token when there is nothing", function()
    assert.same({ "" }, pages(10))
  end)

  it("have 50 items on a page unless told otherwise", function()
    for i = 1, 51 do
      make("n" .. i)
    end
    local _, token = page("")
    assert.is_string(token)
    local small = support.direct(assert(emulator.new { verify_signatures = false, page_size = 2 }))
    for i = 1, 3 do
      small:call("POST", "/dataIntegrations", { Name = "n" .. i, KmsKey = "k" })
    end
    assert.equal(2, #small:call("GET", "/dataIntegrations").body.DataIntegrations)
  end)

  it("neither double nor lose anything while items come and go", function()
    for _, name in ipairs { "a", "b", "c", "d", "e" } do
      make(name)
    end
    local first, token = page("maxResults=2")
    assert.equal("a b", first)
    driver:call("DELETE", "/dataIntegrations/a")
    driver:call("DELETE", "/dataIntegrations/b") -- the one that the token points at
    driver:call("DELETE", "/dataIntegrations/d")
    make("f")
    make("a")
    assert.equal("c e f a", (page("nextToken=" .. escape(token))))
  end)

  it("take a token with another page size, more than once", function()
    for _, name in ipairs { "a", "b", "c", "d" } do
      make(name)
    end
    local _, token = page("maxResults=1")
    assert.equal("b c", (page("maxResults=2&nextToken=" .. escape(token))))
    assert.equal("b c d", (page("nextToken=" .. escape(token))))
  end)

  local function refused(target)
    local answer = driver:call("GET", target)
    assert.same({ 400, "InvalidRequestException" }, { answer.status, answer.code }, target)
  end

  it("refuse a token that was made up or changed in any byte", function()
    make("a")
    make("b")
    local _, token = page("maxResults=1")
    for _, text in ipairs { "x", "AAAA", "MQ==", token:sub(2), token .. "A", "%00",
      escape(base64.encode(("\0"):rep(15) .. "1")), ("A"):rep(1000), ("A"):rep(1001) } do
      refused("/dataIntegrations?nextToken=" .. escape(text))
    end
    local bytes = base64.decode(token)
    for i = 1, #bytes do
      local changed = bytes:sub(1, i - 1) .. string.char((bytes:byte(i) + 1) % 256)
        .. bytes:sub(i + 1)
      refused("/dataIntegrations?nextToken=" .. escape(base64.encode(changed)))
    end
  end)

  it("refuse a token of another listing, owner, filter or service", function()
    make("a")
    make("b")
    local _, token = page("maxResults=1")
    refused("/eventIntegrations?nextToken=" .. escape(token))
    refused("/applications?nextToken=" .. escape(token))
    for _, owner in ipairs { "a", "b" } do
      for _ = 1, 2 do
        driver:call("POST", "/dataIntegrations/" .. owner .. "/associations", {})
      end
    end
    token = driver:call("GET", "/dataIntegrations/a/associations?maxResults=1").body.NextToken
    refused("/dataIntegrations/b/associations?nextToken=" .. escape(token))
    assert.equal(200,
      driver:call("GET", "/dataIntegrations/a/associations?nextToken=" .. escape(token)).status)
    driver = support.direct(assert(emulator.new { verify_signatures = false }))
    make("a")
    refused("/dataIntegrations?nextToken=" .. escape(token))
  end)

  it("refuse sizes outside 1 to 50", function()
    for _, size in ipairs { "0", "51", "-1", "99999999999999999999" } do
      local answer = driver:call("GET", "/dataIntegrations?maxResults=" .. size)
      assert.equal(400, answer.status)
    end
  end)

  it("filter applications by type and page through what remains", function()
    for i = 1, 7 do
      driver:call("POST", "/applications", { Name = "n" .. i, Namespace = "s" .. i,
        ApplicationSourceConfig = {}, ApplicationType = i % 2 == 0 and "MCP_SERVER" or "STANDARD" })
    end
    local names, token = {}, nil
    repeat
      local body = driver:call("GET", "/applications?applicationType=MCP_SERVER&maxResults=2"
        .. (token and "&nextToken=" .. escape(token) or "")).body
      for _, item in ipairs(body.Applications) do
        assert.equal("MCP_SERVER", item.ApplicationType)
        names[#names + 1] = item.Name
      end
      token = body.NextToken
      if token then
        refused("/applications?nextToken=" .. escape(token))
      end
    until not token
    assert.same({ "n2", "n4", "n6" }, names)
    refused("/applications?applicationType=OTHER")
  end)
end)
