#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/plan.hpp"
#include "orchestrator/results/round_result.hpp"

namespace wsbench::results {

/// A 95 % confidence interval.
struct Interval {
  double low = 0;
  double high = 0;
};

/// Of the median of `values`: the 2.5th and 97.5th percentile of the medians of 2,000 resamples (percentile
/// bootstrap, Efron 1979; fixed seed). Precondition: values is not empty.
Interval bootstrap_median(const std::vector<double>& values);

double median(std::vector<double> values);

/// One line of the ranked tables: a contestant's rounds made one. Quantiles are medians over executions of
/// each execution's own; counts are sums; RSS, lag and timings are the worst of the rounds.
struct RankedContestant {
  std::string name;
  std::optional<int>
      rank;  ///< contestants that cannot be told apart share one; none for those without a valid measurement
  TurnState state = TurnState::pending;  ///< the worst of its rounds
  std::string note;                      ///< why there is no rank, or what to know of it; "" otherwise
  bool holds_load =
      false;  ///< at least 99.9 % of the clients established and of the messages answered, in every round
  int valid_rounds = 0;

  std::uint64_t requested = 0, established = 0, timeouts = 0, due = 0, sent = 0, received = 0, lost = 0;
  std::uint64_t reordered = 0, altered = 0, duplicated = 0, foreign = 0;
  std::optional<std::uint64_t> stuck_clients;  ///< the most of a round; closed loop only
  std::optional<double> waiting_share;         ///< likewise
  Quantiles latency, handshake;
  std::optional<Nanoseconds> lag_p99;
  double message_rate = 0;
  std::optional<std::uint64_t> rss_peak_bytes;
  std::optional<double> cpu_share;
  std::optional<Interval> interval;  ///< of what the rank is by; with two rounds or more
};

/// What ranks are by: the 99th percentile of latency in an open loop, echoes a second in a closed one.
std::string_view rank_criterion(client::Mode mode) noexcept;

/// Best first: those that hold the load by their criterion, then those that do not, then those that were not
/// measured. Contestants whose intervals overlap with that of the first of their tier share its rank; with
/// one round nobody's interval is known and ranks simply count up.
std::vector<RankedContestant> rank(const std::vector<ContestantResult>& contestants, client::Mode mode);

}  // namespace wsbench::results
