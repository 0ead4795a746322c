#include "orchestrator/results/ranking.hpp"

#include <algorithm>
#include <limits>
#include <random>

#include <fmt/format.h>

namespace wsbench::results {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

Interval bootstrap_median(const std::vector<double>& values) {
  constexpr int kResamples = 2000;
  std::mt19937_64 random(1);
  std::uniform_int_distribution<std::size_t> pick(0, values.size() - 1);
  std::vector<double> medians;
  medians.reserve(kResamples);
  std::vector<double> sample(values.size());
  for (int i = 0; i < kResamples; ++i) {
    for (auto& value : sample) value = values[pick(random)];
    medians.push_back(median(sample));
  }
  std::sort(medians.begin(), medians.end());
  return {medians[kResamples / 40], medians[kResamples - 1 - kResamples / 40]};
}

namespace {

constexpr double kHolds = 0.999;

using Rounds = std::vector<const RoundResult*>;

/// Median over executions of one quantile; none when it is lost in half of them or more.
std::optional<Nanoseconds> median_of(const Rounds& rounds, Quantiles RoundResult::*which,
                                     std::optional<Nanoseconds> Quantiles::*quantile) {
  std::vector<double> values;
  for (const auto* round : rounds) {
    const auto& value = (round->*which).*quantile;
    values.push_back(value ? static_cast<double>(value->count()) : std::numeric_limits<double>::infinity());
  }
  const double middle = median(std::move(values));
  if (middle == std::numeric_limits<double>::infinity()) return std::nullopt;
  return Nanoseconds(static_cast<Nanoseconds::rep>(middle));
}

Quantiles median_quantiles(const Rounds& rounds, Quantiles RoundResult::*which) {
  Quantiles q;
  for (const auto* round : rounds) {
    q.count += (round->*which).count;
    q.lost += (round->*which).lost;
    q.exact = q.exact && (round->*which).exact;
  }
  for (auto member : {&Quantiles::min, &Quantiles::mean, &Quantiles::p50, &Quantiles::p90, &Quantiles::p95,
                      &Quantiles::p99, &Quantiles::p999, &Quantiles::max, &Quantiles::mean_at_least}) {
    q.*member = median_of(rounds, which, member);
  }
  return q;
}

/// What the rank is by, smaller is better.
double criterion(const RoundResult& round, client::Mode mode) {
  if (mode == client::Mode::closed) return -round.message_rate;
  return round.latency.p99 ? static_cast<double>(round.latency.p99->count())
                           : std::numeric_limits<double>::infinity();
}

bool holds(const RoundResult& round) {
  return static_cast<double>(round.stayed()) >= kHolds * static_cast<double>(round.requested) &&
         static_cast<double>(round.received) >= kHolds * static_cast<double>(round.sent);
}

std::string note_of(const ContestantResult& contestant, bool any_valid) {
  for (const auto& round : contestant.rounds) {
    if (round.failure) return fmt::format("{}: {}", name(round.failure->kind), round.failure->message);
    if (round.state == TurnState::not_installed) {
      return fmt::format("not installed: {}competition/setup {} sets it up",
                         round.package_hint.empty() ? "" : "needs " + round.package_hint + "; ",
                         contestant.name);
    }
    if (round.state == TurnState::skipped) return "skipped";
    if (const auto missed = round.missed_gates(); !missed.empty())
      return fmt::format("{}: {}", any_valid ? "a round is invalid" : "invalid", fmt::join(missed, "; "));
    if (!is_finished(round.state)) return "interrupted";
  }
  return "";
}

/// The state that says most about what went wrong.
TurnState worst_state(const ContestantResult& contestant) {
  for (const auto state : {TurnState::failed, TurnState::not_installed, TurnState::cancelled,
                           TurnState::skipped, TurnState::pending}) {
    for (const auto& round : contestant.rounds) {
      if (round.state == state) return state;
    }
  }
  return contestant.rounds.empty() ? TurnState::pending : TurnState::completed;
}

struct Candidate {
  RankedContestant standing;
  double value = 0;  ///< of the criterion, median over valid rounds
};

Candidate candidate_of(const ContestantResult& contestant, client::Mode mode) {
  Candidate candidate;
  auto& s = candidate.standing;
  s.name = contestant.name;
  s.state = worst_state(contestant);

  Rounds measured, valid;
  for (const auto& round : contestant.rounds) {
    if (round.valid()) valid.push_back(&round);
    if (round.measured_at_all() || round.established > 0 || round.attempted > 0) measured.push_back(&round);
  }
  s.note = note_of(contestant, !valid.empty());
  for (const auto* round : measured) {
    s.requested += round->requested;
    s.established += round->established;
    s.timeouts += round->ended_by(event::Reason::connection_timeout);
    s.sent += round->sent;
    s.received += round->received;
    s.lost += round->lost;
    s.due += round->due;
    s.reordered += round->reordered;
    s.altered += round->altered;
    s.duplicated += round->duplicated;
    s.foreign += round->foreign;
    if (round->stuck_clients) s.stuck_clients = std::max(s.stuck_clients.value_or(0), *round->stuck_clients);
    if (round->waiting_share) s.waiting_share = std::max(s.waiting_share.value_or(0), *round->waiting_share);
    if (round->lag.p99) s.lag_p99 = std::max(s.lag_p99.value_or(Nanoseconds{0}), *round->lag.p99);
    if (round->server)
      s.rss_peak_bytes = std::max(s.rss_peak_bytes.value_or(0), round->server->rss_peak_bytes);
  }

  const auto& shown = valid.empty() ? measured : valid;
  s.valid_rounds = static_cast<int>(valid.size());
  if (shown.empty()) return candidate;
  s.latency = median_quantiles(shown, &RoundResult::latency);
  s.handshake = median_quantiles(shown, &RoundResult::handshake);
  std::vector<double> rates, cpus, values;
  for (const auto* round : shown) {
    rates.push_back(round->message_rate);
    if (round->server) cpus.push_back(round->server->cpu_share);
    values.push_back(criterion(*round, mode));
  }
  s.message_rate = median(rates);
  if (!cpus.empty()) s.cpu_share = median(cpus);
  if (valid.empty()) return candidate;
  s.holds_load = std::all_of(valid.begin(), valid.end(), [](const auto* round) { return holds(*round); }) &&
                 s.state != TurnState::failed;
  if (s.note.empty() && !s.holds_load)
    s.note =
        "did not hold the load (lost more than 0.1 % of its clients or messages): ranked after those that "
        "did";
  candidate.value = median(values);
  if (values.size() >= 2) s.interval = bootstrap_median(values);
  return candidate;
}

void share_ranks(std::vector<Candidate>& ranked) {
  const Candidate* leader = nullptr;
  int position = 0;
  for (auto& candidate : ranked) {
    ++position;
    const bool tied = leader != nullptr && leader->standing.holds_load == candidate.standing.holds_load &&
                      leader->standing.interval && candidate.standing.interval &&
                      candidate.standing.interval->low <= leader->standing.interval->high;
    if (tied) {
      candidate.standing.rank = leader->standing.rank;
    } else {
      candidate.standing.rank = position;
      leader = &candidate;
    }
  }
}

}  // namespace

std::string_view rank_criterion(client::Mode mode) noexcept {
  return mode == client::Mode::open ? "latency p99" : "messages/s";
}

std::vector<RankedContestant> rank(const std::vector<ContestantResult>& contestants, client::Mode mode) {
  std::vector<Candidate> ranked, unranked;
  for (const auto& contestant : contestants) {
    auto candidate = candidate_of(contestant, mode);
    (candidate.standing.valid_rounds > 0 ? ranked : unranked).push_back(std::move(candidate));
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const Candidate& a, const Candidate& b) {
    if (a.standing.holds_load != b.standing.holds_load) return a.standing.holds_load;
    return a.value < b.value;
  });
  share_ranks(ranked);

  std::vector<RankedContestant> all;
  for (auto& candidate : ranked) all.push_back(std::move(candidate.standing));
  for (auto& candidate : unranked) all.push_back(std::move(candidate.standing));
  return all;
}

}  // namespace wsbench::results
