local token_bucket = require "appintegrations.call.token_bucket"

describe("the token bucket", function()
  it("begins full and gives all that is asked for or nothing", function()
    local bucket = token_bucket.new()
    assert.equal(500, bucket.level)
    for _ = 1, 35 do
      assert.is_true(bucket:take(14))
    end
    assert.equal(10, bucket.level)
    assert.is_false(bucket:take(14))
    assert.is_true(bucket:take(5))
    assert.equal(5, bucket.level)
  end)

  it("never holds more than 500", function()
    local bucket = token_bucket.new()
    bucket:take(5)
    bucket:put(14)
    assert.equal(500, bucket.level)
  end)
end)
