#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "client/transport/address.hpp"
#include "client/transport/loop.hpp"
#include "tests/client/load/loads.hpp"
#include "tests/client/server.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using client::Target;
using client::testing::Peer;
using client::testing::PeerGone;
using client::testing::Server;
using client::transport::Loop;
using client::transport::Route;
using client::transport::Stamps;
using client::transport::Stream;
using client::transport::StreamPtr;

namespace {

constexpr auto kLimit = 10s;

/// Bytes of which no two places look alike.
std::string pattern(std::size_t size) {
  std::string bytes;
  for (std::uint32_t i = 0; bytes.size() < size; ++i) bytes += std::to_string(i) + ' ';
  bytes.resize(size);
  return bytes;
}

/// A stream that writes down what it is told, in a loop that it stops when `done` holds, or too late.
class Caller final : private Stream::Listener {
 public:
  std::function<void()> on_open = [] {};
  std::function<void()> on_bytes = [] {};
  std::string received;
  int connect_error = -1;
  int end_error = -1;
  int calls = 0;
  std::vector<event::ReadLag> lags;
  bool late = false;

  explicit Caller(const Target& target, Stamps stamps = Stamps::no)
      : route_(client::transport::find_route(target.host, target.port).value()),
        loop(client::transport::make_loop(client::testing::transport_under_test())),
        stream(loop->make_stream(*this, stamps)) {}

  void connect() { stream->connect(route_.peer, nullptr); }

  void run_until(const std::function<bool()>& done) {
    const event::Time limit = event::Clock::now() + kLimit;
    const auto look = [&, limit] {
      late = event::Clock::now() > limit;
      if (late || done()) return loop->stop();
      loop->wake_at(event::Clock::now() + 1ms);
    };
    loop->wake_at(event::Clock::now());
    loop->run(look);
    REQUIRE_FALSE(late);
  }

  bool connected() const { return connect_error >= 0; }
  bool ended() const { return end_error >= 0; }

 private:
  void on_connected(int error) noexcept override {
    ++calls;
    connect_error = error;
    if (error == 0) on_open();
  }
  void on_read(char* bytes, std::size_t size) noexcept override {
    ++calls;
    received.append(bytes, size);
    on_bytes();
  }
  void on_read_lag(const event::ReadLag& lag) noexcept override { lags.push_back(lag); }
  void on_ended(int error) noexcept override {
    ++calls;
    end_error = error;
  }

  Route route_;

 public:
  std::unique_ptr<Loop> loop;
  StreamPtr stream;
};

}  // namespace

TEST_CASE("what is written at once arrives in order, small and large alike") {
  const std::string all = pattern(400000);
  const Server server([&](Peer& peer) { peer.write(peer.read(all.size())); });
  Caller caller(server.target(), GENERATE(Stamps::no, Stamps::yes));
  caller.on_open = [&] {
    std::size_t size = 1;
    for (std::size_t at = 0; at < all.size(); at += size, size = size * 3 % 70001) {
      size = std::min(size, all.size() - at);
      caller.stream->write(std::string_view(all).substr(at, size));
    }
  };
  caller.connect();
  caller.run_until([&] { return caller.ended(); });
  CHECK(caller.connect_error == 0);
  CHECK(caller.end_error == 0);
  CHECK(caller.received == all);
}

TEST_CASE("what the peer does not take waits, and goes when it does") {
  constexpr std::size_t kPieces = 2000;
  const std::string piece = pattern(10000);
  std::atomic<bool> take{false};
  const Server server([&](Peer& peer) {
    while (!take) std::this_thread::sleep_for(1ms);
    for (std::size_t i = 0; i < kPieces; ++i) {
      if (peer.read(piece.size()) != piece) return;
    }
    peer.write("all");
  });
  Caller caller(server.target());
  caller.connect();
  caller.run_until([&] { return caller.connected(); });
  CHECK(caller.stream->unsent() == 0);
  std::size_t written = 0;
  std::size_t most_unsent = 0;
  caller.run_until([&] {
    for (int i = 0; i < 100 && written < kPieces; ++i, ++written) caller.stream->write(piece);
    most_unsent = std::max(most_unsent, caller.stream->unsent());
    return written == kPieces;
  });
  CHECK(most_unsent > piece.size());
  take = true;
  caller.run_until([&] { return caller.ended(); });
  CHECK(caller.received == "all");
  CHECK(caller.stream->unsent() == 0);
}

TEST_CASE("a flood larger than every buffer is read whole, in order") {
  const std::string all = pattern(8000000);
  const Server server([&](Peer& peer) { peer.write(all); });
  Caller caller(server.target(), GENERATE(Stamps::no, Stamps::yes));
  caller.connect();
  caller.run_until([&] { return caller.ended(); });
  CHECK(caller.end_error == 0);
  CHECK(caller.received == all);
}

TEST_CASE("a port that nobody listens on refuses, and nothing else is told") {
  Caller caller({"127.0.0.1", client::testing::unused_port(), "/"});
  caller.connect();
  caller.run_until([&] { return caller.connected(); });
  CHECK(caller.connect_error == ECONNREFUSED);
  CHECK(caller.calls == 1);
}

TEST_CASE("the peer's reset and its orderly end are told apart") {
  const bool resets = GENERATE(true, false);
  const Server server([&](Peer& peer) {
    peer.read(1);  // A reset before the client knows that it is connected is a failure to connect.
    peer.write("last words");
    if (resets) peer.reset();
  });
  Caller caller(server.target(), GENERATE(Stamps::no, Stamps::yes));
  caller.on_open = [&] { caller.stream->write("?"); };
  caller.connect();
  caller.run_until([&] { return caller.ended(); });
  CHECK(caller.end_error == (resets ? ECONNRESET : 0));
  if (!resets) CHECK(caller.received == "last words");
}

TEST_CASE("closing sends what was written, and then tells nothing more") {
  std::atomic<bool> has_read{false};
  std::atomic<bool> is_gone{false};
  const Server server([&](Peer& peer) {
    peer.write("x");
    try {
      has_read = peer.read(7) == "goodbye";
      peer.read(1);
    } catch (const PeerGone&) {
      is_gone = true;
    }
  });
  Caller caller(server.target(), GENERATE(Stamps::no, Stamps::yes));
  int calls_at_close = 0;
  caller.on_bytes = [&] {
    caller.stream->write("good");
    caller.stream->write("bye");
    calls_at_close = caller.calls;
  };
  caller.connect();
  caller.run_until([&] { return has_read.load(); });
  caller.stream->close();
  caller.run_until([&] { return is_gone.load(); });
  CHECK(caller.calls == calls_at_close);
}

TEST_CASE("a stream that is freed while it connects, reads or waits to write leaves nothing behind") {
  const Server server([](Peer& peer) { peer.read(100000000); });
  const int moment = GENERATE(0, 1, 2);
  Caller caller(server.target(), GENERATE(Stamps::no, Stamps::yes));
  caller.connect();
  if (moment > 0) caller.run_until([&] { return caller.connected(); });
  if (moment > 1) caller.stream->write(pattern(20000000));
  const int calls = caller.calls;
  caller.stream.reset();
  int turns = 0;
  caller.run_until([&] { return ++turns == 5; });
  CHECK(caller.calls == calls);
}

TEST_CASE("of a stamped stream it is told how late it was read, of any other it is not") {
  const client::transport::Stamping stamping;
  std::this_thread::sleep_for(10ms);
  const auto stamps = GENERATE(Stamps::no, Stamps::yes);
  std::atomic<bool> is_read{false};
  const Server server([&](Peer& peer) {
    while (!is_read) {
      peer.write("x");
      std::this_thread::sleep_for(1ms);
    }
    peer.read(1);
  });
  Caller caller(server.target(), stamps);
  const event::Time began = event::Clock::now();
  caller.connect();
  caller.run_until([&] { return caller.received.size() >= 20; });
  is_read = true;
  const event::Duration all = event::Clock::now() - began;
  CHECK(caller.lags.empty() == (stamps == Stamps::no));
  for (const event::ReadLag& lag : caller.lags) {
    CHECK(lag.lag <= all);
    CHECK(lag.after >= 0ns);
    CHECK(lag.after <= all);
  }
}

TEST_CASE("a read that brings the peer's end with it is not told") {
  const client::transport::Stamping stamping;
  std::this_thread::sleep_for(10ms);
  std::atomic<bool> is_loop_stopped{false};
  std::atomic<bool> is_gone{false};
  const Server server([&](Peer& peer) {
    while (!is_loop_stopped) std::this_thread::sleep_for(1ms);
    peer.write("last words");
    peer.close();
    is_gone = true;
  });
  Caller caller(server.target(), Stamps::yes);
  caller.connect();
  caller.run_until([&] { return caller.connected(); });
  is_loop_stopped = true;
  while (!is_gone) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(10ms);
  caller.run_until([&] { return caller.ended(); });
  CHECK(caller.received == "last words");
  CHECK(caller.lags.empty());
}

TEST_CASE("a task that is posted from another thread runs in the loop, in order") {
  const auto loop = client::transport::make_loop(client::testing::transport_under_test());
  std::vector<int> order;
  std::thread poster([&] {
    for (int i = 0; i < 1000; ++i) {
      loop->post([&, i] { order.push_back(i); });
    }
    loop->post([&] { loop->stop(); });
  });
  loop->run([] {});
  poster.join();
  REQUIRE(order.size() == 1000);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("the earliest of several wake-ups comes, once, and not too early") {
  const auto loop = client::transport::make_loop(client::testing::transport_under_test());
  const event::Time begin = event::Clock::now();
  std::vector<event::Time> woken;
  loop->wake_at(begin + 40ms);
  loop->wake_at(begin + 20ms);
  loop->wake_at(begin + 60ms);
  loop->run([&] {
    woken.push_back(event::Clock::now());
    if (woken.size() == 2) return loop->stop();
    loop->wake_at(begin + 30ms);
  });
  REQUIRE(woken.size() == 2);
  CHECK(woken[0] >= begin + 20ms);
  CHECK(woken[1] >= begin + 30ms);
}

TEST_CASE("a wake-up may be brought forward, and asked for again, and none is lost") {
  const auto loop = client::transport::make_loop(client::testing::transport_under_test());
  const event::Time begin = event::Clock::now();
  std::vector<event::Time> woken;
  loop->wake_at(begin + 60ms);
  std::thread poster([&] {
    std::this_thread::sleep_for(10ms);  // by when the loop waits for the later time
    loop->post([&] { loop->wake_at(begin + 30ms); });
  });
  loop->run([&] {
    woken.push_back(event::Clock::now());
    if (woken.size() == 1) return loop->wake_at(begin + 100ms);
    loop->stop();
  });
  poster.join();
  REQUIRE(woken.size() == 2);
  CHECK(woken[0] >= begin + 30ms);
  CHECK(woken[1] >= begin + 100ms);  // What was asked for at first, 60 ms, is not a wake-up any more.
}

TEST_CASE("a loop that runs again keeps its wake-up, and one in the past comes at once") {
  const auto loop = client::transport::make_loop(client::testing::transport_under_test());
  const event::Time begin = event::Clock::now();
  loop->wake_at(begin + 50ms);
  loop->post([&] { loop->stop(); });
  loop->run([] { FAIL("woken too early"); });
  std::vector<event::Time> woken;
  loop->run([&] {
    woken.push_back(event::Clock::now());
    if (woken.size() == 1000) return loop->stop();
    loop->wake_at(begin);
  });
  REQUIRE(woken.size() == 1000);
  CHECK(woken[0] >= begin + 50ms);
}

TEST_CASE("a loop that nobody wants to wake runs what is posted") {
  const auto loop = client::transport::make_loop(client::testing::transport_under_test());
  std::thread poster([&] {
    std::this_thread::sleep_for(5ms);
    loop->post([&] { loop->stop(); });
  });
  int wakes = 0;
  loop->run([&] { ++wakes; });
  poster.join();
  CHECK(wakes == 0);
}
