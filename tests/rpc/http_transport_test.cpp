#include "rpc/http_transport.hpp"

#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "rpc/endpoint.hpp"
#include "tests/rpc/scripted_server.hpp"

using namespace std::chrono_literals;
using namespace wsbench::rpc;
using wsbench::test::http_answer;
using wsbench::test::ScriptedServer;
using Then = ScriptedServer::Reply::Then;

namespace {

constexpr auto kPatience = 10s;

std::unique_ptr<Transport> transport_to(const ScriptedServer& server, TransportOptions options = {},
                                        std::string user = "", std::string password = "") {
  Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = server.port();
  endpoint.user = std::move(user);
  endpoint.password = std::move(password);
  return make_http_transport(endpoint, options);
}

}  // namespace

TEST_CASE("requests share one connection and go out as supervisord wants them") {
  ScriptedServer server({{http_answer(200, "one")}, {http_answer(200, "two")}});
  const auto transport = transport_to(server, {}, "user", "p:w");
  const std::string large(100'000, 'x');
  CHECK(transport->post("<a/>", kPatience) == "one");
  CHECK(transport->post(large, kPatience) == "two");
  CHECK(server.connections() == 1);

  const auto requests = server.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].substr(0, 21) == "POST /RPC2 HTTP/1.1\r\n");
  CHECK(requests[0].find("Content-Type: text/xml\r\n") != std::string::npos);
  CHECK(requests[0].find("Authorization: Basic dXNlcjpwOnc=\r\n") != std::string::npos);
  CHECK(requests[0].substr(requests[0].size() - 8) == "\r\n\r\n<a/>");
  CHECK(requests[1].find("Expect") == std::string::npos);
  CHECK(requests[1].substr(requests[1].size() - large.size()) == large);
}

TEST_CASE("a proxy in the environment is not used") {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ScriptedServer server({{http_answer(200, "direct")}});
  const auto answer = transport_to(server)->post("<a/>", kPatience);
  ::unsetenv("http_proxy");
  CHECK(answer == "direct");
}

TEST_CASE("a connection closed while idle is replaced") {
  ScriptedServer server({{http_answer(200, "one"), Then::close}, {http_answer(200, "two")}});
  const auto transport = transport_to(server);
  REQUIRE(transport->post("<a/>", kPatience) == "one");
  REQUIRE(server.wait_until_closed(1));
  CHECK(transport->post("<b/>", kPatience) == "two");
  CHECK(server.requests().size() == 2);
}

TEST_CASE("a request that may have been acted on is not sent twice") {
  ScriptedServer server({{http_answer(200, "one")}, {"", Then::close}, {http_answer(200, "again")}});
  const auto transport = transport_to(server);
  REQUIRE(transport->post("<a/>", kPatience) == "one");
  const auto lost = transport->post("<start/>", kPatience);
  REQUIRE_FALSE(lost);
  CHECK(lost.error().kind == Error::Kind::http);
  CHECK(lost.error().message.find("the connection was closed without an answer") != std::string::npos);
  CHECK(server.requests().size() == 2);
  CHECK(transport->post("<next/>", kPatience) == "again");
}

TEST_CASE("HTTP statuses become errors of their kind") {
  const auto [status, kind] = GENERATE(table<int, Error::Kind>({{401, Error::Kind::unauthorized},
                                                                {400, Error::Kind::http},
                                                                {500, Error::Kind::http},
                                                                {204, Error::Kind::http}}));
  ScriptedServer server({{http_answer(status, status == 204 ? "" : "<html/>")}});
  const auto answer = transport_to(server, {}, "me", "hidden")->post("<a/>", kPatience);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == kind);
  CHECK(answer.error().status == status);
  CHECK(answer.error().message.find("hidden") == std::string::npos);
}

TEST_CASE("a redirect is not followed") {
  ScriptedServer server({{"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"}});
  const auto answer = transport_to(server)->post("<a/>", kPatience);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().status == 302);
  CHECK(server.requests().size() == 1);
}

TEST_CASE("an answer that is announced or grows too large is broken off") {
  TransportOptions options;
  options.max_answer_bytes = 1000;
  const std::string body(1001, 'x');
  const std::string bytes = GENERATE_COPY(http_answer(200, body), "HTTP/1.1 200 OK\r\n\r\n" + body);
  ScriptedServer server({{bytes, Then::stall}});
  const auto answer = transport_to(server, options)->post("<a/>", kPatience);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == Error::Kind::too_large);
}

TEST_CASE("an answer of a gigabyte is refused before it comes") {
  ScriptedServer server({{"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n<", Then::stall}});
  const auto answer = transport_to(server)->post("<a/>", kPatience);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == Error::Kind::too_large);
}

TEST_CASE("a head without end is broken off") {
  std::string head = "HTTP/1.1 200 OK\r\n";
  while (head.size() < 2'000'000) head += "X-Filler: " + std::string(1000, 'x') + "\r\n";
  ScriptedServer server({{head, Then::stall}});
  const auto answer = transport_to(server)->post("<a/>", kPatience);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == Error::Kind::http);
}

TEST_CASE("an answer of just the largest size is taken") {
  TransportOptions options;
  options.max_answer_bytes = 1000;
  ScriptedServer server({{http_answer(200, std::string(1000, 'x'))}});
  CHECK(transport_to(server, options)->post("<a/>", kPatience) == std::string(1000, 'x'));
}

TEST_CASE("an answer that does not come, or not whole, ends with the deadline") {
  const std::string bytes = GENERATE("", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  ScriptedServer server({{bytes, Then::stall}});
  const auto transport = transport_to(server);
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = transport->post("<a/>", 100ms);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == Error::Kind::timeout);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("an answer cut short or of another protocol is an HTTP error") {
  const std::string bytes =
      GENERATE("", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "SSH-2.0-OpenSSH\r\n");
  ScriptedServer server({{bytes, Then::close}});
  const auto answer = transport_to(server)->post("<a/>", kPatience);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == Error::Kind::http);
  CHECK(server.requests().size() == 1);
}

TEST_CASE("nobody listening is unreachable") {
  Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  {
    const ScriptedServer gone({});
    endpoint.port = gone.port();
  }
  SECTION("on a port") {}
  SECTION("on a unix socket") {
    endpoint.unix_socket = "/nonexistent/wsbench.sock";
  }
  const auto answer = make_http_transport(endpoint)->post("<a/>", kPatience);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == Error::Kind::unreachable);
  const bool is_unix = !endpoint.unix_socket.empty();
  CHECK(answer.error().message ==
        endpoint.display() + ": " + (is_unix ? "No such file or directory" : "Connection refused"));
}
