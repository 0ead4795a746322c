#include "client/probe/probe_socket.hpp"

#include <chrono>
#include <stop_token>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/client/server.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using client::Opcode;
using client::ProbeSocket;
using client::testing::Peer;
using client::testing::Server;

namespace {

ProbeSocket::Deadline soon(std::chrono::milliseconds limit = 10s) {
  return std::chrono::steady_clock::now() + limit;
}

/// What a probe finds wrong that expects the text "hi" of a server that sends these bytes after its
/// handshake.
std::string failure_at(const std::string& bytes) {
  const Server server([&](Peer& peer) {
    peer.shake_hands();
    peer.write(bytes);
  });
  ProbeSocket socket(server.target(), soon());
  socket.shake_hands();
  socket.expect(Opcode::text, "hi");
  return socket.failure();
}

}  // namespace

TEST_CASE("a probe sees frames as they are on the wire") {
  CHECK(failure_at("\x81\x02hi").empty());
  CHECK(failure_at(std::string("\x01\x01h\x80\x01i", 6)).empty());
  CHECK_THAT(failure_at("\xC1\x02hi"), Catch::Contains("a reserved bit"));
  CHECK_THAT(failure_at(std::string("\x81\x82\0\0\0\0hi", 8)), Catch::Contains("masks a frame"));
  CHECK_THAT(failure_at("\x80\x02hi"), Catch::Contains("out of order"));
  CHECK_THAT(failure_at(std::string("\x01\x01h\x81\x01i", 6)), Catch::Contains("out of order"));
  CHECK_THAT(failure_at("\x82\x02hi"), Catch::Contains("came binary of 2 bytes"));
  CHECK_THAT(failure_at("\x81\x02ho"), Catch::Contains("other bytes"));
  CHECK_THAT(failure_at("\x89\x02hi"), Catch::Contains("came a ping"));
  CHECK_THAT(failure_at("\x81\x02h"), Catch::Contains("ended the connection"));
  CHECK_THAT(failure_at("\x81\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), Catch::Contains("a frame of"));
}

TEST_CASE("a probe takes no frame that no server may send") {
  CHECK_THAT(failure_at(std::string("\x81\x7E\0\x02hi", 6)), Catch::Contains("more bytes than that needs"));
  CHECK_THAT(failure_at(std::string("\x81\x7F\0\0\0\0\0\0\0\x02hi", 12)),
             Catch::Contains("more bytes than that needs"));
  CHECK_THAT(failure_at(std::string("\x81\x7F\0\0\0\0\0\0\xFF\xFF", 10)), Catch::Contains("65535"));
  CHECK_THAT(failure_at("\x83\x02hi"), Catch::Contains("an unknown kind"));
  CHECK_THAT(failure_at("\x8B\x02hi"), Catch::Contains("an unknown kind"));
  CHECK_THAT(failure_at("\x0A\x02hi"), Catch::Contains("a control frame that has more fragments"));
  CHECK_THAT(failure_at(std::string("\x8A\x7E\0\x7E", 4)), Catch::Contains("a control frame of 126 bytes"));
  CHECK_THAT(failure_at("\x88\x01\x03"), Catch::Contains("half a code"));
}

TEST_CASE("a probe that awaits the end finds the byte before it") {
  const Server server([](Peer& peer) {
    peer.shake_hands();
    peer.write_frame(8, "\x03\xE8");
    peer.write("x");
  });
  ProbeSocket socket(server.target(), soon());
  socket.shake_hands();
  socket.expect(Opcode::close, "\x03\xE8");
  CHECK(socket.failure().empty());
  socket.expect_end();
  CHECK_THAT(socket.failure(), Catch::Contains("within a frame"));
}

TEST_CASE("a probe that waits goes home when it is stopped") {
  const Server server([](Peer& peer) { peer.shake_hands(), peer.read_frame(); });
  std::stop_source stop;
  ProbeSocket socket(server.target(), soon(60s), stop.get_token());
  socket.shake_hands();
  const auto began = std::chrono::steady_clock::now();
  {
    const std::jthread stopping([&stop] { stop.request_stop(); });
    socket.expect(Opcode::text, "hi");
  }
  CHECK(std::chrono::steady_clock::now() - began < 30s);
  CHECK_THAT(socket.failure(), Catch::Contains("not in time"));
}

TEST_CASE("a probe takes no handshake but that of RFC 6455") {
  std::string answer, why;
  SECTION("another status") {
    answer = "HTTP/1.1 404 Not Found\r\n\r\n";
    why = "404";
  }
  SECTION("another server's key") {
    answer = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    why = "Sec-WebSocket-Accept";
  }
  SECTION("no HTTP") {
    answer = "HTTP/1.1 101 Switching Protocols\r\nhello\r\n\r\n";
    why = "no header";
  }
  SECTION("the end") {
    why = "before it answered the handshake";
  }
  const Server server([&](Peer& peer) {
    peer.read_request();
    peer.write(answer);
  });
  ProbeSocket socket(server.target(), soon());
  socket.shake_hands();
  CHECK_THAT(socket.failure(), Catch::Contains(why));
}

TEST_CASE("the first failure of a probe stays, and what comes after it does nothing") {
  ProbeSocket socket({"127.0.0.1", client::testing::unused_port(), "/"}, soon());
  const std::string first = socket.failure();
  CHECK_THAT(first, Catch::Contains("refused"));
  socket.shake_hands();
  socket.expect_echo(Opcode::text, "hi");
  CHECK(socket.failure() == first);
  CHECK_FALSE(socket.receive());
}

TEST_CASE("a probe of a server that answers while it reads does not wait for it for ever") {
  const Server server([](Peer& peer) {
    peer.shake_hands();
    const std::string flood(1U << 20U, 'f');
    for (int i = 0; i < 32; ++i) peer.write_frame(2, flood);
    peer.write_frame(1, peer.read_frame().payload);
  });
  ProbeSocket socket(server.target(), soon());
  socket.shake_hands();
  socket.send(Opcode::text, std::string(8U << 20U, 'x'));
  for (int i = 0; i < 32; ++i) {
    const auto message = socket.receive();
    REQUIRE(message);
    CHECK(message->payload.size() == 1U << 20U);
  }
  CHECK(socket.failure().empty());
}
