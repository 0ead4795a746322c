#include "store/fold.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "store/event/rank.hpp"
#include "store/matcher.hpp"
#include "store/reader.hpp"

namespace wsbench::store {

namespace {

using event::Duration;
using event::Time;
using Durations = std::vector<Duration>;

constexpr std::chrono::seconds kSecond{1};

/// Gathers one round. The columns of measured messages that came back grow side by side.
class Folder final : public MatchVisitor {
 public:
  void attempted() { ++statistics_.attempted; }
  void established(const Pair& handshake) { handshakes_.push_back(handshake.elapsed); }
  void sent(Time due) {
    if (statistics_.sent++ == 0) statistics_.measuring_first = statistics_.measuring_last = due;
    statistics_.measuring_first = std::min(statistics_.measuring_first, due);
    statistics_.measuring_last = std::max(statistics_.measuring_last, due);
  }
  void received(const Pair& message) {
    dues_.push_back(message.began.time_since_epoch());
    latencies_.push_back(message.elapsed);
    lags_.push_back(message.lag);
  }
  void warm_up_sent() { ++statistics_.warm_up_sent; }
  void warm_up_received() { ++statistics_.warm_up_received; }
  void ended(event::Ending ending) {
    const auto reason = static_cast<std::size_t>(ending.reason);
    ++statistics_.ended[reason < statistics_.ended.size() ? reason : 0];
  }
  void sampled(const event::Event& sample) { samples_.push_back(sample); }

  void feed(const event::Block& block) {
    statistics_.events += block.size();
    matcher_.feed(block, *this);
  }

  Statistics finish();

 private:
  std::size_t second_of(Duration since_epoch) const noexcept {
    return static_cast<std::size_t>((since_epoch - statistics_.measuring_first.time_since_epoch()) / kSecond);
  }
  void finish_seconds();
  void finish_samples();

  Matcher matcher_;
  Statistics statistics_;
  Durations handshakes_;
  Durations dues_;  // since the epoch
  Durations latencies_;
  Durations lags_;
  std::vector<event::Event> samples_;
};

Statistics Folder::finish() {
  statistics_.established = handshakes_.size();
  statistics_.handshake =
      Distribution(std::move(handshakes_), statistics_.attempted - statistics_.established);
  statistics_.received = latencies_.size();
  statistics_.lost = statistics_.sent - statistics_.received;
  finish_seconds();
  // From here on the due times are not needed: their memory becomes the service times'.
  Durations service_times = std::move(dues_);
  std::transform(latencies_.begin(), latencies_.end(), lags_.begin(), service_times.begin(), std::minus<>());
  matcher_.unanswered().for_each(
      [&](const Outstanding::Message& message) { lags_.push_back(message.sent - message.due); });
  statistics_.latency = Distribution(std::move(latencies_), statistics_.lost);
  statistics_.service_time = Distribution(std::move(service_times), statistics_.lost);
  statistics_.lag = Distribution(std::move(lags_), 0);
  finish_samples();
  return std::move(statistics_);
}

void Folder::finish_seconds() {
  if (statistics_.sent == 0) return;
  auto& seconds = statistics_.seconds;
  seconds.resize(second_of(statistics_.measuring_last.time_since_epoch()) + 1);
  for (std::size_t i = 0; i < seconds.size(); ++i) seconds[i].index = static_cast<std::uint32_t>(i);

  // Latencies by second: counted, then each put where its second begins.
  std::vector<std::size_t> ends(seconds.size());
  for (std::size_t i = 0; i < dues_.size(); ++i) {
    ++ends[second_of(dues_[i])];
    const std::size_t arrived = second_of(dues_[i] + latencies_[i]);
    if (arrived < seconds.size()) ++seconds[arrived].received;
  }
  for (std::size_t i = 0; i < seconds.size(); ++i) seconds[i].sent = ends[i];
  matcher_.unanswered().for_each([&](const Outstanding::Message& message) {
    ++seconds[second_of(message.due.time_since_epoch())].sent;
  });
  std::exclusive_scan(ends.begin(), ends.end(), ends.begin(), std::size_t{0});
  Durations by_second(latencies_.size());
  for (std::size_t i = 0; i < dues_.size(); ++i) by_second[ends[second_of(dues_[i])]++] = latencies_[i];

  auto first = by_second.begin();
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    const auto last = by_second.begin() + static_cast<std::ptrdiff_t>(ends[i]);
    if (const auto count = static_cast<std::uint64_t>(last - first); count > 0) {
      const auto p50 = first + static_cast<std::ptrdiff_t>(event::nearest_rank(0.5, count) - 1);
      const auto p99 = first + static_cast<std::ptrdiff_t>(event::nearest_rank(0.99, count) - 1);
      std::nth_element(first, p99, last);
      std::nth_element(first, p50, p99);
      seconds[i].latency_p50 = *p50;
      seconds[i].latency_p99 = *p99;
    }
    first = last;
  }
}

void Folder::finish_samples() {
  // Phases come one after the other, and a late sample of one may be older than the first of the next.
  std::stable_sort(samples_.begin(), samples_.end(),
                   [](const event::Event& a, const event::Event& b) { return a.time < b.time; });
  for (const event::Event& sample : samples_) {
    if (statistics_.samples.empty() || statistics_.samples.back().time != sample.time)
      statistics_.samples.push_back({sample.time, {}});
    statistics_.samples.back().values[static_cast<event::Metric>(sample.client)] = sample.value;
  }
}

struct HandshakeVisitor final : MatchVisitor {
  const std::function<void(const Pair&)>& visit;
  explicit HandshakeVisitor(const std::function<void(const Pair&)>& each) : visit(each) {}
  void established(const Pair& handshake) { visit(handshake); }
};

struct MessageVisitor final : MatchVisitor {
  const std::function<void(const Pair&)>& visit;
  explicit MessageVisitor(const std::function<void(const Pair&)>& each) : visit(each) {}
  void received(const Pair& message) { visit(message); }
};

template <typename Visitor>
Result<void> match_all(const Run& run, std::string_view contestant, std::uint16_t round, Visitor visitor) {
  Matcher matcher;
  Selection selection;
  selection.round = round;
  return scan_blocks(run, contestant, selection, [&](const event::Block& block) {
    matcher.feed(block, visitor);
    return true;
  });
}

}  // namespace

Result<Statistics> fold(const Run& run, std::string_view contestant, std::uint16_t round) {
  Folder folder;
  Selection selection;
  selection.round = round;
  auto scanned = scan_blocks(run, contestant, selection, [&](const event::Block& block) {
    folder.feed(block);
    return true;
  });
  if (!scanned) return tl::unexpected(std::move(scanned.error()));
  return folder.finish();
}

Result<void> for_each_handshake(const Run& run, std::string_view contestant, std::uint16_t round,
                                const std::function<void(const Pair&)>& visit) {
  return match_all(run, contestant, round, HandshakeVisitor(visit));
}

Result<void> for_each_message(const Run& run, std::string_view contestant, std::uint16_t round,
                              const std::function<void(const Pair&)>& visit) {
  return match_all(run, contestant, round, MessageVisitor(visit));
}

}  // namespace wsbench::store
