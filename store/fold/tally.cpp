#include "store/fold/tally.hpp"

#include <algorithm>
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
  statistics_.sent += from.sent;
  statistics_.received += from.received;
  statistics_.warm_up_sent += from.warm_up_sent;
  statistics_.warm_up_received += from.warm_up_received;
  statistics_.handshake.add(from.handshake);
  statistics_.latency.add(from.latency);
  statistics_.service_time.add(from.service_time);
  statistics_.lag.add(from.lag);
  seconds_.add(std::move(other.seconds_));
}

Statistics Tally::finish() {
  Statistics& s = statistics_;
  s.established = s.handshake.count();
  s.lost = s.sent - s.received;
  s.handshake.censor(s.attempted - s.established);
  s.latency.censor(s.lost);
  s.service_time.censor(s.lost);
  if (s.sent > 0) s.seconds = seconds_.finish(s.measuring_last);
  for (Distribution* const one : {&s.handshake, &s.latency, &s.service_time, &s.lag}) one->seal();
  return std::move(statistics_);
}

}  // namespace wsbench::store
