#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <catch2/catch.hpp>

#include "orchestrator/control/web/web_server.hpp"
#include "tests/orchestrator/control/web/raw_client.hpp"
#include "tests/orchestrator/control/web/scripted_handler.hpp"

namespace wsbench::control::web {

using namespace testing;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

/// Hands the stream of /stream to the test, and answers everything else.
struct StreamingHandler : ScriptedHandler {
  std::promise<std::unique_ptr<Stream>> stream;
  StreamingHandler() {
    on_handle = [this](const Request& request, std::unique_ptr<Answer> answer) {
      if (request.path == "/stream") return stream.set_value(answer->stream("text/plain"));
      answer->send({});
    };
  }
};

/// Writes until the server says no, for 20 s at most. Pauses, for its thread gives way to this one.
bool write_until_refused(Stream& stream, const std::string& text = "") {
  const auto began = Clock::now();
  while (stream.write(text)) {
    if (Clock::now() - began > 20s) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

}  // namespace

TEST_CASE("A stream comes in chunks as it is written, and ends with its last") {
  StreamingHandler handler;
  const auto server = serve(handler);
  RawClient client(server->port());
  client.send(get("/stream"));
  auto stream = handler.stream.get_future().get();
  const std::string head = client.read_until("\r\n\r\n");
  CHECK(status_of(head) == 200);
  CHECK(header_of(head, "Transfer-Encoding") == "chunked");
  CHECK(header_of(head, "Content-Length").empty());
  CHECK(header_of(head, "Content-Type") == "text/plain");
  CHECK(stream->write("one line\n"));
  CHECK(client.read_exactly(14) == "9\r\none line\n\r\n");
  CHECK(stream->write(""));
  CHECK(stream->write(std::string(26, 'x')));
  CHECK(client.read_exactly(32) == "1a\r\n" + std::string(26, 'x') + "\r\n");
  stream.reset();
  CHECK(client.read_all() == "0\r\n\r\n");
}

TEST_CASE("A stream to an HTTP/1.0 client has no chunks and ends with the connection") {
  StreamingHandler handler;
  const auto server = serve(handler);
  RawClient client(server->port());
  client.send("GET /stream HTTP/1.0\r\n\r\n");
  auto stream = handler.stream.get_future().get();
  CHECK(stream->write("text"));
  stream.reset();
  const std::string answer = client.read_all();
  CHECK(body_of(answer) == "text");
  CHECK(header_of(answer, "Transfer-Encoding").empty());
}

TEST_CASE("A HEAD of a stream ends at once") {
  StreamingHandler handler;
  const auto server = serve(handler);
  RawClient client(server->port());
  client.send("HEAD /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  auto stream = handler.stream.get_future().get();
  const std::string answer = client.read_all();
  CHECK(status_of(answer) == 200);
  CHECK(body_of(answer).empty());
  CHECK_FALSE(stream->write("unseen"));
}

TEST_CASE("A stream lives longer than an answer may take") {
  StreamingHandler handler;
  WebServerOptions options = options_for_tests();
  options.exchange_limit = 200ms;
  const auto server = serve(handler, options);
  RawClient client(server->port());
  client.send(get("/stream"));
  const auto stream = handler.stream.get_future().get();
  client.read_until("\r\n\r\n");
  CHECK_FALSE(client.has_something(500ms));
  CHECK(stream->write("still there"));
  CHECK(client.read_exactly(16) == "b\r\nstill there\r\n");
}

TEST_CASE("A stream ends when its reader goes, even while nothing is written") {
  StreamingHandler handler;
  const auto server = serve(handler);
  RawClient client(server->port());
  client.send(get("/stream"));
  const auto stream = handler.stream.get_future().get();
  client.read_until("\r\n\r\n");
  SECTION("in good order") {
    client.close();
  }
  SECTION("with a reset") {
    client.reset();
  }
  CHECK(write_until_refused(*stream));
  CHECK(status_of(answer_to(server->port(), get("/"))) == 200);
}

TEST_CASE("A stream's reader that falls behind by more than the limit is dropped") {
  StreamingHandler handler;
  WebServerOptions options = options_for_tests();
  options.stream_backlog = 100000;
  const auto server = serve(handler, options);
  RawClient client(server->port(), 4096);
  client.send(get("/stream"));
  const auto stream = handler.stream.get_future().get();
  CHECK(write_until_refused(*stream, std::string(50000, 'x')));
  CHECK_FALSE(stream->write("more"));
  client.read_all();
  CHECK(client.was_reset());
}

TEST_CASE("A stream's reader that takes nothing for too long is dropped") {
  StreamingHandler handler;
  WebServerOptions options = options_for_tests();
  options.stream_backlog = 64U << 20U;
  options.stream_stall = 200ms;
  const auto server = serve(handler, options);
  RawClient client(server->port(), 4096);
  client.send(get("/stream"));
  const auto stream = handler.stream.get_future().get();
  CHECK(stream->write(std::string(16U << 20U, 'x')));
  CHECK(write_until_refused(*stream));
  client.read_all();
  CHECK(client.was_reset());
}

TEST_CASE("A stream written from one thread while its reader goes ends without harm") {
  for (int i = 0; i < 20; ++i) {
    StreamingHandler handler;
    auto server = serve(handler);
    RawClient client(server->port());
    client.send(get("/stream"));
    auto stream = handler.stream.get_future().get();
    std::atomic<bool> was_refused{false};
    std::thread writer([&] { was_refused = write_until_refused(*stream, "a line of a log\n"); });
    client.read_until("a line");
    if (i % 2 == 0) {
      client.reset();
    } else {
      server.reset();
    }
    writer.join();
    CHECK(was_refused);
  }
}

}  // namespace wsbench::control::web
