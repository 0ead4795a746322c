#include "orchestrator/results/turn.hpp"

#include <array>

#include <catch2/catch.hpp>

using namespace wsbench::results;

namespace {

constexpr std::array kAllStates{TurnState::pending,   TurnState::starting,  TurnState::probing,
                                TurnState::warm_up,   TurnState::measuring, TurnState::stopping,
                                TurnState::completed, TurnState::failed,    TurnState::not_installed,
                                TurnState::cancelled, TurnState::skipped};

}  // namespace

TEST_CASE("a turn that goes well passes through every state in order") {
  const std::array way{TurnState::pending,   TurnState::starting, TurnState::probing,  TurnState::warm_up,
                       TurnState::measuring, TurnState::stopping, TurnState::completed};
  for (std::size_t i = 1; i < way.size(); ++i) CHECK(may_follow(way[i - 1], way[i]));
}

TEST_CASE("whatever has been started is stopped before its turn ends") {
  for (const auto from :
       {TurnState::starting, TurnState::probing, TurnState::warm_up, TurnState::measuring}) {
    CHECK(may_follow(from, TurnState::stopping));
    for (const auto to : {TurnState::completed, TurnState::failed, TurnState::cancelled, TurnState::skipped})
      CHECK_FALSE(may_follow(from, to));
  }
}

TEST_CASE("nothing follows an end") {
  for (const auto end : {TurnState::completed, TurnState::failed, TurnState::not_installed,
                         TurnState::cancelled, TurnState::skipped}) {
    for (const auto to : kAllStates) CHECK_FALSE(may_follow(end, to));
  }
}

TEST_CASE("states and failures are read back from their names") {
  for (const auto state : kAllStates) CHECK(turn_state_from(name(state)) == state);
  for (const auto kind : {FailureKind::unknown_contestant, FailureKind::exited, FailureKind::internal}) {
    CHECK(failure_kind_from(name(kind)) == kind);
  }
  CHECK_FALSE(turn_state_from("resting"));
}

TEST_CASE(
    "a resumed suite keeps what completed, failed, is not installed or was skipped, and measures the "
    "cancelled afresh") {
  for (const auto state : kAllStates) {
    const bool kept = state == TurnState::completed || state == TurnState::failed ||
                      state == TurnState::not_installed || state == TurnState::skipped;
    CHECK(is_finished(state) == kept);
  }
}
