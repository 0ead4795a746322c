#include "orchestrator/control/web/access.hpp"

#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "rpc/base64.hpp"

namespace wsbench::control::web {

namespace {

Access access_of(const AccessSettings& settings) {
  auto access = Access::make(settings);
  REQUIRE(access);
  return *access;
}

AccessSettings with_login(const std::string& password, const std::string& address = "10.0.0.2") {
  AccessSettings settings;
  settings.listen_address = address;
  settings.user = "bench";
  settings.password = password;
  return settings;
}

Request asking(const std::string& method, const std::string& path, Headers headers = {}) {
  Request request;
  request.method = method;
  request.path = path;
  request.headers = std::move(headers);
  return request;
}

std::pair<std::string, std::string> basic(const std::string& login) {
  return {"authorization", "Basic " + rpc::encode_base64(login)};
}

/// 0: it may pass.
int status(const Access& access, const Request& request) {
  const auto refused = access.refuse(request);
  return refused ? refused->status : 0;
}

}  // namespace

TEST_CASE("With a password set, everything but /healthz wants it") {
  // SHA-1 of "s3cret:x"
  const std::string password =
      GENERATE(std::string("s3cret:x"), std::string("{SHA}14423aacd9dbed7bcfe72372927499bc1cb21db4"),
               std::string("{SHA}14423AACD9DBED7BCFE72372927499BC1CB21DB4"));
  const Access access = access_of(with_login(password));
  for (const char* path : {"/", "/ws", "/RPC2", "/api/status", "/metrics", "/healthz/x"}) {
    CAPTURE(path);
    CHECK(status(access, asking("GET", path)) == 401);
    CHECK(status(access, asking("GET", path, {basic("bench:s3cret:x")})) == 0);
  }
  CHECK(status(access, asking("GET", "/healthz")) == 0);
  CHECK(status(access, asking("POST", "/healthz")) == 401);
  for (const char* wrong : {"bench:s3cret", "bench:", "bench", "", ":s3cret:x", "Bench:s3cret:x",
                            "bench:s3cret:x ", "bench:{SHA}14423aacd9dbed7bcfe72372927499bc1cb21db4"}) {
    CAPTURE(wrong);
    CHECK(status(access, asking("GET", "/", {basic(wrong)})) == 401);
  }
}

TEST_CASE("A refused login says how to log in, and a wrong one says so slowly") {
  const Access access = access_of(with_login("secret"));
  const auto without = access.refuse(asking("GET", "/"));
  REQUIRE(without);
  CHECK(without->headers == Headers{{"WWW-Authenticate", "Basic realm=\"default\""}});
  CHECK(without->after.count() == 0);
  const auto wrong = access.refuse(asking("GET", "/", {basic("bench:guess")}));
  REQUIRE(wrong);
  CHECK(wrong->headers == without->headers);
  CHECK(wrong->after.count() == 1000);
}

TEST_CASE("The scheme's name is read in any case, and what cannot be read is refused") {
  const Access access = access_of(with_login("secret"));
  const std::string login = rpc::encode_base64("bench:secret");
  CHECK(status(access, asking("GET", "/", {{"authorization", "bAsIc " + login}})) == 0);
  CHECK(status(access, asking("GET", "/", {{"authorization", "Bearer " + login}})) == 401);
  CHECK(status(access, asking("GET", "/", {{"authorization", "Basic"}})) == 400);
  CHECK(status(access, asking("GET", "/", {{"authorization", "Basic $$$"}})) == 400);
}

TEST_CASE("Half a login and a digest that is none are found before the server starts") {
  const auto [user, password, why] = GENERATE(table<std::string, std::string, std::string>({
      {"", "secret", "a password without a user"},
      {"bench", "", "a user without a password"},
      {"a:b", "secret", "':'"},
      {"bench", "{SHA}", "40 hexadecimal digits"},
      {"bench", "{SHA}c1e50a24", "40 hexadecimal digits"},
      {"bench", "{SHA}g1e50a24b1ff7ab0ba1b3bfac6bd2ecd40d82c2a", "40 hexadecimal digits"},
  }));
  AccessSettings settings;
  settings.user = user;
  settings.password = password;
  const auto access = Access::make(settings);
  REQUIRE_FALSE(access);
  CHECK(access.error().find(why) != std::string::npos);
  CHECK(access.error().find("secret") == std::string::npos);
}

TEST_CASE("On loopback without a login, only loopback's names are answered to") {
  const Access access = access_of({});
  for (const char* host :
       {"localhost", "LOCALHOST:9002", "127.0.0.1", "127.0.0.1:9002", "[::1]", "[::1]:9002"}) {
    CAPTURE(host);
    CHECK(status(access, asking("GET", "/", {{"host", host}})) == 0);
  }
  for (const char* host : {"rebound.example", "rebound.example:9002", "localhost.rebound.example",
                           "127.0.0.1.rebound.example:9002", "", "[::2]:9002"}) {
    CAPTURE(host);
    CHECK(status(access, asking("GET", "/", {{"host", host}})) == 403);
    CHECK(status(access, asking("GET", "/healthz", {{"host", host}})) == 0);
  }
  CHECK(status(access, asking("GET", "/")) == 0);
}

TEST_CASE("The address that is listened on is a name of the server") {
  AccessSettings settings;
  settings.listen_address = "127.0.0.7";
  CHECK(status(access_of(settings), asking("GET", "/", {{"host", "127.0.0.7:9002"}})) == 0);
}

TEST_CASE("With a login the server may be called by any name") {
  const Access access = access_of(with_login("secret", "127.0.0.1"));
  CHECK(status(access, asking("GET", "/", {{"host", "bench.example"}, basic("bench:secret")})) == 0);
}

TEST_CASE("A browser's request comes from the server's own page or from one that is allowed") {
  AccessSettings settings;
  settings.origins = {"https://Bench.example"};
  const Access access = access_of(settings);
  const auto from = [&](const std::string& origin, const std::string& path) {
    return status(access, asking("GET", path, {{"host", "localhost:9002"}, {"origin", origin}}));
  };
  for (const char* path : {"/ws", "/api/status", "/"}) {
    CHECK(from("http://localhost:9002", path) == 0);
    CHECK(from("http://LOCALHOST:9002", path) == 0);
    CHECK(from("https://bench.example", path) == 0);
    for (const char* other :
         {"http://localhost", "http://localhost:9003", "http://127.0.0.1:9002", "null", "",
          "http://evil.example", "http://bench.example", "localhost:9002",
          "http://localhost:9002.evil.example", "http://evil.example/?http://localhost:9002"}) {
      CAPTURE(other);
      CHECK(from(other, path) == 403);
    }
  }
  CHECK(status(access, asking("GET", "/ws", {{"origin", "http://localhost"}})) == 403);
}

TEST_CASE("Another site's page can only be followed to the front page") {
  const Access access = access_of({});
  for (const char* site : {"cross-site", "same-site"}) {
    const Headers headers{
        {"host", "localhost"}, {"sec-fetch-site", site}, {"content-type", "application/json"}};
    CHECK(status(access, asking("GET", "/", headers)) == 0);
    CHECK(status(access, asking("GET", "/api/status", headers)) == 403);
    CHECK(status(access, asking("POST", "/", headers)) == 403);
    CHECK(status(access, asking("POST", "/api/suites", headers)) == 403);
  }
  for (const char* site : {"same-origin", "none"}) {
    CHECK(status(access, asking("GET", "/api/status", {{"host", "localhost"}, {"sec-fetch-site", site}})) ==
          0);
  }
}

TEST_CASE("What changes something comes as no form can send it") {
  const Access access = access_of({});
  const auto post = [&](const std::string& path, const std::string& type) {
    Headers headers{{"host", "localhost"}};
    if (!type.empty()) headers.emplace_back("content-type", type);
    return status(access, asking("POST", path, headers));
  };
  CHECK(post("/api/suites", "application/json") == 0);
  CHECK(post("/api/suites", "Application/JSON ; charset=utf-8") == 0);
  CHECK(post("/RPC2", "text/xml") == 0);
  CHECK(post("/RPC2", "application/xml") == 0);
  CHECK(post("/RPC2", "") == 0);
  CHECK(post("/api/suites", "") == 415);
  CHECK(post("/api/suites", "text/xml") == 415);
  for (const char* type : {"text/plain", "Text/Plain; charset=utf-8", "multipart/form-data; boundary=x",
                           "application/x-www-form-urlencoded"}) {
    CAPTURE(type);
    CHECK(post("/api/suites", type) == 415);
    CHECK(post("/RPC2", type) == 415);
    CHECK(post("/anything", type) == 415);
  }
}

}  // namespace wsbench::control::web
