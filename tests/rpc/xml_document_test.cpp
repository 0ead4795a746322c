#include "rpc/xml_document.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace std::string_literals;
using wsbench::rpc::DocumentOptions;
using wsbench::rpc::normalise_document;

TEST_CASE("a document is rewritten into what tinyxml2 reads to the letter") {
  const auto [raw, rewritten] = GENERATE(table<std::string, std::string>({
      {"<a>x</a>", "<a>x</a>"},
      {"\xEF\xBB\xBF<?xml version='1.0' encoding=\"UTF-8\"?><a/>", "<a/>"},
      {"<?xml version='1.0' encoding=\"ISO-8859-1\"?><a>caf\xE9 &#233;</a>", "<a>caf\xC3\xA9 \xC3\xA9</a>"},
      {"<?xml encoding='us-ascii'?><a/>", "<a/>"},
      {"<a>  x</a>", "<a>&#32; x</a>"},
      {"<a>\n</a>", "<a>&#10;</a>"},
      {"<a>x\ry</a>", "<a>x&#13;y</a>"},
      {"<a>\x1b&#0;&#x1b;&#xFFFE;</a>", "<a>???\xEF\xBF\xBD</a>"},
      {"<a>&#65;&#x42;&amp;&lt;&gt;&quot;&apos;</a>", "<a>AB&amp;&lt;&gt;\"'</a>"},
      {"<a><![CDATA[ <b> & ]]></a>", "<a>&#32;&lt;b&gt; &amp; </a>"},
      {"<a>x<!-- <b> & --> y</a>", "<a>x y</a>"},
      {"<a><?php echo '<b>' ?>x</a>", "<a>x</a>"},
      {"<a b='>'>x</a >", "<a b='>'>x</a >"},
  }));
  const auto result = normalise_document(raw);
  REQUIRE(result);
  CHECK(*result == rewritten);
}

TEST_CASE("a document that is not well-formed is refused with its line") {
  const auto [raw, message] = GENERATE(table<std::string, std::string>({
      {"<a>\n</b>", "line 2: expected </a>, found </b>"},
      {"</a>", "line 1: </a> closes nothing"},
      {"<a>\n<b>", "line 2: the document ends inside <b>"},
      {"<a", "line 1: the document ends inside a tag"},
      {"<a <b></a>", "line 1: the document ends inside a tag"},
      {"<>x</>", "line 1: a tag has no name"},
      {"<a>1 & 2</a>", "line 1: '&' must begin a reference that XML knows"},
      {"<a>&nbsp;</a>", "line 1: '&' must begin a reference that XML knows"},
      {"<a>&#x110000;</a>", "line 1: '&' must begin a reference that XML knows"},
      {"<a>&#-5;</a>", "line 1: '&' must begin a reference that XML knows"},
      {"<a><!-- ", "line 1: <!-- has no -->"},
      {"<a><![CDATA[ ]]", "line 1: <![CDATA[ has no ]]>"},
      {"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "line 1: a document type is not allowed"},
      {"<?xml version='1.0' encoding='UTF-16'?><a/>",
       "line 1: the encoding is \"utf-16\"; only UTF-8 and ISO-8859-1 are read"},
      {"<?xml encoding=utf-8?><a/>", "line 1: the encoding must stand in quotes"},
      {"<" + std::string(1000, 'x') + ">", "line 1: a tag has more than 1000 bytes"},
  }));
  const auto result = normalise_document(raw);
  REQUIRE_FALSE(result);
  CHECK(result.error() == message);
}

TEST_CASE("a control byte inside a tag is refused") {
  CHECK_FALSE(normalise_document("<a\0b></a\0b>"s));
  CHECK_FALSE(normalise_document("<a \x1b></a>"));
}

TEST_CASE("the size, number and depth of a document's elements are bounded") {
  const DocumentOptions limits{.max_bytes = 100, .max_elements = 6, .max_depth = 3};
  CHECK(normalise_document("<a><b><c></c></b></a>", limits));
  CHECK_FALSE(normalise_document("<a><b><c></c><c/></b></a>", limits));
  CHECK_FALSE(normalise_document("<a><b><c><d>", limits));
  CHECK_FALSE(normalise_document("<a>" + std::string(100, 'x') + "</a>", limits));
}
