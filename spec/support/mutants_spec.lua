local mutants = require "spec.support.mutants"
local workdir = require "spec.support.workdir"

local LUA = [==[
--- Whether a < b.
local NAMES = { "x", 12 }
local LIMITS = {
  least = 1,
}
M.ORDER = { first = 1,
  second = 2 }
local LONG = [[
  if a < b then
]]
local function f(a, b)
  local text = "a < b" .. 'and 7' -- true
  if not a then
    call(b)
  end
  return text
end
]==]

local C = [[
/* Whether a < b. */
static const int limits[] = {
    1,
};
static int f(struct s *s) {
    static const int rows[] = {
        {1, true},
    };
    if (s->text[0] == '<' || s == NULL) {
        free(s->text);
    }
    return 5;
}
]]

describe("mutants", function()
  --- What is done to a file of the NAME with TEXT: "line number: the line", sorted.
  local function of(name, text)
    local dir, found = workdir.new(), {}
    for _, place in ipairs(mutants.places { dir:write(name, text) }) do
      found[#found + 1] = ("%d: %s"):format(place.number, place.after:gsub("^%s+", ""))
    end
    dir:remove()
    table.sort(found)
    return found
  end

  it("break what Lua does, not what it says or keeps in tables", function()
    assert.same({ "13: if a then", "13: if false and (not a) then", "14: " }, of("f.lua", LUA))
  end)

  it("break what C does, not what it says or keeps in tables", function()
    assert.same({
      "10: ",
      "12: return 6;",
      "9: if (false && (s->text[0] == '<' || s == NULL)) {",
      "9: if (s->text[0] != '<' || s == NULL) {",
      "9: if (s->text[0] == '<' && s == NULL) {",
      "9: if (s->text[0] == '<' || s != NULL) {",
    }, of("f.c", C))
  end)
end)
