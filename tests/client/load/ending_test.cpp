#include "client/websocket/ending.hpp"

#include <sys/resource.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "client/load/load.hpp"
#include "tests/client/collecting_sink.hpp"
#include "tests/client/load/loads.hpp"
#include "tests/client/server.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using client::Load;
using client::Plan;
using client::Target;
using client::testing::CollectingSink;
using client::testing::Peer;
using client::testing::Server;
using event::Ending;
using event::Kind;
using event::Phase;
using event::Reason;

namespace {

Plan plan_for(const Target& target) {
  Plan plan;
  plan.target = target;
  plan.clients = 1;
  plan.measuring = 1s;
  plan.interval = 20ms;
  plan.drain_limit = 1s;
  plan.transport = client::testing::transport_under_test();
  return plan;
}

struct End {
  Kind kind;
  Ending ending;
  Phase phase;
};

/// Runs a load of one client and tells how the client ended. The counts must agree with the event.
End end_of(const Plan& plan) {
  CollectingSink sink;
  auto load = Load::start(plan, sink);
  REQUIRE(load);
  const client::Summary summary = (*load)->wait();
  std::vector<CollectingSink::Recorded> ends = sink.of(Kind::ws_onclose);
  for (const auto& recorded : sink.of(Kind::exit)) ends.push_back(recorded);
  REQUIRE(ends.size() == 1);
  const Ending ending = Ending::unpack(ends[0].event.value);
  CHECK(summary.totals.ended[static_cast<std::size_t>(ending.reason)] == 1);
  CHECK(summary.totals.open == 0);
  CHECK(summary.totals.attempted == 1);
  return {ends[0].event.kind, ending, ends[0].info.phase};
}

End end_with(const Server::Script& script) {
  const Server server(script);
  const End end = end_of(plan_for(server.target()));
  CHECK(server.failure().empty());
  return end;
}

const std::string kUpgrade =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

/// Waits for the client to end the connection.
void outlast(Peer& peer) {
  for (;;) peer.read_frame();
}

}  // namespace

TEST_CASE("a client whose close is answered ends completed, with the server's code") {
  const End end = end_with([](Peer& peer) { client::testing::echo(peer); });
  CHECK(end.kind == Kind::ws_onclose);
  CHECK(end.ending.reason == Reason::completed);
  CHECK(end.ending.status == 1000);
  CHECK(end.phase == Phase::closing);
}

TEST_CASE("a server that closes ends a client as normal, with its code") {
  const End end = end_with([](Peer& peer) {
    peer.shake_hands();
    peer.read_frame();
    peer.write_frame(8, std::string("\x03\xE9", 2));
    outlast(peer);
  });
  CHECK(end.kind == Kind::ws_onclose);
  CHECK(end.ending.reason == Reason::normal);
  CHECK(end.ending.status == 1001);
}

TEST_CASE("a close frame is told from the reset behind it") {
  // The server closes without reading what the client sends: its kernel answers with a reset.
  const End end = end_with([](Peer& peer) {
    peer.shake_hands();
    peer.write_frame(8, std::string("\x03\xE8", 2));
    peer.close();
  });
  CHECK(end.kind == Kind::ws_onclose);
  CHECK(end.ending.reason == Reason::normal);
  CHECK(end.ending.status == 1000);
}

TEST_CASE("a server that never answers the handshake ends a client with connection_timeout") {
  std::atomic<bool> request_came{false};
  const Server server([&](Peer& peer) {
    peer.read_request();
    request_came = true;
    peer.read_request();
  });
  Plan plan = plan_for(server.target());
  plan.connect_timeout = 300ms;
  const auto began = std::chrono::steady_clock::now();
  const End end = end_of(plan);
  const auto took = std::chrono::steady_clock::now() - began;
  CHECK(end.kind == Kind::exit);
  CHECK(end.ending.reason == Reason::connection_timeout);
  CHECK(end.phase == Phase::ramp);
  CHECK(request_came);
  CHECK(took >= 300ms);
  CHECK(took < plan.connect_timeout + 5s);
}

TEST_CASE("an unused port ends a client as refused") {
  const End end = end_of(plan_for({"127.0.0.1", client::testing::unused_port(), "/"}));
  CHECK(end.kind == Kind::exit);
  CHECK(end.ending.reason == Reason::refused);
}

TEST_CASE("a reset is told from an end of stream") {
  const End reset = end_with([](Peer& peer) {
    peer.shake_hands();
    peer.read_frame();
    peer.reset();
  });
  CHECK(reset.kind == Kind::exit);
  CHECK(reset.ending.reason == Reason::reset);
  const End ended = end_with([](Peer& peer) {
    peer.shake_hands();
    peer.read_frame();
    peer.close();
  });
  CHECK(ended.kind == Kind::exit);
  CHECK(ended.ending.reason == Reason::end_of_stream);
}

TEST_CASE("an end of stream before the handshake is answered is one, too") {
  const End end = end_with([](Peer& peer) {
    peer.read_request();
    peer.close();
  });
  CHECK(end.ending.reason == Reason::end_of_stream);
  CHECK(end.phase == Phase::ramp);
}

TEST_CASE("an HTTP answer other than 101 ends a client as handshake_rejected with its status") {
  const int status = GENERATE(200, 302, 404, 503);
  const End end = end_with([status](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 " + std::to_string(status) + " Whatever\r\nContent-Length: 5\r\n\r\nhello");
    peer.close();
  });
  CHECK(end.kind == Kind::exit);
  CHECK(end.ending.reason == Reason::handshake_rejected);
  CHECK(end.ending.status == status);
}

TEST_CASE("what is not WebSocket ends a client with protocol_error") {
  const std::string answer = GENERATE(
      std::string("SSH-2.0-OpenSSH_9.2p1\r\n"),
      // A key that does not belong to the client's, an extension and a subprotocol that nobody asked for:
      kUpgrade + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", kUpgrade + "\r\n",
      std::string("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: KEY\r\n\r\n"),
      kUpgrade + "Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Accept: KEY\r\n\r\n",
      kUpgrade + "Sec-WebSocket-Extensions: ;;,\r\nSec-WebSocket-Accept: KEY\r\n\r\n",
      kUpgrade + "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Accept: KEY\r\n\r\n");
  const End end = end_with([answer](Peer& peer) {
    const std::string head = peer.read_request();
    std::string reply = answer;
    if (const auto at = reply.find("KEY"); at != std::string::npos) {
      reply.replace(at, 3,
                    client::testing::accept_key(client::testing::header_of(head, "Sec-WebSocket-Key")));
    }
    peer.write(reply);
    peer.read_request();
  });
  CAPTURE(answer);
  CHECK(end.kind == Kind::exit);
  CHECK(end.ending.reason == Reason::protocol_error);
}

TEST_CASE("a frame against RFC 6455 ends a client with protocol_error") {
  const std::string frame = GENERATE(std::string("\xC1\x01x", 3),          // a reserved bit
                                     std::string("\x83\x01x", 3),          // a reserved opcode
                                     std::string("\x81\x81\0\0\0\0x", 7),  // masked
                                     std::string("\x80\x01x", 3),          // continues nothing
                                     std::string("\x09\x01x", 3),          // a fragmented ping
                                     std::string("\x81\x7E\0\x01x", 5),    // a length too long for its value
                                     std::string("\x81\x02\xC3\x28", 4),   // text that is not UTF-8
                                     std::string("\x01\x01\xC3\x80\x01z", 6),  // nor is it joined
                                     std::string("\x88\x02\x03\xED", 4),       // close code 1005
                                     std::string("\x88\x01\x03", 3));          // half a close code
  const End end = end_with([frame](Peer& peer) {
    peer.shake_hands();
    peer.read_frame();
    peer.write(frame);
    outlast(peer);
  });
  CHECK(end.kind == Kind::exit);
  CHECK(end.ending.reason == Reason::protocol_error);
}

TEST_CASE("a server that does not answer our close ends a client with close_unanswered") {
  const End end = end_with([](Peer& peer) {
    client::testing::Flaws flaws;
    flaws.close_ignored = true;
    client::testing::echo(peer, flaws);
  });
  CHECK(end.kind == Kind::exit);
  CHECK(end.ending.reason == Reason::close_unanswered);
  CHECK(end.phase == Phase::closing);
}

TEST_CASE("a server that answers our close by ending TCP alone ends a client with close_unanswered") {
  const End end = end_with([](Peer& peer) {
    peer.shake_hands();
    for (;;) {
      const auto frame = peer.read_frame();
      if (frame.opcode == 8) return peer.close();
      peer.write_frame(1, frame.payload);
    }
  });
  CHECK(end.kind == Kind::exit);
  CHECK(end.ending.reason == Reason::close_unanswered);
}

TEST_CASE("a server that stops reading ends a client with send_queue_full") {
  std::atomic<bool> over{false};
  const Server server([&](Peer& peer) {
    peer.shake_hands();
    while (!over) std::this_thread::sleep_for(5ms);
  });
  Plan plan = plan_for(server.target());
  plan.payload_bytes = 200000;
  plan.interval = 1ms;
  plan.measuring = 5s;
  const End end = end_of(plan);
  over = true;
  CHECK(end.kind == Kind::exit);
  CHECK(end.ending.reason == Reason::send_queue_full);
}

TEST_CASE("a client stopped before its handshake is done ends as stopped") {
  const Server server([](Peer& peer) { peer.read_request(), peer.read_request(); });
  Plan plan = plan_for(server.target());
  plan.connect_timeout = 10s;
  CollectingSink sink;
  auto load = Load::start(plan, sink);
  REQUIRE(load);
  while ((*load)->snapshot().attempted == 0) std::this_thread::sleep_for(1ms);
  (*load)->stop();
  REQUIRE((*load)->wait_for(2s));
  const auto ends = sink.of(Kind::exit);
  REQUIRE(ends.size() == 1);
  CHECK(Ending::unpack(ends[0].event.value).reason == Reason::stopped);
}

TEST_CASE("without file descriptors clients end with out_of_files, and the others go on") {
  const Server server([](Peer& peer) { client::testing::echo(peer); });
  // The server's end of each connection is in this process, too: the limit bites at half of the clients or
  // before.
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  Plan plan = plan_for(server.target());
  plan.clients = 60;
  plan.connect_timeout = 200ms;
  CollectingSink sink;
  rlimit lower = before;
  lower.rlim_cur = 60;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &lower) == 0);
  auto load = Load::start(plan, sink);
  const bool started = load.has_value();
  client::Summary summary;
  if (started) summary = (*load)->wait();
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  REQUIRE(started);
  CHECK(summary.totals.ended[static_cast<std::size_t>(Reason::out_of_files)] > 0);
  CHECK(summary.totals.established > 0);
  CHECK(summary.totals.measured_sent > 0);
}

TEST_CASE("errors of the operating system have their own endings") {
  CHECK(client::ending_of_errno(EADDRNOTAVAIL).reason == Reason::out_of_ports);
  CHECK(client::ending_of_errno(ENFILE).reason == Reason::out_of_files);
  CHECK(client::ending_of_errno(EHOSTUNREACH).reason == Reason::unreachable);
  CHECK(client::ending_of_errno(ENETUNREACH).reason == Reason::unreachable);
  CHECK(client::ending_of_errno(EPIPE).reason == Reason::reset);
  CHECK(client::ending_of_errno(ENOBUFS).reason == Reason::other_error);
  CHECK(client::ending_of_errno(ENOBUFS).status == ENOBUFS);
}
