-- SPDX-License-Identifier: MIT
package.path = "src/docs/?.lua;" .. package.path
local markdown = require "markdown"

local function html(text)
  return (markdown.html(text))
end

describe("Markdown as HTML", function()
  it("has paragraphs and headings with ids as forges make them", function()
    local text, headings = markdown.html "# What fails?\n\none\ntwo\n\n## A `b_c`: d\n"
    assert.equal('<h1 id="what-fails">What fails?</h1>\n<p>one\ntwo</p>\n'
      .. '<h2 id="a-b_c-d"><a class="anchor" href="#a-b_c-d">A <code>b_<wbr>c</code>: d</a></h2>',
      text)
    assert.same({ 1, 2 }, { headings[1].level, headings[2].level })
  end)

  it("escapes what HTML would take for itself", function()
    assert.equal("<p>a &lt; b &amp; c &quot;d&quot;</p>", html 'a < b & c "d"')
    assert.equal("<p><code>a&lt;b&gt;</code></p>", html "`a<b>`")
    assert.equal('<pre class="sh">a &lt;b&#10;&#10;c</pre>', html "```sh\na <b\n\nc\n```")
  end)

  it("has emphasis, and escapes of it", function()
    assert.equal("<p><strong>a</strong> <em>b</em> 2 * 3 *c</p>", html "**a** *b* 2 * 3 \\*c")
    assert.equal("<p>snake_case_name</p>", html "snake_case_name")
    assert.equal("<p><code>*a*</code></p>", html "`*a*`")
  end)

  it("passes links on, and leaves code in their text", function()
    assert.equal('<p><a href="x.html#y"><code>b</code> c</a></p>',
      (markdown.html("[`b` c](b.md#y)", function(href)
        assert.equal("b.md#y", href)
        return "x.html#y"
      end)))
    assert.equal('<p><a href="http://localhost/">http://localhost/</a></p>',
      html "<http://localhost/>")
  end)

  it("has lists, with items of several lines and lists within", function()
    assert.equal("<ul>\n<li>a\nb</li>\n<li>c\n<ul>\n<li>d</li>\n</ul></li>\n</ul>",
      html "* a\n  b\n* c\n  * d")
    assert.equal("<ol>\n<li>a</li>\n<li>b</li>\n</ol>", html "1. a\n2. b")
  end)

  it("has tables, with bars in their cells and without a head", function()
    assert.equal('<div class="table"><table>\n<thead><tr><th>A</th><th>B</th></tr></thead>\n'
      .. "<tr><td>x</td><td>y | z</td></tr>\n</table></div>",
      html "| A | B |\n|---|---|\n| x | y \\| z |")
    assert.is_nil(html("| | |\n|---|---|\n| x | y |"):find("<thead>", 1, true))
  end)

  it("leaves comments out", function()
    assert.equal("<p>a</p>\n<p>b</p>", html "a\n\n<!-- setup\nx\n-->\n\nb")
  end)

  it("tells the parts of Lua apart, and loses nothing", function()
    local code = 'local a = "x -- y" -- z\nreturn [[b]] .. 12, a ~= nil, "\\"", f\\q'
    local text = html("```lua\n" .. code .. "\n```")
    assert.truthy(text:find('<span class="keyword">local</span> a', 1, true), text)
    assert.truthy(text:find('<span class="string">&quot;x -- y&quot;</span>', 1, true), text)
    assert.truthy(text:find('<span class="comment">-- z</span>', 1, true), text)
    assert.truthy(text:find('<span class="number">12</span>', 1, true), text)
    assert.equal(code, (text:gsub("<.->", ""):gsub("&#10;", "\n"):gsub("&quot;", '"')))
  end)

  it("has no empty line, which LDoc would take for a paragraph", function()
    for _, path in ipairs { "README.md", "CHANGELOG.md", "src/docs/pages/emulator.md" } do
      local file = assert(io.open(path))
      assert.is_nil(html(file:read("*a")):find("\n%s*\n"), path)
      file:close()
    end
  end)

  it("takes literal text as it is", function()
    local text = "a*b*c _d_ [e](f) g|h `i_j` \\"
    assert.equal("<p>a*b*c _d_ [e](f) g|h <code>i_<wbr>j</code> \\</p>",
      html(markdown.literal(text)))
  end)
end)
