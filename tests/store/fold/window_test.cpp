#include "store/fold/window.hpp"

#include <algorithm>
#include <vector>

#include <catch2/catch.hpp>

#include "store/fold/fold.hpp"
#include "tests/store/fold/rounds.hpp"
#include "tests/store/temp_directory.hpp"

using namespace wsbench;
using namespace wsbench::store;
using namespace wsbench::store::rounds;
using event::Kind;
using namespace std::chrono_literals;

TEST_CASE("a closed loop that is answered always has one message of each client under way") {
  // One client, eight messages of 100 ms each, the last of which comes back behind the end.
  const TempDirectory temp;
  std::vector<Recorded> events{{{kWarmUp, 0, 1, 0, Kind::ws_init}, Phase::ramp, 0},
                               {{kWarmUp + 1ms, 0, 1, 0, Kind::ws_onopen}, Phase::ramp, 0},
                               {{kMeasuring, 0, event::kNobody, 0, Kind::phase_began}, Phase::measuring, 0}};
  for (std::uint32_t i = 0; i < 8; ++i) {
    const Phase phase_of_echo = i < 7 ? Phase::measuring : Phase::drain;
    events.push_back({{kMeasuring + i * 100ms, 0, 1, i, Kind::send_message}, Phase::measuring, 0});
    if (i == 7)
      events.push_back({{kMeasuring + 750ms, 0, event::kNobody, 0, Kind::phase_began}, Phase::drain, 0});
    events.push_back({{kMeasuring + (i + 1) * 100ms, 0, 1, i, Kind::recv_message}, phase_of_echo, 0});
  }
  events.push_back({{kMeasuring + 900ms, 0, event::kNobody, 0, Kind::phase_began}, Phase::closing, 0});
  const auto run = store_events(temp, events, 0);
  const auto folded = fold(*run, "go", 0);
  REQUIRE(folded);
  REQUIRE(folded->window);
  CHECK(folded->window->ended - folded->window->began == 750ms);
  CHECK(folded->window->received == 7);
  CHECK(folded->window->under_way == Approx(1.0));
  CHECK(folded->window->connected == Approx(1.0));
  CHECK(folded->window->in_vain == 0.0);
}

TEST_CASE("clients are stuck when they wait far longer than the others ever did") {
  // 100 clients whose echoes take 5 ms; four are not answered after three messages, one only at the very end.
  const TempDirectory temp;
  const Duration latency_of_all = GENERATE(Duration{5ms}, Duration{400ms});
  std::vector<Recorded> events{{{kMeasuring, 0, event::kNobody, 0, Kind::phase_began}, Phase::measuring, 0}};
  std::size_t stuck = 0;
  for (std::uint32_t client = 0; client < 100; ++client) {
    std::uint32_t sequence = 0;
    for (Time due = kMeasuring; due < kDrain; due += latency_of_all, ++sequence) {
      events.push_back({{due, 0, client, sequence, Kind::send_message}, Phase::measuring, 0});
      const bool unanswered =
          (client < 4 && sequence == 3) || (client == 4 && due + latency_of_all >= kDrain);
      if (unanswered) {
        stuck += kClosing - due > std::max<Duration>(1s, 10 * latency_of_all);
        break;
      }
      const Time back = due + latency_of_all;
      events.push_back({{back, 0, client, sequence, Kind::recv_message},
                        back < kDrain ? Phase::measuring : Phase::drain,
                        0});
    }
  }
  events.push_back({{kDrain, 0, event::kNobody, 0, Kind::phase_began}, Phase::drain, 0});
  events.push_back({{kClosing, 0, event::kNobody, 0, Kind::phase_began}, Phase::closing, 0});
  std::stable_sort(events.begin(), events.end(),
                   [](const Recorded& a, const Recorded& b) { return a.event.time < b.event.time; });
  const auto run = store_events(temp, events, 0);
  const auto folded = fold(*run, "go", 0);
  REQUIRE(folded);
  CHECK(folded->stuck == stuck);
  CHECK(folded->stuck == (latency_of_all == 5ms ? 5 : 0));
  CHECK(folded->lost == 5);
}

TEST_CASE("a run without marks of its phases has them by their first events") {
  auto events = any_round(3);
  std::erase_if(events, [](const Recorded& recorded) { return recorded.event.kind == Kind::phase_began; });
  const TempDirectory temp;
  const auto run = store_events(temp, events, 0);
  const auto folded = fold(*run, "go", 0);
  REQUIRE(folded);
  REQUIRE(folded->window);
  CHECK(folded->window->began - kMeasuring < 50ms);
  CHECK(folded->window->ended - kDrain < 50ms);
  CHECK(folded->window->began >= kMeasuring);
  CHECK(folded->window->ended >= kDrain);
}

TEST_CASE("a run that was killed before the end of its measuring phase has no window, and the rest") {
  auto events = any_round(3);
  std::erase_if(events, [](const Recorded& recorded) { return recorded.phase > Phase::measuring; });
  const TempDirectory temp;
  const auto run = store_events(temp, events, 0);
  const auto folded = fold(*run, "go", 0);
  REQUIRE(folded);
  CHECK_FALSE(folded->window);
  CHECK(folded->received > 0);
  CHECK(folded->sent == folded->received + folded->lost);
  CHECK(folded->stuck == 0);
}
