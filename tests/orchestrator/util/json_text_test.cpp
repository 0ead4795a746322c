#include "orchestrator/util/json_text.hpp"

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

using wsbench::util::parse_json_source;

namespace {

std::string complaint(std::string_view text) {
  const auto source = parse_json_source(text);
  if (source) return "(valid)";
  return std::to_string(source.error().line) + ":" + std::to_string(source.error().column) + ": " +
         source.error().message;
}

}  // namespace

TEST_CASE("broken JSON is explained where and as it was broken") {
  CHECK(complaint("") == "1:1: the document is empty");
  CHECK(complaint(" \n\n") == "3:1: the document is empty");
  CHECK(complaint("{\"a\": 1\n \"b\": 2}") == "2:2: a comma is missing before this");
  CHECK(complaint("{\"a\": [1\n 2]}") == "2:2: a comma is missing before this");
  CHECK(complaint("{\"a\": 1,\n}") == "1:8: the comma before the closing \"}\" must go");
  CHECK(complaint("{\"a\": [1, 2 , ]}") == "1:13: the comma before the closing \"]\" must go");
  CHECK(complaint("{\"a\": 1,, \"b\": 2}") == "1:9: there is one comma too many");
  CHECK(complaint("{\"a\" 1}") == "1:6: a colon is missing between this and the key before it");
  CHECK(complaint("{\"a\": }") == "1:7: a value is missing here");
  CHECK(complaint("{a: 1}") == "1:2: the key a must stand in double quotes");
  CHECK(complaint("{'a': 1}") == "1:2: text stands in double quotes, not single ones");
  CHECK(complaint("{\"a\": 'x'}") == "1:7: text stands in double quotes, not single ones");
  CHECK(complaint("{\"a\": 1: 2}") == "1:8: a colon belongs between a key and its value, not here");
  CHECK(complaint("{\"a\": @}") == "1:7: \"@\" cannot stand here");
  CHECK(complaint("{\"a\": \xE2\x80\x9Cx\xE2\x80\x9D}") ==
        "1:7: this character cannot stand here (not ASCII, or not printable)");
  CHECK(complaint("{} {}") == "1:4: there is more text after the end of the document");
}

TEST_CASE("brackets that are not closed name the line where they were opened") {
  CHECK(complaint("{\n  \"a\": 1\n") == "3:1: the document ends before the \"{\" of line 1 is closed");
  CHECK(complaint("{\n  \"a\": [\n 1,") == "3:4: the document ends before the \"[\" of line 2 is closed");
  CHECK(complaint("{\n  \"a\": [1\n}") == "3:1: \"}\" cannot close the \"[\" of line 2");
  CHECK(complaint("{\n  \"a\": {},\n  \"b\"") ==
        "3:6: the document ends before the \"{\" of line 1 is closed");
}

TEST_CASE("comments and bare words are told from other faults") {
  CHECK(complaint("{\"a\": 1 // the first\n}") == "1:9: JSON has no comments");
  CHECK(complaint("{\n# note\n\"a\": 1}") == "2:1: JSON has no comments");
  CHECK(complaint("/* x */ {}") == "1:1: JSON has no comments");
  CHECK(complaint("{\"a\": 1} // end") == "1:10: JSON has no comments");
  CHECK(
      complaint("{\"a\": True}") ==
      "1:7: the word True is no JSON value: text stands in double quotes, and the only bare words are true, "
      "false and null");
}

TEST_CASE("numbers that JSON does not have are explained") {
  CHECK(complaint("{\"a\": 010}") == "1:8: a number must not begin with 0");
  CHECK(complaint("{\"a\": -01}") == "1:9: a number must not begin with 0");
  CHECK(complaint("{\"a\": 00}") == "1:8: a number must not begin with 0");
  CHECK(complaint("{\"a\": +1}") == "1:7: a number must not begin with +");
  CHECK(complaint("{\"a\": .5}") == "1:7: a number begins with a digit: write 0.5");
  CHECK(complaint("{\"a\": 5.}") == "1:7: the number 5. lacks digits");
  CHECK(complaint("{\"a\": 1e999}") == "1:7: the number 1e999 is too large to be read");
  CHECK(complaint("{\"a\": -}") == "1:7: this is no number: a digit is missing");
  CHECK(complaint("[100\n200]") == "2:1: a comma is missing before this");
  CHECK(complaint("[0\n0]") == "2:1: a comma is missing before this");
}

TEST_CASE("faults inside texts are explained") {
  CHECK(complaint("{\"a\": \"x\n}") == "1:7: this text is not closed: its second double quote is missing");
  CHECK(complaint("{\"a\": \"x}") == "1:7: this text is not closed: its second double quote is missing");
  CHECK(complaint("{\"a\": \"x\ty\"}") == "1:9: a tab in a text is written \\t");
  CHECK(complaint("{\"a\": \"C:\\path\"}") == "1:10: a backslash in a text is written \\\\");
  CHECK(complaint("{\"a\": \"\\u12\"}") == "1:7: this text has a broken \\u escape, or is not UTF-8");
  CHECK(complaint("{\"a\": \"\xFF\"}") == "1:7: this text has a broken \\u escape, or is not UTF-8");
}

TEST_CASE("columns count characters and skip a byte order mark") {
  CHECK(complaint("{\"\xC3\xA9\": x}") == complaint("{\"e\": x}"));
  CHECK(complaint("\xEF\xBB\xBF{\"e\": x}") == complaint("{\"e\": x}"));
  CHECK(complaint("\xEF\xBB\xBF").substr(0, 21) == "1:1: the document is ");
}

TEST_CASE("lines are known of keys and elements, nested ones and escaped ones too") {
  const auto source = parse_json_source(
      "{\r\n"
      "\t\"a\": 1,\r\n"
      "\t\"b/c~d\": {\r\n"
      "\t\t\"in\\u006eer\":\r\n"
      "\t\t\t2\r\n"
      "\t},\r\n"
      "\t\"list\": [10,\r\n"
      "\t\t20\r\n"
      "\t,\r\n"
      "\t\t{\"x\": null}, [\r\n"
      "\t\ttrue]]\r\n"
      "}\r\n");
  REQUIRE(source);
  CHECK(source->line_of("") == 1);
  CHECK(source->line_of("/a") == 2);
  CHECK(source->line_of("/b~1c~0d") == 3);
  CHECK(source->line_of("/b~1c~0d/inner") == 4);
  CHECK(source->line_of("/list") == 7);
  CHECK(source->line_of("/list/0") == 7);
  CHECK(source->line_of("/list/1") == 8);
  CHECK(source->line_of("/list/2") == 10);
  CHECK(source->line_of("/list/2/x") == 10);
  CHECK(source->line_of("/list/3/0") == 11);
  CHECK(source->line_of("/list/9/nowhere") == 7);
  CHECK(source->line_of("/nowhere") == 1);
  CHECK(source->document["list"][1] == 20);
}

TEST_CASE("a key that an object has twice is found, but not the same key in two objects") {
  const auto source = parse_json_source("{\"a\": {\"x\": 1},\n\"b\": {\"x\": 1},\n\"a\": {\"x\": 1}}");
  REQUIRE(source);
  REQUIRE(source->duplicates.size() == 1);
  CHECK(source->duplicates[0].pointer == "/a");
  CHECK(source->duplicates[0].first_line == 1);
  CHECK(source->duplicates[0].line == 3);
}

TEST_CASE("texts that are too long or nested too deeply are refused at little cost") {
  CHECK(complaint(std::string(1'000'000, '[')) == "1:17: objects and arrays are nested more than 16 deep");
  CHECK(complaint(std::string((1U << 20U) + 1, ' ')) == "1:1: the document is larger than 1 MiB");
  CHECK(complaint(std::string(16, '[') + std::string(16, ']')) == "(valid)");
}

TEST_CASE("limits are told with their place, and told from faults of the text") {
  using wsbench::util::parse_json;
  CHECK(parse_json("[1, [2]]", {1U << 20U, 2, 4, 10}).has_value());
  const auto told = [](std::string_view text, wsbench::util::JsonLimits limits) {
    const auto error = parse_json(text, limits).error();
    CHECK(error.exceeds_limit);
    return error.display();
  };
  CHECK(told("[1, [2]]", {1U << 20U, 1, 9, 10}) ==
        "line 1, column 5: objects and arrays are nested more than 1 deep");
  CHECK(told("[1,\n2, 3]", {1U << 20U, 9, 3, 10}) == "line 2, column 5: there are more than 3 values");
  CHECK(told(R"({"abc": 1})", {1U << 20U, 9, 9, 2}) == "line 1, column 6: a key is longer than 2 bytes");
  CHECK_FALSE(parse_json("[1").error().exceeds_limit);
}

TEST_CASE("brackets in texts are not nesting") {
  const std::string deep(100'000, '[');
  CHECK(wsbench::util::parse_json("[\"\\\"" + deep + "\"]").has_value());
}

TEST_CASE("an excerpt cuts no character and stays on its line") {
  using wsbench::util::excerpt;
  CHECK(excerpt("short") == "short");
  CHECK(excerpt("a\nb\x7F") == "a\\u000ab\\u007f");
  CHECK(excerpt("12345", 4) == "1234...");
  CHECK(excerpt("123\xC3\xA9", 4) == "123...");
  CHECK(excerpt("123\xC3\xA9", 5) == "123\xC3\xA9");
}
