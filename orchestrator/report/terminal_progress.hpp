#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "orchestrator/suite/observer.hpp"

namespace wsbench::report {

/// Shows the progress of a suite on `out`: on a terminal a status line that is redrawn five times a second,
/// below the lines of what has ended; elsewhere plain lines, one for each state and one about every ten
/// seconds of load.
std::unique_ptr<suite::Observer> make_progress(std::FILE* out);

/// "[3/7] go-gorilla measuring 0:00:02 of 0:00:05, 100 open, 998 msg/s, p50 83 us, p99 210 us, left:
/// contestant 0:00:03, suite 0:00:28"
std::string status_line(const suite::TurnView& view, const client::Snapshot& snapshot);

/// "[3/7] go-gorilla completed: p50 83 us, p99 210 us, 100 of 100 clients, 0 of 5,000 messages lost"
std::string outcome_line(const suite::TurnView& view, const results::RoundResult& result);

}  // namespace wsbench::report
