#include "tests/support/truth/log.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <iterator>
#include <numeric>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wsbench::test::truth {

namespace {

Nanoseconds nearest_rank(const std::vector<Nanoseconds>& sorted, double quantile) {
  const auto rank = static_cast<std::size_t>(std::ceil(quantile * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

}  // namespace

Summary Log::summarise(Nanoseconds from, Nanoseconds to) const {
  Summary summary;
  std::vector<Nanoseconds> taken;
  const auto is_within = [&, first = records_.empty() ? Time{} : records_.front().read](Time time) {
    return time >= first + from && time - first < to;
  };
  for (const Record& record : records_) {
    const bool is_answered = record.sent != Time{};
    if (is_answered && is_within(record.sent))
      summary.echoes_sent += record.outcome == Outcome::duplicated ? 2 : 1;
    if (!is_within(record.read)) continue;
    ++summary.received[static_cast<std::size_t>(record.outcome)];
    if (is_answered) taken.push_back(record.sent - record.read);
  }
  if (taken.empty()) return summary;
  std::sort(taken.begin(), taken.end());
  const auto sum = std::accumulate(taken.begin(), taken.end(), Nanoseconds{0});
  summary.p50 = nearest_rank(taken, 0.5);
  summary.p99 = nearest_rank(taken, 0.99);
  summary.mean = sum / static_cast<Nanoseconds::rep>(taken.size());
  summary.max = taken.back();
  return summary;
}

void Log::write_csv(const std::filesystem::path& file) const {
  fmt::memory_buffer text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "connection,client,sequence,read_ns,sent_ns,outcome\n");
  for (const Record& r : records_) {
    fmt::format_to(out, "{},{},{},{},", r.connection, r.message.client, r.message.sequence,
                   r.read.time_since_epoch().count());
    if (r.sent != Time{}) fmt::format_to(out, "{}", r.sent.time_since_epoch().count());
    fmt::format_to(out, ",{}\n", name(r.outcome));
  }
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.flush()) throw std::system_error(errno, std::generic_category(), file.string());
}

std::string to_json(const Summary& summary) {
  const auto optional = [](const std::optional<Nanoseconds>& duration) {
    return duration ? nlohmann::json(duration->count()) : nlohmann::json(nullptr);
  };
  nlohmann::json received = nlohmann::json::object();
  for (std::size_t i = 0; i < kOutcomes; ++i)
    received[std::string(name(static_cast<Outcome>(i)))] = summary.received[i];
  const nlohmann::json document{{"received", received},
                                {"echoes_sent", summary.echoes_sent},
                                {"receive_to_send",
                                 {{"p50_ns", optional(summary.p50)},
                                  {"p99_ns", optional(summary.p99)},
                                  {"mean_ns", optional(summary.mean)},
                                  {"max_ns", optional(summary.max)}}}};
  return document.dump(2);
}

}  // namespace wsbench::test::truth
