#include "orchestrator/commands/status_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/util/quantities.hpp"
#include "orchestrator/util/text_table.hpp"

namespace wsbench::commands {

using util::Screen;
using util::TextTable;

using nlohmann::json;

namespace {

constexpr std::string_view kReset = "\033[0m", kBold = "\033[1m", kDim = "\033[2m", kRed = "\033[31m",
                           kGreen = "\033[32m", kYellow = "\033[33m", kCyan = "\033[36m";

class Paint {
 public:
  explicit Paint(bool colour) : colour_(colour) {}
  std::string operator()(std::string_view style, std::string_view text) const {
    return colour_ && !style.empty() ? fmt::format("{}{}{}", style, text, kReset) : std::string(text);
  }

 private:
  bool colour_;
};

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<double> number_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

const json& array_of(const json& object, const char* key) {
  static const json kNone = json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : kNone;
}

std::string duration_of(const json& object, const char* key) {
  const auto ns = number_of(object, key);
  return ns ? util::format_duration(std::chrono::nanoseconds(std::llround(*ns))) : "-";
}

std::string elapsed(double seconds) {
  return util::format_elapsed(std::chrono::nanoseconds(std::llround(seconds * 1e9)));
}

/// Local time.
std::string time_of(const json& object, const char* key) {
  const auto seconds = number_of(object, key);
  if (!seconds || *seconds == 0) return "-";
  const auto time = static_cast<std::time_t>(*seconds);
  return fmt::format("{:%m-%d %H:%M:%S}", fmt::localtime(time));
}

std::string_view style_of(std::string_view state) {
  if (state == "completed" || state == "complete") return kGreen;
  if (state == "failed") return kRed;
  if (state == "not_installed" || state == "cancelled" || state == "skipped") return kYellow;
  if (state == "pending" || state == "queued") return kDim;
  return kCyan;
}

/// Cut to the width, control characters replaced. Descriptions are ASCII, so a byte is a column.
std::string fitted(std::string text, std::size_t width) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  if (text.size() > width) text.resize(width);
  return text;
}

/// The last `width` values as bars of eight heights, scaled to the largest.
std::string sparkline(const std::vector<double>& values, std::size_t width) {
  static constexpr std::array<std::string_view, 8> kBars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const auto shown = std::min(width, values.size());
  const auto first = values.end() - static_cast<std::ptrdiff_t>(shown);
  const double largest = shown == 0 ? 0 : *std::max_element(first, values.end());
  std::string line;
  for (auto value = first; value != values.end(); ++value) {
    const auto height = largest > 0 ? std::lround(*value / largest * 7) : 0;
    line += kBars[static_cast<std::size_t>(std::clamp(height, 0L, 7L))];
  }
  return line;
}

const json* running_job(const json& status) {
  for (const auto& job : array_of(status, "jobs")) {
    if (text_of(job, "state") == "running") return &job;
  }
  return nullptr;
}

/// Collects the lines of a screen, and drops those that do not fit.
class Lines {
 public:
  Lines(const Screen& screen, bool colour) : screen_(screen), paint_(colour) {}

  bool full() const { return count_ + 1 >= screen_.rows; }
  void add(std::string_view style, std::string text) {
    if (full()) return;
    out_ += paint_(style, fitted(std::move(text), screen_.columns)) + "\n";
    ++count_;
  }
  /// Adds a line that is coloured and cut already.
  void add_ready(const std::string& line) {
    if (full()) return;
    out_ += line + "\n";
    ++count_;
  }
  std::string take() { return std::move(out_); }

 private:
  Screen screen_;
  Paint paint_;
  std::string out_;
  std::size_t count_ = 0;
};

void add_chart(Lines& lines, const json& points, const Screen& screen, const Paint& paint, const char* title,
               const char* key, const std::string& last) {
  std::vector<double> values;
  for (const auto& point : points) values.push_back(number_of(point, key).value_or(0));
  constexpr std::size_t kTitle = 12, kLast = 14;
  if (screen.columns < kTitle + kLast + 10) return;
  lines.add_ready(fmt::format("{:<12}{:>13} {}", title, fitted(last, kLast - 1),
                              paint(kCyan, sparkline(values, screen.columns - kTitle - kLast))));
}

void add_live(Lines& lines, const json& live, const Screen& screen, const Paint& paint) {
  const auto& points = array_of(live, "points");
  if (points.empty()) return;
  const auto& last = points.back();
  const auto rate = number_of(last, "received_rate").value_or(0);
  add_chart(lines, points, screen, paint, "msg/s", "received_rate",
            util::format_count(static_cast<std::uint64_t>(std::llround(rate))));
  add_chart(lines, points, screen, paint, "p50", "p50_ns", duration_of(last, "p50_ns"));
  add_chart(lines, points, screen, paint, "p99", "p99_ns", duration_of(last, "p99_ns"));
  add_chart(lines, points, screen, paint, "client lag", "lag_p99_ns", duration_of(last, "lag_p99_ns"));
  if (const auto rss = number_of(last, "rss_bytes"))
    add_chart(lines, points, screen, paint, "RSS", "rss_bytes",
              util::format_bytes(static_cast<std::uint64_t>(*rss)));
  if (const auto cpu = number_of(last, "cpu_share"))
    add_chart(lines, points, screen, paint, "CPU", "cpu_share", fmt::format("{:.0f} %", *cpu * 100));
}

}  // namespace

std::string render_status(const json& status, std::string_view name, bool colour) {
  const Paint paint(colour);
  std::vector<std::array<std::string, 3>> rows;
  std::size_t width = 0;
  for (const auto& job : array_of(status, "jobs")) {
    const auto group = text_of(job, "group");
    if (array_of(job, "contestants").empty() && (name.empty() || name == group)) {
      width = std::max(width, group.size());
      rows.push_back({group, text_of(job, "state"), "its contestants are known when it begins"});
    }
    for (const auto& contestant : array_of(job, "contestants")) {
      auto full = fmt::format("{}:{}", group, text_of(contestant, "name"));
      if (!name.empty() && name != group && name != full) continue;
      width = std::max(width, full.size());
      rows.push_back({std::move(full), text_of(contestant, "state"), text_of(contestant, "description")});
    }
  }
  std::string text;
  for (const auto& [full, state, description] : rows)
    text += fmt::format("{:<{}}  {}  {}\n", full, width, paint(style_of(state), fmt::format("{:<13}", state)),
                        description);
  return text;
}

std::string render_queue(const json& jobs, bool colour) {
  TextTable table({{"number"},
                   {"suite", TextTable::Align::left},
                   {"state", TextTable::Align::left},
                   {"turns"},
                   {"left"},
                   {"submitted"},
                   {"run", TextTable::Align::left}});
  std::string notes;
  for (const auto& job : jobs) {
    const auto turns = number_of(job, "turns").value_or(0);
    const auto left = number_of(job, "left_seconds");
    table.add(
        {fmt::format("{:.0f}", number_of(job, "number").value_or(0)), text_of(job, "group"),
         text_of(job, "state"),
         turns > 0 ? fmt::format("{:.0f}/{:.0f}", number_of(job, "turns_done").value_or(0), turns) : "-",
         left ? elapsed(*left) : "-", time_of(job, "submitted"),
         text_of(job, "run").empty() ? "-" : text_of(job, "run")});
    if (!text_of(job, "note").empty())
      notes += fmt::format("{}: {}\n", text_of(job, "group"), text_of(job, "note"));
  }
  return table.render(colour) + notes;
}

std::string render_watch(const json& status, const Screen& screen, bool colour) {
  const Paint paint(colour);
  Lines lines(screen, colour);
  const auto* job = running_job(status);
  if (job == nullptr) {
    lines.add(kBold, fmt::format("wsbench {}: {}", text_of(status, "version"), text_of(status, "state")));
    lines.add("", "No suite runs. `wsbench submit configs/smoke.json` puts one into the queue.");
  } else {
    const auto left = number_of(*job, "left_seconds");
    lines.add(kBold,
              fmt::format("{}: {:.0f} of {:.0f} turns done{}", text_of(*job, "group"),
                          number_of(*job, "turns_done").value_or(0), number_of(*job, "turns").value_or(0),
                          left ? fmt::format(", {} left", elapsed(*left)) : ""));
    lines.add(kDim, text_of(*job, "load"));
  }
  const auto live = status.find("live");
  if (live != status.end() && live->is_object()) {
    lines.add("", "");
    add_live(lines, *live, screen, paint);
  }
  for (const auto& listed : array_of(status, "jobs")) {
    lines.add("", "");
    if (&listed != job)
      lines.add(kBold, fmt::format("{}: {}", text_of(listed, "group"), text_of(listed, "state")));
    if (!text_of(listed, "note").empty()) lines.add(kRed, text_of(listed, "note"));
    std::size_t width = 0;
    for (const auto& one : array_of(listed, "contestants"))
      width = std::max(width, text_of(one, "name").size());
    for (const auto& one : array_of(listed, "contestants")) {
      lines.add(style_of(text_of(one, "state")),
                fmt::format("{:<{}}  {}", text_of(one, "name"), width, text_of(one, "description")));
    }
  }
  return lines.take();
}

}  // namespace wsbench::commands
