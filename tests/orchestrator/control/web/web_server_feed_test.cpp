#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "orchestrator/control/web/web_server.hpp"
#include "tests/orchestrator/control/web/raw_client.hpp"
#include "tests/orchestrator/control/web/scripted_handler.hpp"

namespace wsbench::control::web {

using namespace testing;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr unsigned kText = 1, kClose = 8, kPing = 9, kPong = 10;

std::shared_ptr<const std::string> text(std::string what) {
  return std::make_shared<const std::string>(std::move(what));
}

/// The close frame's code, when the next frame is one.
int close_code(RawClient& client) {
  const auto frame = client.read_frame();
  if (frame.opcode != kClose || frame.payload.size() < 2) return 0;
  return static_cast<unsigned char>(frame.payload[0]) << 8 | static_cast<unsigned char>(frame.payload[1]);
}

/// A reader that has been greeted.
RawClient reader_of(const WebServer& server, int receive_buffer = 0) {
  RawClient client(server.port(), receive_buffer);
  if (client.shake_hands() != 101) throw std::runtime_error("no handshake");
  if (client.read_frame().opcode != kText) throw std::runtime_error("no greeting");
  return client;
}

}  // namespace

TEST_CASE("A reader is greeted first, then gets every text that is published") {
  ScriptedHandler handler;
  const auto server = serve(handler);
  RawClient first(server->port());
  REQUIRE(first.shake_hands() == 101);
  CHECK(first.read_frame().payload == "hello 1");
  RawClient second(server->port());
  REQUIRE(second.shake_hands("/ws?from=here") == 101);
  CHECK(second.read_frame().payload == "hello 2");

  const std::string long_text(70000, 'x'), middle(300, 'y');
  server->publish(text("short"));
  server->publish(text(middle));
  server->publish(text(long_text));
  for (RawClient* client : {&first, &second}) {
    const auto frame = client->read_frame();
    CHECK(frame.opcode == kText);
    CHECK(frame.payload == "short");
    CHECK(client->read_frame().payload == middle);
    CHECK(client->read_frame().payload == long_text);
  }
}

TEST_CASE("Publishing without readers is nothing") {
  ScriptedHandler handler;
  const auto server = serve(handler);
  server->publish(text("nobody"));
  RawClient client(server->port());
  REQUIRE(client.shake_hands() == 101);
  CHECK(client.read_frame().payload == "hello 1");
}

TEST_CASE("Only /ws can be read, by those who are not refused, and only in version 13") {
  ScriptedHandler handler;
  handler.on_refuse = [](const Request& request) -> std::optional<Response> {
    if (request.header("origin") == nullptr) return std::nullopt;
    Response response;
    response.status = 403;
    return response;
  };
  const auto server = serve(handler);
  CHECK(RawClient(server->port()).shake_hands("/") == 404);
  CHECK(RawClient(server->port()).shake_hands("/ws/") == 404);
  CHECK(RawClient(server->port()).shake_hands("/ws", "Origin: http://evil.example\r\n") == 403);
  const std::string old = answer_to(
      server->port(), get("/ws", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key1: 1\r\n"));
  CHECK(status_of(old) == 426);
  CHECK(header_of(old, "Sec-WebSocket-Version") == "13");
  CHECK(status_of(answer_to(server->port(), get("/ws",
                                                "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                                "Sec-WebSocket-Version: 13\r\n"))) == 400);
  CHECK(handler.greetings == 0);
}

TEST_CASE("A reader that has fallen behind misses texts, and is greeted anew when it has taken what it had") {
  ScriptedHandler handler;
  handler.on_greeting = [](int number) { return "hello " + std::to_string(number); };
  WebServerOptions options = options_for_tests();
  options.reader_backlog = 100000;
  options.reader_limit = 20s;
  options.ping_interval = 40ms;
  const auto server = serve(handler, options);
  RawClient slow = reader_of(*server, 4096);
  RawClient quick = reader_of(*server);

  // Far more than the kernel's buffers and the backlog hold.
  const std::string large(200000, 'x');
  constexpr int kTexts = 100;
  for (int i = 0; i < kTexts; ++i) {
    server->publish(text(std::to_string(i) + large));
    auto frame = quick.read_frame();
    while (frame.opcode == kPing) frame = quick.read_frame();
    REQUIRE(frame.payload.size() > large.size());
  }
  CHECK(handler.greetings == 2);

  int next = 0;
  std::string greeting;
  while (greeting.empty()) {
    const auto frame = slow.read_frame();
    if (frame.opcode != kText) continue;
    if (frame.payload.compare(0, 5, "hello") == 0) {
      greeting = frame.payload;
    } else {
      CHECK(frame.payload.compare(0, frame.payload.find('x'), std::to_string(next++)) == 0);
    }
  }
  CHECK(greeting == "hello 3");
  CHECK(next < kTexts);
  server->publish(text("after"));
  auto frame = slow.read_frame();
  while (frame.opcode == kPing) frame = slow.read_frame();
  CHECK(frame.payload == "after");
}

TEST_CASE("A reader that stays behind is let go, and costs the others nothing") {
  ScriptedHandler handler;
  WebServerOptions options = options_for_tests();
  options.reader_backlog = 1000;
  options.reader_limit = 200ms;
  options.max_readers = 2;
  const auto server = serve(handler, options);
  RawClient slow = reader_of(*server, 4096);
  RawClient quick = reader_of(*server);
  const std::string large(200000, 'x');
  for (int i = 0; i < 100; ++i) {
    server->publish(text(large));
    REQUIRE(quick.read_frame().payload.size() == large.size());
  }
  const auto began = Clock::now();
  int status = 0;
  while (status != 101 && Clock::now() - began < 20s) status = RawClient(server->port()).shake_hands();
  CHECK(status == 101);
  server->publish(text("still here"));
  CHECK(quick.read_frame().payload == "still here");
}

TEST_CASE("A greeting longer than the backlog does not make its reader fall behind") {
  ScriptedHandler handler;
  handler.on_greeting = [](int) { return std::string(1U << 20U, 'h'); };
  WebServerOptions options = options_for_tests();
  options.reader_backlog = 1000;
  const auto server = serve(handler, options);
  RawClient client(server->port());
  REQUIRE(client.shake_hands() == 101);
  server->publish(text("point"));
  CHECK(client.read_frame().payload.size() == 1U << 20U);
  server->publish(text("another"));
  const std::string next = client.read_frame().payload;
  CHECK((next == "point" || next == "another"));
  CHECK(handler.greetings == 1);
}

TEST_CASE("Readers are pinged; one that does not answer is let go, one that does stays") {
  ScriptedHandler handler;
  WebServerOptions options = options_for_tests();
  options.ping_interval = 50ms;
  options.reader_limit = 500ms;
  const auto server = serve(handler, options);
  RawClient asleep = reader_of(*server);
  RawClient awake = reader_of(*server);
  const auto began = Clock::now();
  while (Clock::now() - began < 1500ms) {
    const auto frame = awake.read_frame();
    REQUIRE(frame.opcode == kPing);
    awake.send_frame(kPong, frame.payload);
  }
  CHECK(asleep.read_frame().opcode == kPing);
  asleep.read_all();
  CHECK(Clock::now() - began >= 500ms);
  server->publish(text("awake?"));
  auto frame = awake.read_frame();
  while (frame.opcode == kPing) {
    awake.send_frame(kPong, frame.payload);
    frame = awake.read_frame();
  }
  CHECK(frame.payload == "awake?");
}

TEST_CASE("A reader that talks is sent away: at once when it is long, after a while when it is much") {
  ScriptedHandler handler;
  const auto server = serve(handler);
  SECTION("a long text") {
    RawClient client = reader_of(*server);
    client.send_frame(kText, std::string(1025, 'x'));
    CHECK(close_code(client) == 1009);
  }
  SECTION("many texts") {
    RawClient client = reader_of(*server);
    for (int i = 0; i < 17; ++i) client.send_frame(kText, "hi");
    CHECK(close_code(client) == 1008);
  }
  SECTION("many pings, of which the first are answered") {
    RawClient client = reader_of(*server);
    for (int i = 0; i < 17; ++i) client.send_frame(kPing, "p");
    for (int i = 0; i < 16; ++i) CHECK(client.read_frame().opcode == kPong);
    CHECK(close_code(client) == 1008);
  }
  SECTION("what is no frame") {
    RawClient client = reader_of(*server);
    client.send("\xFF\xFF\xFF\xFF");
    CHECK(close_code(client) == 1002);
  }
}

TEST_CASE("A reader that closes in good order is answered so") {
  ScriptedHandler handler;
  const auto server = serve(handler);
  RawClient client = reader_of(*server);
  client.send_frame(kClose, std::string("\x03\xE8", 2));
  CHECK(close_code(client) == 1000);
  CHECK(client.read_all().empty());
}

TEST_CASE("There are only so many readers, and a place that is left is given to the next") {
  ScriptedHandler handler;
  WebServerOptions options = options_for_tests();
  options.max_readers = 2;
  const auto server = serve(handler, options);
  RawClient first = reader_of(*server);
  RawClient second = reader_of(*server);
  CHECK(RawClient(server->port()).shake_hands() == 503);
  CHECK(status_of(answer_to(server->port(), get("/"))) == 200);
  first.close();
  const auto began = Clock::now();
  int status = 0;
  while (status != 101 && Clock::now() - began < 20s) status = RawClient(server->port()).shake_hands();
  CHECK(status == 101);
}

TEST_CASE("A greeting that cannot be made sends the reader away, and no more") {
  ScriptedHandler handler;
  handler.on_greeting = [](int number) -> std::string {
    if (number == 1) throw std::runtime_error("no status");
    return "hello";
  };
  const auto server = serve(handler);
  RawClient client(server->port());
  REQUIRE(client.shake_hands() == 101);
  CHECK(close_code(client) == 1011);
  reader_of(*server);
}

TEST_CASE("Readers are told when the server goes") {
  ScriptedHandler handler;
  auto server = serve(handler);
  RawClient client = reader_of(*server);
  server.reset();
  CHECK(close_code(client) == 1001);
}

}  // namespace wsbench::control::web
