#include "orchestrator/control/api/exposition.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace wsbench::control::api {

namespace {

using namespace std::chrono_literals;

// Latencies of servers on one network: from the floor of the instrument to what a client gives up at.
constexpr std::array<std::chrono::nanoseconds, 17> kBounds{
    50us, 100us, 250us, 500us, 1ms, 2500us, 5ms, 10ms, 25ms, 50ms, 100ms, 250ms, 500ms, 1s, 2500ms, 5s, 10s};

std::string_view type_name(Exposition::Type type) {
  switch (type) {
    case Exposition::Type::counter:
      return "counter";
    case Exposition::Type::gauge:
      return "gauge";
    case Exposition::Type::histogram:
      return "histogram";
  }
  return "untyped";
}

std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    text += c == '\n' ? "\\n" : std::string(1, c);
  }
  return text;
}

/// A whole number has neither point nor exponent, however large a counter has grown.
std::string number(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (std::abs(value) < kExact && value == std::floor(value)) return fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

void Exposition::family(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  text_ += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type_name(type));
}

void Exposition::sample(const Labels& labels, double value) {
  line("", labels, value);
}

void Exposition::histogram(Labels labels, const event::Histogram& values, std::chrono::nanoseconds sum) {
  labels.emplace_back("le", "");
  for (const auto bound : kBounds) {
    labels.back().second = number(seconds(bound));
    line("_bucket", labels, static_cast<double>(values.count_at_or_below(bound)));
  }
  labels.back().second = "+Inf";
  line("_bucket", labels, static_cast<double>(values.count()));
  labels.pop_back();
  line("_sum", labels, seconds(sum));
  line("_count", labels, static_cast<double>(values.count()));
}

void Exposition::line(std::string_view suffix, const Labels& labels, double value) {
  text_ += name_;
  text_ += suffix;
  char before = '{';
  for (const auto& [key, text] : labels) {
    text_ += fmt::format("{}{}=\"{}\"", before, key, escaped(text));
    before = ',';
  }
  text_ += fmt::format("{} {}\n", labels.empty() ? "" : "}", number(value));
}

}  // namespace wsbench::control::api
