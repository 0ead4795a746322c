#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "orchestrator/control/web/web_server.hpp"
#include "tests/orchestrator/control/web/raw_client.hpp"
#include "tests/orchestrator/control/web/scripted_handler.hpp"

namespace wsbench::control::web {

using namespace testing;
using namespace std::chrono_literals;

TEST_CASE("A request is answered with its exact length and with headers that keep browsers from guessing") {
  ScriptedHandler handler;
  const auto server = serve(handler);
  const std::string answer = answer_to(server->port(), post("/a%20b?x=%31",
                                                            "gr\xC3\xBC\xC3\x9F"
                                                            "e"));
  CHECK(status_of(answer) == 200);
  CHECK(body_of(answer) ==
        "POST\n/a b\nx=%31\ngr\xC3\xBC\xC3\x9F"
        "e\n");
  CHECK(header_of(answer, "Content-Length") == std::to_string(body_of(answer).size()));
  CHECK(header_of(answer, "Content-Type") == "text/plain; charset=utf-8");
  CHECK(header_of(answer, "Connection") == "close");
  CHECK(header_of(answer, "Cache-Control") == "no-store");
  CHECK(header_of(answer, "X-Content-Type-Options") == "nosniff");
  CHECK(header_of(answer, "Server") == "wsbench");
  CHECK(header_of(answer, "Date").size() == std::string("Mon, 23 Nov 2026 00:00:00 GMT").size());
}

TEST_CASE("The handler sees headers by their names in lower case, and whose request it is") {
  ScriptedHandler handler;
  Request seen;
  handler.on_handle = [&](const Request& request, std::unique_ptr<Answer> answer) {
    seen = request;
    answer->send({});
  };
  const auto server = serve(handler);
  answer_to(server->port(), get("/", "X-One: 1\r\nx-two:  2 \r\nX-ONE: 3\r\n"));
  REQUIRE(seen.header("x-one") != nullptr);
  CHECK(*seen.header("x-one") == "1, 3");
  CHECK(*seen.header("x-two") == "2");
  CHECK(*seen.header("host") == "localhost");
  CHECK(seen.header("x-three") == nullptr);
  CHECK(seen.peer.compare(0, 10, "127.0.0.1:") == 0);
}

TEST_CASE("What a handler sets itself stands, and cannot break out of its header") {
  ScriptedHandler handler;
  handler.on_handle = [](const Request&, std::unique_ptr<Answer> answer) {
    Response response;
    response.status = 404;
    response.content_type = "application/json";
    response.headers = {{"Cache-Control", "max-age=60"}, {"X-Name", "a\r\nSet-Cookie: b"}};
    response.body = "{}";
    answer->send(std::move(response));
  };
  const auto server = serve(handler);
  const std::string answer = answer_to(server->port(), get("/"));
  CHECK(answer.compare(0, 24, "HTTP/1.1 404 Not Found\r\n") == 0);
  CHECK(header_of(answer, "Content-Type") == "application/json");
  CHECK(header_of(answer, "Cache-Control") == "max-age=60");
  CHECK(header_of(answer, "X-Name") == "a  Set-Cookie: b");
  CHECK(header_of(answer, "Set-Cookie").empty());
  CHECK(answer.find("no-store") == std::string::npos);
}

TEST_CASE("HEAD is answered as GET without the body") {
  ScriptedHandler handler;
  const auto server = serve(handler);
  const std::string whole = answer_to(server->port(), get("/x"));
  const std::string head = answer_to(server->port(), "HEAD /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(status_of(head) == 200);
  CHECK(body_of(head).empty());
  CHECK(header_of(head, "Content-Length") == std::to_string(body_of(whole).size()));
}

TEST_CASE("An answer that has no body by its status says no length") {
  ScriptedHandler handler;
  handler.on_handle = [](const Request&, std::unique_ptr<Answer> answer) {
    Response response;
    response.status = 304;
    response.body = "unseen";
    answer->send(std::move(response));
  };
  const auto server = serve(handler);
  const std::string answer = answer_to(server->port(), get("/"));
  CHECK(status_of(answer) == 304);
  CHECK(body_of(answer).empty());
  CHECK(header_of(answer, "Content-Length").empty());
}

TEST_CASE("HTTP/1.0 clients are served, with or without a Host") {
  ScriptedHandler handler;
  bool has_host = true;
  handler.on_handle = [&](const Request& request, std::unique_ptr<Answer> answer) {
    has_host = request.header("host") != nullptr;
    answer->send({});
  };
  const auto server = serve(handler);
  CHECK(status_of(answer_to(server->port(), "GET / HTTP/1.0\r\nhOST: localhost\r\n\r\n")) == 200);
  CHECK(has_host);
  CHECK(status_of(answer_to(server->port(), "GET / HTTP/1.0\r\n\r\n")) == 200);
  CHECK_FALSE(has_host);
}

TEST_CASE("A request that comes byte by byte is a request") {
  ScriptedHandler handler;
  const auto server = serve(handler);
  RawClient client(server->port());
  client.send_dripping("\r\n" + post("/drip", "drop", "X-Long: " + std::string(300, 'x') + "\r\n"));
  CHECK(body_of(client.read_all()) == "POST\n/drip\n\ndrop\n");
}

TEST_CASE("What follows a request on its connection is ignored") {
  ScriptedHandler handler;
  std::atomic<int> requests{0};
  handler.on_handle = [&](const Request&, std::unique_ptr<Answer> answer) {
    ++requests;
    answer->send({});
  };
  const auto server = serve(handler);
  CHECK(status_of(answer_to(server->port(), get("/") + "\r\n")) == 200);
  CHECK(status_of(answer_to(server->port(), get("/") + get("/again") + std::string(5000, '\xFF'))) == 200);
  CHECK(status_of(answer_to(server->port(), post("/", "body") + "more than was said")) == 200);
  CHECK(requests == 3);
}

TEST_CASE("A malformed request is told what is wrong, and never reaches the handler") {
  const auto [request, status] = GENERATE(table<std::string, int>({
      {"nonsense\r\n\r\n", 400},
      {"GET /\r\n\r\n", 400},
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nb\x01: c\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"GET / GOPHER\r\nHost: a\r\n\r\n", 400},
      {"G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4x\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n", 411},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\nbody", 411},
  }));
  CAPTURE(request);
  ScriptedHandler handler;
  std::atomic<int> requests{0};
  handler.on_handle = [&](const Request&, std::unique_ptr<Answer>) { ++requests; };
  const auto server = serve(handler);
  const std::string answer = answer_to(server->port(), request);
  CHECK(status_of(answer) == status);
  CHECK(header_of(answer, "Content-Length") == std::to_string(body_of(answer).size()));
  CHECK(header_of(answer, "X-Content-Type-Options") == "nosniff");
  CHECK(requests == 0);
}

TEST_CASE("A path is decoded before anybody looks at it") {
  ScriptedHandler handler;
  const auto server = serve(handler);
  const std::string answer = answer_to(server->port(), get("/runs/%2e%2E/%2Fetc%3f?a=%2e"));
  CHECK(body_of(answer) == "GET\n/runs/..//etc?\na=%2e\n\n");
}

TEST_CASE("A refusal comes before the handler is asked") {
  ScriptedHandler handler;
  handler.on_refuse = [](const Request& request) -> std::optional<Response> {
    if (request.path != "/secret") return std::nullopt;
    Response response;
    response.status = 403;
    response.body = "no\n";
    return response;
  };
  const auto server = serve(handler);
  const std::string refused = answer_to(server->port(), get("/secret"));
  CHECK(status_of(refused) == 403);
  CHECK(body_of(refused) == "no\n");
  CHECK(status_of(answer_to(server->port(), get("/public"))) == 200);
}

TEST_CASE("An answer can be held back without holding back others") {
  ScriptedHandler handler;
  handler.on_refuse = [](const Request& request) -> std::optional<Response> {
    if (request.path != "/wrong") return std::nullopt;
    Response response;
    response.status = 401;
    response.after = 300ms;
    return response;
  };
  const auto server = serve(handler);
  RawClient wrong(server->port());
  const auto began = std::chrono::steady_clock::now();
  wrong.send(get("/wrong"));
  CHECK(status_of(answer_to(server->port(), get("/right"))) == 200);
  CHECK(status_of(wrong.read_all()) == 401);
  CHECK(std::chrono::steady_clock::now() - began >= 300ms);
}

TEST_CASE("A handler that throws or does not answer costs a 500, not the server") {
  ScriptedHandler handler;
  handler.on_refuse = [](const Request& request) -> std::optional<Response> {
    if (request.path == "/refuse-throws") throw std::runtime_error("refuse");
    return std::nullopt;
  };
  handler.on_handle = [](const Request& request, std::unique_ptr<Answer> answer) {
    if (request.path == "/throws") throw std::runtime_error("handle");
    if (request.path == "/fine") answer->send({});
  };
  const auto server = serve(handler);
  CHECK(status_of(answer_to(server->port(), get("/refuse-throws"))) == 500);
  CHECK(status_of(answer_to(server->port(), get("/throws"))) == 500);
  CHECK(status_of(answer_to(server->port(), get("/forgets"))) == 500);
  CHECK(status_of(answer_to(server->port(), get("/fine"))) == 200);
}

TEST_CASE("Answers can be given later, from any thread, in any order") {
  ScriptedHandler handler;
  std::mutex mutex;
  std::vector<std::pair<std::string, std::unique_ptr<Answer>>> kept;
  std::promise<void> all_there;
  constexpr std::size_t kRequests = 20;
  handler.on_handle = [&](const Request& request, std::unique_ptr<Answer> answer) {
    const std::lock_guard lock(mutex);
    kept.emplace_back(request.path, std::move(answer));
    if (kept.size() == kRequests) all_there.set_value();
  };
  const auto server = serve(handler);
  std::vector<RawClient> clients;
  for (std::size_t i = 0; i < kRequests; ++i) {
    clients.emplace_back(server->port()).send(get("/" + std::to_string(i)));
  }
  REQUIRE(all_there.get_future().wait_for(20s) == std::future_status::ready);

  const auto answer_every_second = [&](std::size_t first) {
    for (std::size_t i = first; i < kRequests; i += 2) {
      Response response;
      response.body = kept[kRequests - 1 - i].first;
      kept[kRequests - 1 - i].second->send(std::move(response));
    }
  };
  std::thread one(answer_every_second, 0), other(answer_every_second, 1);
  one.join();
  other.join();
  for (std::size_t i = 0; i < kRequests; ++i)
    CHECK(body_of(clients[i].read_all()) == "/" + std::to_string(i));
}

TEST_CASE("A client that has shut its sending side still gets its answer") {
  ScriptedHandler handler;
  std::promise<std::unique_ptr<Answer>> kept;
  handler.on_handle = [&](const Request&, std::unique_ptr<Answer> answer) {
    kept.set_value(std::move(answer));
  };
  const auto server = serve(handler);
  RawClient client(server->port());
  client.send(get("/"));
  client.shut_sending();
  const auto answer = kept.get_future().get();
  CHECK_FALSE(client.has_something(50ms));
  answer->send({});
  CHECK(status_of(client.read_all()) == 200);
}

TEST_CASE("An answer to a client that has gone harms nobody") {
  ScriptedHandler handler;
  std::promise<std::unique_ptr<Answer>> kept;
  handler.on_handle = [&](const Request& request, std::unique_ptr<Answer> answer) {
    if (request.path == "/gone") return kept.set_value(std::move(answer));
    answer->send({});
  };
  const auto server = serve(handler);
  RawClient client(server->port());
  client.send(get("/gone"));
  const auto answer = kept.get_future().get();
  client.reset();
  CHECK(status_of(answer_to(server->port(), get("/"))) == 200);
  answer->send({});
  CHECK(status_of(answer_to(server->port(), get("/"))) == 200);
}

TEST_CASE("IPv6 is served as well") {
  ScriptedHandler handler;
  WebServerOptions options = options_for_tests();
  options.address = "::1";
  auto server = WebServer::start(options, handler);
  if (!server) {
    WARN("no IPv6 on this machine: " + server.error());
    return;
  }
  RawClient client((*server)->port(), 0, "::1");
  client.send("GET / HTTP/1.1\r\nHost: [::1]:" + std::to_string((*server)->port()) + "\r\n\r\n");
  CHECK(status_of(client.read_all()) == 200);
}

TEST_CASE("A port that is taken, and an address that is none, are told by name") {
  ScriptedHandler handler;
  const auto server = serve(handler);
  WebServerOptions options = options_for_tests();
  options.port = server->port();
  const auto second = WebServer::start(options, handler);
  REQUIRE_FALSE(second);
  CHECK(second.error().find("127.0.0.1:" + std::to_string(server->port()) + " is in use") == 0);
  options.address = "somewhere";
  CHECK(WebServer::start(options, handler).error() == "somewhere is no numeric address");
}

TEST_CASE("A port is free for the next server as soon as the last one has gone") {
  ScriptedHandler handler;
  WebServerOptions options = options_for_tests();
  for (int i = 0; i < 3; ++i) {
    const auto server = serve(handler, options);
    options.port = server->port();
    CHECK(status_of(answer_to(server->port(), get("/"))) == 200);
  }
}

}  // namespace wsbench::control::web
