#include "orchestrator/report/log_observer.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include "orchestrator/report/terminal_progress.hpp"

namespace wsbench::report {

using suite::Observer;
using suite::TurnView;

namespace {

constexpr auto kProgressInterval = std::chrono::seconds{60};

class LogObserver final : public Observer {
 public:
  explicit LogObserver(LogLine log) : log_(std::move(log)) {}

  void began(const results::Manifest& manifest, const results::SuiteResult& /*so_far*/) override {
    log_(Severity::info,
         fmt::format("{}: {} turns; {}", manifest.suite, manifest.turns.size(), manifest.load));
  }

  void notice(std::string_view line) override { log_(Severity::info, line); }

  void entered(const TurnView& view) override {
    log_(Severity::info,
         fmt::format("{} round {}: {}", view.turn.contestant, view.turn.round + 1, name(view.state)));
    logged_ = std::chrono::steady_clock::now();
  }

  void progressed(const TurnView& view, const client::Snapshot& snapshot) override {
    const auto now = std::chrono::steady_clock::now();
    if (now - logged_ >= kProgressInterval) {
      logged_ = now;
      log_(Severity::info, status_line(view, snapshot));
    }
  }

  void ended(const TurnView& view, const results::RoundResult& result) override {
    const bool went_well =
        result.state == results::TurnState::completed || result.state == results::TurnState::skipped;
    log_(went_well ? Severity::info : Severity::warning, outcome_line(view, result));
  }

 private:
  const LogLine log_;
  std::chrono::steady_clock::time_point logged_{};
};

spdlog::level::level_enum level_of(Severity severity) {
  switch (severity) {
    case Severity::info:
      return spdlog::level::info;
    case Severity::warning:
      return spdlog::level::warn;
    case Severity::error:
      break;
  }
  return spdlog::level::err;
}

}  // namespace

std::unique_ptr<Observer> make_log_observer(LogLine log) {
  return std::make_unique<LogObserver>(std::move(log));
}

tl::expected<std::unique_ptr<Observer>, std::string> make_log_observer(const std::filesystem::path& file) {
  try {
    auto log = std::make_shared<spdlog::logger>(
        "wsbench", std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string()));
    log->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    log->flush_on(spdlog::level::info);
    return make_log_observer(
        [log](Severity severity, std::string_view line) { log->log(level_of(severity), line); });
  } catch (const spdlog::spdlog_ex& error) {
    return tl::unexpected(fmt::format("log_file {} cannot be written: {}", file.string(), error.what()));
  }
}

}  // namespace wsbench::report
