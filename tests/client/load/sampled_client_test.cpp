#include "client/load/sampled_client.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/client/collecting_sink.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using client::Opcode;
using client::Recorder;
using client::SampledClient;
using client::WebSocket;
using client::testing::CollectingSink;
using event::Kind;
using event::ReadLag;
using event::Time;

namespace {

const Time kNow{1000s};

class Listener final : public WebSocket::Listener {
 public:
  std::vector<std::string> told;

  void on_open(Time /*time*/) noexcept override { told.emplace_back("open"); }
  void on_message(std::string_view payload, Opcode /*opcode*/, Time /*time*/) noexcept override {
    told.emplace_back(payload);
  }
  void on_pong(std::string_view payload) noexcept override { told.emplace_back(payload); }
  void on_end(const event::Ending& /*ending*/, bool /*by_close_frame*/, Time /*time*/) noexcept override {
    told.emplace_back("end");
  }
  void on_gone() noexcept override { told.emplace_back("gone"); }
};

}  // namespace

TEST_CASE("a sampled client hears all that it would hear without the sampling") {
  Listener listener;
  CollectingSink sink;
  Recorder recorder(sink, 0, 0);
  SampledClient sampled(listener, 7, recorder);
  sampled.on_open(kNow);
  sampled.on_message("echo", Opcode::text, kNow);
  sampled.on_pong("pong");
  sampled.on_end({event::Reason::completed, 1000}, true, kNow);
  sampled.on_gone();
  CHECK(listener.told == std::vector<std::string>{"open", "echo", "pong", "end", "gone"});
}

TEST_CASE("a read's lag is recorded with the time of the echo that it brought, and only then") {
  Listener listener;
  CollectingSink sink;
  {
    Recorder recorder(sink, 0, 0);
    SampledClient sampled(listener, 7, recorder);
    sampled.on_read_lag({1us, 0us}, kNow);  // Of a handshake.
    sampled.on_message("echo", Opcode::text, kNow + 1s);
    sampled.on_read_lag({90us, 20us}, kNow + 1s);
    sampled.on_read_lag({2us, 0us}, kNow + 2s);  // Of a ping, or half a message.
    sampled.on_message("slow", Opcode::text, kNow + 3s);
    sampled.on_read_lag({10s, 5s}, kNow + 3s);
  }
  const auto lags = sink.of(Kind::read_lag);
  REQUIRE(lags.size() == 2);
  REQUIRE(sink.all().size() == 2);
  CHECK(lags[0].event.time == kNow + 1s);
  CHECK(lags[0].event.client == 7);
  const ReadLag first = ReadLag::unpack(lags[0].event.value, lags[0].event.sequence);
  CHECK(first.lag == 90us);
  CHECK(first.after == 20us);
  CHECK(first.in_latency() == 70us);
  const ReadLag second = ReadLag::unpack(lags[1].event.value, lags[1].event.sequence);
  CHECK(second.lag == 10s);
  CHECK(second.after == 4294967295ns);  // No more than that is told.
}
