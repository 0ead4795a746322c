#include "rpc/xml_text.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace std::string_literals;
using wsbench::rpc::excerpt;
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

TEST_CASE("an excerpt is cut between characters") {
  const std::string text =
      "ab\xE2\x82\xAC"
      "cd";
  CHECK(excerpt(text, 7) == text);
  CHECK(excerpt(text, 5) == "ab\xE2\x82\xAC...");
  CHECK(excerpt(text, 4) == "ab...");
  CHECK(excerpt(text, 3) == "ab...");
  CHECK(excerpt("a\r\n\tb\x1b", 9) == "a   b?");
  CHECK(excerpt("\x80\x80\x80\x80\x80\x80", 5) == "??...");
}
