#include "rpc/endpoint.hpp"

#include <string>

#include <catch2/catch.hpp>

using wsbench::rpc::parse_endpoint;

TEST_CASE("an address over TCP is taken apart") {
  struct Case {
    std::string url, host;
    int port;
    std::string user, password, shown;
  };
  const Case expected = GENERATE(values<Case>({
      {"http://localhost", "localhost", 9001, "", "", "http://localhost:9001"},
      {"http://bench-1.lan:9101/", "bench-1.lan", 9101, "", "", "http://bench-1.lan:9101"},
      {"http://h:1/RPC2", "h", 1, "", "", "http://h:1"},
      {"127.0.0.1:9001", "127.0.0.1", 9001, "", "", "http://127.0.0.1:9001"},
      {"localhost", "localhost", 9001, "", "", "http://localhost:9001"},
      {"http://u:p@h:2", "h", 2, "u", "p", "http://h:2"},
      {"u:p@h", "h", 9001, "u", "p", "http://h:9001"},
      {"http://u%20x:p%40%2f%3A@h", "h", 9001, "u x", "p@/:", "http://h:9001"},
      {"http://u:a:b%40c@h", "h", 9001, "u", "a:b@c", "http://h:9001"},
      {"http://u:@h", "h", 9001, "u", "", "http://h:9001"},
      {"http://[::1]:9001", "::1", 9001, "", "", "http://[::1]:9001"},
      {"[fe80::1]", "fe80::1", 9001, "", "", "http://[fe80::1]:9001"},
      {"[fe80::1%25eth0]:1", "fe80::1%eth0", 1, "", "", "http://[fe80::1%eth0]:1"},
      {"HTTP://h:", "h", 9001, "", "", "http://h:9001"},
  }));
  const auto endpoint = parse_endpoint(expected.url);
  REQUIRE(endpoint);
  CHECK(endpoint->host == expected.host);
  CHECK(endpoint->port == expected.port);
  CHECK(endpoint->user == expected.user);
  CHECK(endpoint->password == expected.password);
  CHECK(endpoint->unix_socket.empty());
  CHECK(endpoint->display() == expected.shown);
}

TEST_CASE("an address over a unix socket is taken apart") {
  const auto plain = parse_endpoint("unix:///run/super@visor.sock");
  REQUIRE(plain);
  CHECK(plain->unix_socket == "/run/super@visor.sock");
  CHECK(plain->user.empty());
  CHECK(plain->display() == "unix:///run/super@visor.sock");

  const auto with_user = parse_endpoint("unix://me:s%2Fcret@/run/s.sock");
  REQUIRE(with_user);
  CHECK(with_user->unix_socket == "/run/s.sock");
  CHECK(with_user->user == "me");
  CHECK(with_user->password == "s/cret");
  CHECK(with_user->display() == "unix:///run/s.sock");
}

TEST_CASE("an address that is wrong is refused in one line, without its password") {
  const std::string url =
      GENERATE(as<std::string>{}, "", "http://", "http://:9001", "https://h", "ftp://h", "/run/s.sock",
               "unix://", "unix://run/s.sock", "unix:run", "http://h:0", "http://h:65536", "http://h:-1",
               "http://h:9x", "http://::1:9001", "http://[::1", "http://[::1]9001", "http://[]:1",
               "http://[secret]", "http://h/other", "http://h?x", "http://h#x", "http://user@h",
               "http://:secret@h", "http://u:secret%0a@h", "http://u:a@secret@h", "http://u:sec/secret@h",
               "http://u:secret?x@h", "http://a%3Ab:secret@h", "http://h h", "http://h\nx",
               "http://u:secret@", "unix://u:secret@run", "unix:///" + std::string(200, 'x'));
  CAPTURE(url);
  const auto endpoint = parse_endpoint(url);
  REQUIRE_FALSE(endpoint);
  CHECK_FALSE(endpoint.error().empty());
  CHECK(endpoint.error().find('\n') == std::string::npos);
  CHECK(endpoint.error().find("secret") == std::string::npos);
}
