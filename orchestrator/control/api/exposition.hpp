#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/event/histogram.hpp"

namespace wsbench::control::api {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

/// Writes Prometheus' text format: families in turn, each with its samples. Used from one thread.
class Exposition {
 public:
  enum class Type { counter, gauge, histogram };

  /// Begins a family; the samples that follow are its own. `help` is a line.
  void family(std::string_view name, Type type, std::string_view help);
  void sample(const Labels& labels, double value);
  /// Durations in seconds, in cumulative buckets from 50 us to 10 s. `sum` is of all values.
  void histogram(Labels labels, const event::Histogram& values, std::chrono::nanoseconds sum);

  const std::string& text() const noexcept { return text_; }

 private:
  void line(std::string_view suffix, const Labels& labels, double value);

  std::string text_;
  std::string name_;  // of the family that is being written
};

}  // namespace wsbench::control::api
