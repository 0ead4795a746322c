#include "rpc/xml_text.hpp"

#include <catch2/catch.hpp>

using namespace std::string_literals;
using wsbench::rpc::DocumentLimits;
using wsbench::rpc::normalise_document;
using wsbench::rpc::printable;

TEST_CASE("bytes that XML forbids are replaced by as many bytes") {
  const auto [raw, replaced] = GENERATE(table<std::string, std::string>({
      {"plain\ttext\n", "plain\ttext\n"},
      {"\x1b[31mred"s, "?[31mred"},
      {"a\0b"s, "a?b"},
      {"\xEF\xBF\xBE|\xEF\xBF\xBF", "\xEF\xBF\xBD|\xEF\xBF\xBD"},  // U+FFFE, U+FFFF
      {"\xED\xA0\x80", "\xEF\xBF\xBD"},                            // a surrogate
      {"caf\xE9!", "caf?!"},                                       // Latin-1
      {"\xC0\xAF", "??"},                                          // an overlong slash
      {"\xF4\x90\x80\x80", "????"},                                // beyond U+10FFFF
      {"cut \xE2\x82", "cut ??"},
      {"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x90\x81", "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x90\x81"},
  }));
  CHECK(printable(raw) == replaced);
  CHECK(printable(raw).size() == raw.size());
}

TEST_CASE("a document is rewritten into what tinyxml2 reads to the letter") {
  const auto [raw, rewritten] = GENERATE(table<std::string, std::string>({
      {"<a>x</a>", "<a>x</a>"},
      {"\xEF\xBB\xBF<?xml version='1.0' encoding=\"UTF-8\"?><a/>", "<a/>"},
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
      {"<a>\n</b>", "line 2: </b> where </a> is due"},
      {"</a>", "line 1: </a> closes nothing"},
      {"<a>\n<b>", "line 2: the document ends inside <b>"},
      {"<a", "line 1: the document ends inside a tag"},
      {"<a <b></a>", "line 1: the document ends inside a tag"},
      {"<>x</>", "line 1: a tag without a name"},
      {"<a>1 & 2</a>", "line 1: an '&' that begins no reference known to XML"},
      {"<a>&nbsp;</a>", "line 1: an '&' that begins no reference known to XML"},
      {"<a>&#x110000;</a>", "line 1: an '&' that begins no reference known to XML"},
      {"<a>&#-5;</a>", "line 1: an '&' that begins no reference known to XML"},
      {"<a><!-- ", "line 1: <!-- without its -->"},
      {"<a><![CDATA[ ]]", "line 1: <![CDATA[ without its ]]>"},
      {"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "line 1: a document type is not allowed"},
      {"<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
       "line 1: the encoding \"iso-8859-1\", where only UTF-8 is read"},
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
  DocumentLimits limits;
  limits.max_bytes = 100;
  limits.max_elements = 6;
  limits.max_depth = 3;
  CHECK(normalise_document("<a><b><c></c></b></a>", limits));
  CHECK_FALSE(normalise_document("<a><b><c></c><c/></b></a>", limits));
  CHECK_FALSE(normalise_document("<a><b><c><d>", limits));
  CHECK_FALSE(normalise_document("<a>" + std::string(100, 'x') + "</a>", limits));
}
