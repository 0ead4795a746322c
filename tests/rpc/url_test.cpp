#include "rpc/url.hpp"

#include <string>

#include <catch2/catch.hpp>

using wsbench::rpc::parse_url;
using wsbench::rpc::percent_encoded;

TEST_CASE("a URL is taken apart and decoded") {
  const auto url = parse_url("clickhouse://b%20c:p%40ss%2F@[fe80::1%25eth0]:9123/d.t?x=1#y");
  REQUIRE(url);
  CHECK(url->scheme == "clickhouse");
  CHECK(url->user == "b c");
  CHECK(url->password == "p@ss/");
  CHECK(url->host == "[fe80::1%eth0]");
  CHECK(url->port == 9123);
  CHECK(url->path == "/d.t");
  CHECK(url->query == "x=1");
  CHECK(url->fragment == "y");
}

TEST_CASE("what a URL lacks is told from what is empty") {
  const auto bare = parse_url("http://host");
  REQUIRE(bare);
  CHECK_FALSE(bare->user);
  CHECK_FALSE(bare->password);
  CHECK_FALSE(bare->port);
  CHECK(bare->path == "/");
  const auto with_user = parse_url("http://:@host");
  REQUIRE(with_user);
  CHECK(with_user->user == "");
  CHECK(with_user->password == "");
}

TEST_CASE("what is no URL is refused in one line that quotes nothing of it") {
  const std::string text =
      GENERATE("", "http://", "http://u:secret@", "http://u:secret@h:0", "http://secret:70000",
               "http://[secret]", "http://u:secret%00@h", "http://secret host/");
  CAPTURE(text);
  const auto url = parse_url(text);
  REQUIRE_FALSE(url);
  CHECK_FALSE(url.error().empty());
  CHECK(url.error().find("secret") == std::string::npos);
  CHECK(url.error().find('\n') == std::string::npos);
}

TEST_CASE("bytes that a URL cannot hold are encoded") {
  CHECK(percent_encoded("").empty());
  CHECK(percent_encoded("az-09._~") == "az-09._~");
  CHECK(percent_encoded("a b&c=\xC3\xA9/%") == "a%20b%26c%3D%C3%A9%2F%25");
}
