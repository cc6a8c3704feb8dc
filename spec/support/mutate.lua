--- Breaks the sources in one place after the other (mutants.lua) and runs the specs that run that
-- line (spec_lines.lua), the quickest first, up to the first that notices. What survives is
-- printed: a spec is missing there, or code that nothing needs.
--
--     mutate.lua MUTANTS SEED BUDGET    prints the score; the same seed chooses the same places
--
-- A line that no spec runs survives at once, and so does what the specs of BUDGET seconds do not
-- notice. What does not compile is no mutant. It works in a copy of the checkout, which is
-- build/mutants/tree, where Lua 5.4 runs; build/mutants/results.SEED keeps each outcome, so that a
-- run that was stopped goes on: there, what survived is tried again, as its spec may have come
-- meanwhile.

package.path = "./?.lua;" .. package.path
local files = require "spec.support.files"
local mutants = require "spec.support.mutants"
local spec_lines = require "spec.support.spec_lines"

local MUTANTS, SEED, BUDGET = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3])
local FOLDER = "build/mutants"
local TREE, RESULTS = FOLDER .. "/tree", ("%s/results.%d"):format(FOLDER, SEED)
-- A spec without progress for so many seconds hangs: the mutant is noticed. A mutant that takes all
-- memory or disk is to fail there, too (both in KiB).
local HANGS, MEMORY, FILE = 60, 6000000, 1000000
-- They run programs that are linked anew for each mutant.
local EMBEDS = { ["spec/examples/embed_spec.lua"] = true, ["spec/src/finalizers_spec.lua"] = true }
-- Where memory fails at each allocation in turn: minutes, if the budget has them, for what no other
-- spec notices of C, and of what puts a loop in order then.
local LAST, LAST_SECONDS = "spec/src/memory_spec.lua", 300

local function run(command)
  local ok = os.execute(command)
  return ok == true or ok == 0
end

-- ---- what is chosen ----------------------------------------------------------------------------

--- A number that TEXT and the seed give, so that the order of places outlives changes elsewhere.
local function rank(text)
  local sum = SEED
  for at = 1, #text do
    sum = (sum * 31 + text:byte(at)) % 2147483647
  end
  for _ = 1, 3 do
    sum = (sum * 16807 + 11) % 2147483647
  end
  return sum
end

--- The PLACES in the order of this seed, each with its key: what is broken, and how.
local function shuffled(places)
  local same = {}
  for _, place in ipairs(places) do
    local key = table.concat({ place.path, place.before, place.after }, "\t")
    same[key] = (same[key] or 0) + 1
    place.key = key .. "\t" .. same[key]
    place.rank = rank(place.key)
  end
  table.sort(places, function(a, b)
    return a.rank < b.rank or a.rank == b.rank and a.key < b.key
  end)
  return places
end

-- ---- one mutant --------------------------------------------------------------------------------

--- The SPECS that run the line of PLACE, in two lists: those that run as they are, and those that
-- have to be linked first. That of the source's name is the first.
local function specs_of(place, specs, code)
  local line = place.number
  local own = "spec/" .. place.path:gsub("^lua/appintegrations", "lua"):gsub("%.%l+$", "_spec.lua")
  while line > 1 and not (code[place.path] or {})[line] do
    line = line - 1
  end
  local plain, linked, seconds = {}, {}, 0
  for _, spec in ipairs(specs) do
    local lines = spec.lines[place.path]
    if lines and lines[line] then
      local list = EMBEDS[spec.name] and linked or plain
      if spec.name == own then
        table.insert(list, 1, spec.name)
        seconds = seconds + spec.seconds
      elseif seconds + spec.seconds <= BUDGET then
        table.insert(list, spec.name)
        seconds = seconds + spec.seconds
      end
    end
  end
  return plain, linked, seconds
end

--- Runs make in the tree; whether all is well within SECONDS.
local function make(arguments, seconds)
  return run(("cd %s && ulimit -v %d && ulimit -f %d && timeout -k 10 %d make -s %s >mutant.log "
    .. "2>&1"):format(TREE, MEMORY, FILE, seconds, arguments))
end

--- Who notices the mutant in the tree, of the specs named, which take so many SECONDS; or nil.
local function noticed_by(names, embedders, seconds)
  if #names == 0 then
    return nil
  end
  local hangs = names[1] == LAST and LAST_SECONDS or HANGS
  if make(("%s spec SPECS='%s' SPEC_LIMIT=%d BUSTED='%s --no-keep-going --no-shuffle-files'")
    :format(embedders and "" or "-o embedders", table.concat(names, " "), hangs,
      os.getenv "BUSTED"), math.ceil(3 * seconds) + HANGS) then
    return nil
  end
  local log = files.read(TREE .. "/mutant.log")
  return log:match "No progress" and "it hangs: " .. (log:match "Running is\n%s*(%S+)" or "?")
    or log:match "\n%u%l+ %-> (%S+)" or "the end of its process"
end

local function may_run_last(place)
  return BUDGET >= LAST_SECONDS and (place.path:find "/loop/repair.lua$"
    or place.path:find "%.c$" and not place.path:find "^src/emulator/")
end

local function restore(place)
  assert(run(("cp %s %s/%s"):format(place.path, TREE, place.path)))
end

--- "killed" or "survived" and who noticed it or why not; nil where it does not compile.
local function try(place, specs, code)
  local plain, linked, seconds = specs_of(place, specs, code)
  local text, number = files.read(place.path), 0
  text = text:gsub("([^\n]*)\n", function(line)
    number = number + 1
    return (number == place.number and place.after or line) .. "\n"
  end)
  local file = assert(io.open(TREE .. "/" .. place.path, "w"))
  file:write(text)
  file:close()
  local compiles
  if place.path:find "%.c$" then
    compiles = make("all", 120)
  else
    compiles = run(("luac5.4 -p %s/%s 2>/dev/null"):format(TREE, place.path))
  end
  if not compiles then
    restore(place)
    return nil, "it does not compile"
  end
  if #plain + #linked == 0 and not may_run_last(place) then
    restore(place)
    return "survived", "no spec runs it"
  end
  local who = noticed_by(plain, false, seconds) or noticed_by(linked, true, seconds)
    or may_run_last(place) and noticed_by({ LAST }, true, LAST_SECONDS)
  restore(place)
  return who and "killed" or "survived",
    who or ("%d spec files of %.0f s ran it"):format(#plain + #linked, seconds)
end

-- ---- the tree ----------------------------------------------------------------------------------

--- Makes the copy equal to the checkout. What differs is as new, so that it is compiled again.
local function copy()
  assert(run("mkdir -p " .. TREE))
  for _, path in ipairs(files.lines_of "git ls-files") do
    local text = files.find(path)
    if text and text ~= files.find(TREE .. "/" .. path) then
      assert(run(("mkdir -p $(dirname %s/%s) && cp %s %s/%s"):format(TREE, path, path, TREE, path)))
    end
  end
  assert(make("all embedders", 600) and make("all embedders COVERAGE=1", 600),
    "the sources do not compile before anything is broken: see " .. TREE .. "/mutant.log")
end

-- ---- the results -------------------------------------------------------------------------------

--- What earlier runs have come to, by key: the last word counts.
local function earlier()
  local known = {}
  for outcome, key in (files.find(RESULTS) or ""):gmatch "([^\t\n]*)\t[^\t\n]*\t([^\n]*)\n" do
    known[key] = outcome
  end
  return known
end

local function keep(outcome, why, key)
  local file = assert(io.open(RESULTS, "a"))
  file:write(outcome, "\t", why, "\t", key, "\n")
  file:close()
end

copy()
local paths = mutants.sources()
local specs, code = spec_lines.of(TREE, FOLDER .. "/lines"), spec_lines.code(TREE, paths)
local known, counts, survivors = earlier(), { killed = 0, survived = 0 }, {}
for _, place in ipairs(shuffled(mutants.places(paths))) do
  if counts.killed + counts.survived == MUTANTS then
    break
  end
  local outcome, why = known[place.key], "as before"
  if outcome ~= "killed" and outcome ~= "none" then
    outcome, why = try(place, specs, code)
    outcome = outcome or "none"
    keep(outcome, why, place.key)
    print(("%s %s:%d (%s): %s"):format(outcome, place.path, place.number, place.what, why))
    io.stdout:flush()
  end
  if outcome ~= "none" then
    counts[outcome] = counts[outcome] + 1
  end
  if outcome == "survived" then
    survivors[#survivors + 1] = ("%s:%d (%s; %s)\n  - %s\n  + %s"):format(place.path, place.number,
      place.what, why, place.before, place.after)
  end
end
print("\nWhat no spec notices:\n" .. table.concat(survivors, "\n"))
print(("%d of %d noticed: %.1f %%"):format(counts.killed, counts.killed + counts.survived,
  100 * counts.killed / (counts.killed + counts.survived)))
