local xml = require "appintegrations.credentials.sts_xml"

--- What is in the root element.
local function content(text)
  local root, result = xml.parse("<a>" .. text .. "</a>")
  return root and result
end

describe("XML of STS", function()
  it("is read into tables and strings", function()
    local root, result = xml.parse [[
<?xml version="1.0" encoding="UTF-8"?>
<R xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Empty/><Also></Also>
  <Inner a='1' b = "2"><Text> a &lt;b&gt; </Text></Inner >
</R>
]]
    assert.equal("R", root)
    assert.same({ Empty = "", Also = "", Inner = { Text = " a <b> " } }, result)
  end)

  it("has its entities decoded", function()
    assert.equal("&<>\"'", content "&amp;&lt;&gt;&quot;&apos;")
    assert.equal("A+\195\169\226\130\172\240\159\152\128\n",
      content "&#65;&#x2B;&#233;&#x20ac;&#128512;&#10;")
    assert.equal("&lt;", content "&amp;lt;")
    assert.equal("\194\128\223\191\224\160\128\239\191\189\240\144\128\128",
      content "&#x80;&#x7ff;&#x800;&#xfffd;&#x10000;")
  end)

  it("is refused with entities that it does not have", function()
    for _, text in ipairs { "&nbsp;", "&", "&amp", "&;", "&#0;", "&#8;", "&#xD800;", "&#x110000;",
      "&#xFFFF;", "&#x;", "&#;", "&#9999999999;", "&a&amp;", "a\1b", "a\0b" } do
      assert.is_falsy(content(text), text)
    end
  end)

  it("is refused when it is anything but elements and text", function()
    for _, text in ipairs {
      "", " ", "a", "<a>", "</a>", "<a></b>", "<a><b></a></b>", "<a/><b/>", "<a/>x", "<a", "<a b>",
      "<a b=1/>", "<a b='<'/>", "<a b='&x;'/>", "<1/>", "<a>x<b/></a>", "<a><b/>x</a>",
      "<a><b/><b/></a>", "<a><!-- --></a>", "<!-- --><a/>", "<a><![CDATA[x]]></a>",
      "<!DOCTYPE a><a/>", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "<a><?php?></a>",
      "<?xml?><a/>", "<?xml a\0b?><a/>", " <?xml version='1.0'?><a/>", "\239\187\191<a/>",
      "<a/>\0", "< a/>", "{}",
    } do
      assert.is_nil((xml.parse(text)), text)
    end
  end)

  it("is refused when it is nested too deep, at little cost", function()
    assert.truthy(xml.parse(("<a>"):rep(16) .. ("</a>"):rep(16)))
    assert.is_nil((xml.parse(("<a>"):rep(17) .. ("</a>"):rep(17))))
    assert.is_nil((xml.parse(("<a>"):rep(100000))))
    assert.is_nil((xml.parse("<a>" .. ("&"):rep(100000) .. "</a>")))
  end)
end)
