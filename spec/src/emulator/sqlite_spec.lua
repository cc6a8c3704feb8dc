local apart = require "spec.support.apart"
local sqlite = require "appintegrations.sqlite"

describe("the binding of SQLite", function()
  local database

  before_each(function()
    database = assert(sqlite.open(":memory:", 0))
    database:exec("CREATE TABLE t (a INTEGER PRIMARY KEY, b, c)")
  end)

  after_each(function()
    database:close()
  end)

  it("brings back what was stored, by type", function()
    local insert = database:prepare("INSERT INTO t (b, c) VALUES (?, ?)")
    assert.equal(1, insert:run("a\0b\195\164", 2 ^ 53 - 1))
    insert:run("", -1.5)
    insert:run(nil, nil)
    insert:run("x", nil)
    assert.same({ { a = 1, b = "a\0b\195\164", c = 2 ^ 53 - 1 }, { a = 2, b = "", c = -1.5 },
      { a = 3 }, { a = 4, b = "x" } }, database:prepare("SELECT * FROM t ORDER BY a"):rows())
    assert.same({}, database:prepare("SELECT a FROM t WHERE a > ?"):rows(4))
    assert.equal(4, database:prepare("UPDATE t SET c = ?"):run(1))
  end)

  it("forgets the arguments of the call before", function()
    local select = database:prepare("SELECT ?1 AS one, ?2 AS two")
    assert.same({ { one = 1, two = 2 } }, select:rows(1, 2))
    assert.same({ { one = 3 } }, select:rows(3))
  end)

  it("raises what SQLite refuses, and the statement can be used again", function()
    local insert = database:prepare("INSERT INTO t VALUES (?, ?, ?)")
    insert:run(1, 2, 3)
    local done, message = pcall(insert.run, insert, 1, 2, 3)
    assert.same({ false, "sqlite: UNIQUE constraint failed: t.a" }, { done, message })
    insert:run(2, 2, 3)
    for _, call in ipairs {
      function() database:exec("nonsense") end,
      function() database:prepare("SELECT x FROM t") end,
      function() insert:run(3, 4, 5, 6) end,
    } do
      done, message = pcall(call)
      assert.is_false(done)
      assert.matches("^sqlite: ", message)
    end
    assert.equal(2, #database:prepare("SELECT * FROM t"):rows())
  end)

  it("says why a file cannot be opened", function()
    local none, message = sqlite.open("/nowhere/at/all", 0)
    assert.same({ nil, "unable to open database file" }, { none, message })
  end)

  it("outlives its database with a statement, and refuses a closed one", function()
    local select = database:prepare("SELECT 1 AS one")
    database:close()
    database:close()
    assert.same({ { one = 1 } }, select:rows())
    assert.has_error(function() database:exec("SELECT 1") end, "the database is closed")
    assert.is_false(pcall(select.rows, database))
    select:close()
    select:close()
    assert.has_error(function() select:rows() end, "the statement is closed")
  end)

  it("may be used by a finalizer that runs while rows are made", function()
    local runs = apart [[
      local collecting = require "spec.support.collector"
      local finalizers = require "spec.support.finalizers"
      local database = require("appintegrations.sqlite").open(":memory:", 0)
      database:exec "CREATE TABLE t (a, b, c)"
      local insert = database:prepare "INSERT INTO t VALUES (?, ?, ?)"
      for i = 1, 200 do
        insert:run(i, ("text %d"):format(i), nil)
      end
      local select = database:prepare "SELECT a, b FROM t WHERE a > ? ORDER BY a"
      local runs = 0
      local function finalize()
        runs = runs + 1
        assert(#select:rows(150) == 50)
        if runs < 60 then
          finalizers.bury(finalize)
        end
      end
      finalizers.bury(finalize)
      collecting(function()
        for _ = 1, 100 do
          local rows = select:rows(100)
          assert(#rows == 100)
          for i, row in ipairs(rows) do
            assert(row.b == "text " .. 100 + i)
          end
        end
      end, 400)
      print(runs)]]
    assert.is_true((tonumber(runs) or 0) > 10, runs)
  end)

  it("may be closed by a finalizer that runs when it is used", function()
    assert.equal("true\n", apart [[
      local finalizers = require "spec.support.finalizers"
      local sqlite = require "appintegrations.sqlite"
      local victim
      local function use(object, method, ...)
        victim = object
        local done, problem = pcall(object[method], object, ...)
        victim = nil
        assert(done or problem:find " is closed$", problem)
      end
      print(0 < finalizers.throughout(function()
        if victim then
          victim:close()
        end
      end, function()
        for _ = 1, 100 do
          local database = sqlite.open(":memory:", 0)
          use(database:prepare "SELECT 1 AS one", "rows")
          use(database, "prepare", "SELECT 2 AS two")
        end
      end))]])
  end)
end)
