#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

namespace wsbench::suite {

/// What a user may ask of a suite while it runs: that it ends, and that it leaves contestants out.
/// Thread-safe.
class SuiteControl {
 public:
  /// The suite ends when `stop` says so.
  explicit SuiteControl(std::stop_token stop);
  SuiteControl(const SuiteControl&) = delete;
  SuiteControl& operator=(const SuiteControl&) = delete;

  bool stop_requested() const noexcept { return stop_.stop_requested(); }
  const std::stop_token& stop() const noexcept { return stop_; }

  /// Leaves a contestant out of all rounds that it has not ended yet; the turn that it is in is ended.
  void skip(const std::string& contestant);
  /// Takes it in again, for the turns that have not come yet.
  void unskip(const std::string& contestant);
  bool skips(const std::string& contestant) const;

  /// Of the suite, before each turn: the token stops when the suite is to end, or the contestant is skipped.
  std::stop_token begin_turn(const std::string& contestant);

 private:
  struct Turn {
    std::string contestant;
    std::stop_source source;
    std::stop_callback<std::function<void()>> with_suite;
    Turn(std::string name, const std::stop_token& suite)
        : contestant(std::move(name)), with_suite(suite, [this] { source.request_stop(); }) {}
  };

  const std::stop_token stop_;
  mutable std::mutex mutex_;  // guards what follows
  std::set<std::string> skipped_;
  std::optional<Turn> turn_;
};

}  // namespace wsbench::suite
