#pragma once

#include <cstddef>
#include <string_view>

#include "client/load/load.hpp"
#include "client/plan.hpp"
#include "orchestrator/contestants/monitor.hpp"
#include "orchestrator/results/run_documents.hpp"

namespace wsbench::suite {

/// Where a suite is, as its observers are told.
struct TurnView {
  std::size_t index = 0;  ///< of `total`, from 0
  std::size_t total = 0;
  const results::Turn& turn;
  results::TurnState state = results::TurnState::pending;
  const client::Plan& plan;
  results::Nanoseconds elapsed{0};  ///< of this turn
  results::Nanoseconds turn_left{
      0};  ///< estimates: the plan's times, and what turns have cost beyond them so far
  results::Nanoseconds suite_left{0};
};

/// Told of a suite's course, from the suite's thread. Calls must return quickly: the suite waits.
class Observer {
 public:
  virtual ~Observer() = default;
  /// The suite begins or goes on: what it takes, and what has ended already (the results so far).
  virtual void began(const results::Manifest& /*manifest*/, const results::SuiteResult& /*so_far*/) {}
  /// A line worth reading ("python-ws4py was running and has been stopped").
  virtual void notice(std::string_view line) = 0;
  virtual void entered(const TurnView& view) = 0;
  /// About ten times a second under load.
  virtual void progressed(const TurnView& view, const client::Snapshot& snapshot) = 0;
  /// About once a second under load, and at both ends of the measuring phase.
  virtual void sampled(const TurnView& /*view*/, const contestants::ServerSample& /*sample*/) {}
  virtual void ended(const TurnView& view, const results::RoundResult& result) = 0;
};

}  // namespace wsbench::suite
