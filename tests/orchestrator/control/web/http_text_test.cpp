#include "orchestrator/control/web/http_text.hpp"

#include <string>

#include <catch2/catch.hpp>

namespace wsbench::control::web {

TEST_CASE("A path's escapes become bytes, once") {
  CHECK(percent_decoded("/a%20b%2Fc%2fd") == "/a b/c/d");
  CHECK(percent_decoded("%2525") == "%25");
  CHECK(percent_decoded("%e2%82%ac") == "\xE2\x82\xAC");
  CHECK(percent_decoded("+") == "+");
  CHECK(percent_decoded("") == "");
}

TEST_CASE("An escape that is none, and a NUL, are refused") {
  for (const char* text : {"%", "%2", "%2g", "%g2", "a%", "%%20", "%00", "a%00b"}) {
    CAPTURE(text);
    CHECK_FALSE(percent_decoded(text));
  }
  CHECK_FALSE(percent_decoded(std::string_view("a\0b", 3)));
}

TEST_CASE("A head has a date in GMT and a phrase behind every status") {
  Response response;
  response.status = 299;
  const std::string head = response_head(response, Framing::length, 7, 1795392000);
  CHECK(head.find("HTTP/1.1 299 Status\r\n") == 0);
  CHECK(head.find("\r\nDate: Mon, 23 Nov 2026 00:00:00 GMT\r\n") != std::string::npos);
  CHECK(head.find("\r\nContent-Length: 7\r\n") != std::string::npos);
  CHECK(head.substr(head.size() - 4) == "\r\n\r\n");
}

TEST_CASE("A chunk's size is in hexadecimal digits") {
  CHECK(chunk_head(3) == "3\r\n");
  CHECK(chunk_head(255) == "ff\r\n");
}

}  // namespace wsbench::control::web
