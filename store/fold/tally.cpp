#include "store/fold/tally.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace wsbench::store {

using event::Duration;
using event::Time;

void Tally::extend(Time first, Time last) noexcept {
  if (statistics_.sent == 0) {
    statistics_.measuring_first = first;
    statistics_.measuring_last = last;
  }
  statistics_.measuring_first = std::min(statistics_.measuring_first, first);
  statistics_.measuring_last = std::max(statistics_.measuring_last, last);
}

void Tally::record(const Matches& matches) {
  statistics_.warm_up_sent += matches.warm_up_sent;
  statistics_.warm_up_received += matches.warm_up_received;
  statistics_.reordered += matches.reordered;
  statistics_.duplicated += matches.duplicated;
  statistics_.foreign += matches.foreign;
  statistics_.altered += matches.altered.size();
  for (const auto& [message, time] : matches.altered) record_lost(message, time);
  if (matches.sent > 0) {
    Time first = matches.sent_due[0], last = first;
    for (std::size_t i = 1; i < matches.sent; ++i) {
      first = std::min(first, matches.sent_due[i]);
      last = std::max(last, matches.sent_due[i]);
    }
    extend(first, last);
    statistics_.sent += matches.sent;
    statistics_.lag.record(matches.sent_lag.data(), matches.sent);
  }
  if (matches.received > 0) {
    latency_buckets_.resize(matches.latency.size());
    event::Histogram::buckets_of(matches.latency.data(), matches.received, latency_buckets_.data());
    statistics_.latency.record(matches.latency.data(), latency_buckets_.data(), matches.received);
    statistics_.service_time.record(matches.service_time.data(), matches.received);
    statistics_.received += matches.received;
  }
  seconds_.record(matches, latency_buckets_.data());
}

void Tally::record_handshake(Time began, Time done) {
  statistics_.handshake.record(done - began);
  window_.record_connected(done);
}

void Tally::record_unsent(event::Unsent unsent) noexcept {
  const auto reason = static_cast<std::size_t>(unsent.reason);
  statistics_.not_sent[reason < statistics_.not_sent.size() ? reason : 0] += unsent.messages;
}

void Tally::record_lost(const Unanswered::Message& message, Time until) {
  window_.record_vain(message.due, until);
  const auto& span = window_.span();
  const auto waited_since = [&](Time begin) {
    return span && span->drained ? std::max(*span->drained - begin, Duration::zero()) : Duration::zero();
  };
  statistics_.latency.censor(waited_since(message.due));
  statistics_.service_time.censor(waited_since(message.sent));
}

void Tally::record_unanswered(const Unanswered::Message& message, std::optional<Time> ended) {
  record_lost(message, ended.value_or(Time::max()));
  const auto& span = window_.span();
  if (ended || !span || !span->drained) return;
  Duration& longest = waits_[message.client];
  longest = std::max(longest, *span->drained - message.due);
}

void Tally::record(const std::vector<event::ReadLag>& lags) {
  read_lags_.clear();
  read_lags_in_latency_.clear();
  for (const event::ReadLag& one : lags) {
    read_lags_.push_back(one.lag);
    read_lags_in_latency_.push_back(one.in_latency());
  }
  statistics_.read_lag.record(read_lags_.data(), read_lags_.size());
  statistics_.read_lag_in_latency.record(read_lags_in_latency_.data(), read_lags_in_latency_.size());
}

void Tally::record_ending(event::Ending ending) noexcept {
  const auto reason = static_cast<std::size_t>(ending.reason);
  ++statistics_.ended[reason < statistics_.ended.size() ? reason : 0];
}

void Tally::add(Tally&& other) {
  Statistics& from = other.statistics_;
  if (from.sent > 0) extend(from.measuring_first, from.measuring_last);
  statistics_.events += from.events;
  statistics_.attempted += from.attempted;
  for (std::size_t i = 0; i < from.ended.size(); ++i) statistics_.ended[i] += from.ended[i];
  for (std::size_t i = 0; i < from.not_sent.size(); ++i) statistics_.not_sent[i] += from.not_sent[i];
  statistics_.reordered += from.reordered;
  statistics_.altered += from.altered;
  statistics_.duplicated += from.duplicated;
  statistics_.foreign += from.foreign;
  statistics_.sent += from.sent;
  statistics_.received += from.received;
  statistics_.warm_up_sent += from.warm_up_sent;
  statistics_.warm_up_received += from.warm_up_received;
  statistics_.handshake.add(from.handshake);
  statistics_.latency.add(from.latency);
  statistics_.service_time.add(from.service_time);
  statistics_.lag.add(from.lag);
  statistics_.read_lag.add(from.read_lag);
  statistics_.read_lag_in_latency.add(from.read_lag_in_latency);
  statistics_.wall_clock_stepped = statistics_.wall_clock_stepped || from.wall_clock_stepped;
  seconds_.add(std::move(other.seconds_));
  window_.add(other.window_);
  for (const auto& [client, wait] : other.waits_) {
    Duration& longest = waits_[client];
    longest = std::max(longest, wait);
  }
}

/// Precondition: the latencies are sealed.
void Tally::find_stuck() noexcept {
  Statistics& s = statistics_;
  const Duration p99 = s.latency.quantile_of_ended(0.99).value_or(Duration::zero());
  s.stuck_after = std::max(kStuck, kStuckTimesP99 * p99);
  s.stuck = static_cast<std::uint64_t>(std::count_if(
      waits_.begin(), waits_.end(), [&](const auto& wait) { return wait.second > s.stuck_after; }));
}

Statistics Tally::finish() {
  Statistics& s = statistics_;
  s.established = s.handshake.count();
  s.lost = s.sent - s.received;
  s.due = std::accumulate(s.not_sent.begin(), s.not_sent.end(), s.sent);
  // What neither was done nor ended was cut short with the run.
  while (s.handshake.count() + s.handshake.censored() < s.attempted) s.handshake.censor(Duration::zero());
  s.window = window_.finish(s.latency.sum());
  if (s.sent > 0) s.seconds = seconds_.finish(s.measuring_last);
  if (s.wall_clock_stepped) s.read_lag = s.read_lag_in_latency = Distribution();
  for (Distribution* const one :
       {&s.handshake, &s.latency, &s.service_time, &s.lag, &s.read_lag, &s.read_lag_in_latency})
    one->seal();
  find_stuck();
  return std::move(statistics_);
}

}  // namespace wsbench::store
