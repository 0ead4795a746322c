#include "orchestrator/control/web/listen_address.hpp"

#include <string>

#include <catch2/catch.hpp>

namespace wsbench::control::web {

TEST_CASE("An address to listen on may be written with or without its parts") {
  const auto [text, address, port] = GENERATE(table<std::string, std::string, int>({
      {"127.0.0.1:9002", "127.0.0.1", 9002},
      {"10.0.0.2", "10.0.0.2", 9002},
      {"localhost:80", "127.0.0.1", 80},
      {"9100", "127.0.0.1", 9100},
      {"0", "127.0.0.1", 0},
      {":9100", "0.0.0.0", 9100},
      {"*:9100", "0.0.0.0", 9100},
      {"[::1]:9100", "::1", 9100},
      {"[::]", "::", 9002},
  }));
  CAPTURE(text);
  const auto listen = parse_listen(text);
  REQUIRE(listen);
  CHECK(listen->address == address);
  CHECK(listen->port == port);
}

TEST_CASE("What is no address to listen on is refused in a line that says why") {
  const auto [text, why] = GENERATE(table<std::string, std::string>({
      {"", "is empty"},
      {"bench.example.org:9002", "is no address to listen on"},
      {"127.0.0.1:", "is no port"},
      {"127.0.0.1:http", "is no port"},
      {"127.0.0.1:65536", "is no port"},
      {"127.0.0.1:-1", "is no port"},
      {"127.0.0.1:1:2", "is no port"},
      {"::1", "stands in brackets"},
      {"[::1", "lacks its ']'"},
      {"[::1]9002", "nothing else"},
      {"[127.0.0.1]:9002", "is no IPv6 address"},
      {"99999", "is no port"},
  }));
  CAPTURE(text);
  const auto listen = parse_listen(text);
  REQUIRE_FALSE(listen);
  CHECK(listen.error().find(why) != std::string::npos);
  CHECK(listen.error().find('\n') == std::string::npos);
}

TEST_CASE("An address is shown as it can be read again") {
  for (const char* text : {"127.0.0.1:9002", "[::1]:9100"}) CHECK(display(*parse_listen(text)) == text);
}

TEST_CASE("Loopback is 127.0.0.0/8 and ::1") {
  for (const char* address : {"127.0.0.1", "127.3.2.1", "::1", "0:0:0:0:0:0:0:1"})
    CHECK(is_loopback(address));
  for (const char* address : {"0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "localhost", ""}) {
    CHECK_FALSE(is_loopback(address));
  }
}

TEST_CASE("Without a password only loopback is listened on") {
  CHECK(check_listen("127.0.0.1", false));
  CHECK(check_listen("::1", false));
  CHECK(check_listen("0.0.0.0", true));
  const auto refused = check_listen("0.0.0.0", false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().find("Set a user and a password, or listen on 127.0.0.1") != std::string::npos);
  CHECK_FALSE(check_listen("::", false));
}

}  // namespace wsbench::control::web
