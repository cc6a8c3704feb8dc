-- SPDX-License-Identifier: MIT
package.path = "src/docs/?.lua;" .. package.path
local manual = require "manual"

describe("the manual as Markdown", function()
  it("has sections, terms and paragraphs", function()
    assert.truthy(manual.page(".TH A 1\n.SH FLAGS OF IT\n.SS a\\-b\nText_x\n.PP\nmore\n.TP\n"
      .. "\\fB\\-\\-name TEXT\\fR\nName.\n.TP\n.B 0\nDone.\n"):find(
      "\n\n## Flags of it\n\n\n\n### a-b\n\nText\\_x\n\n\nmore\n\n* `--name TEXT`: Name.\n\n"
      .. "* `0`: Done.\n", 1, true))
  end)

  it("has examples as they are", function()
    assert.truthy(manual.page(".TH A 1\n.nh\n.EX\na \\-b_c *x*\n.EE\nmore_x\n"):find(
      "\n\n```text\na -b_c *x*\n```\n\nmore\\_x\n", 1, true))
  end)

  it("has long words without the places where roff may break them", function()
    assert.truthy(manual.page(".TH A 1\n\"arn:\\:aws:\\:kms/\\:x\" \\&.a\n"):find(
      '"arn:aws:kms/x" .a\n', 1, true))
  end)

  it("refuses a macro that it does not know", function()
    assert.has_error(function() manual.page ".XX a\n" end,
      "the manual has a macro that is not known: .XX a")
  end)
end)
