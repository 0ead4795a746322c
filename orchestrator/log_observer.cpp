#include "orchestrator/log_observer.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include "orchestrator/progress.hpp"

namespace wsbench::orchestrator {

namespace {

constexpr auto kProgressInterval = std::chrono::seconds{60};

class LogObserver final : public Observer {
 public:
  LogObserver(std::shared_ptr<spdlog::sinks::sink> sink, Observer& next)
      : log_("wsbench", std::move(sink)), next_(next) {
    log_.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    log_.flush_on(spdlog::level::info);
  }

  void began(const Manifest& manifest, const SuiteResult& so_far) override { next_.began(manifest, so_far); }

  void notice(std::string_view line) override {
    log_.info(line);
    next_.notice(line);
  }

  void entered(const TurnView& view) override {
    log_.info("{} round {}: {}", view.turn.contestant, view.turn.round + 1, name(view.state));
    logged_ = std::chrono::steady_clock::now();
    next_.entered(view);
  }

  void progressed(const TurnView& view, const client::Snapshot& snapshot) override {
    const auto now = std::chrono::steady_clock::now();
    if (now - logged_ >= kProgressInterval) {
      logged_ = now;
      log_.info(status_line(view, snapshot));
    }
    next_.progressed(view, snapshot);
  }

  void sampled(const TurnView& view, const ServerSample& sample) override { next_.sampled(view, sample); }

  void ended(const TurnView& view, const RoundResult& result) override {
    log_.log(result.state == TurnState::completed ? spdlog::level::info : spdlog::level::warn,
             outcome_line(view, result));
    next_.ended(view, result);
  }

 private:
  spdlog::logger log_;
  Observer& next_;
  std::chrono::steady_clock::time_point logged_{};
};

}  // namespace

tl::expected<std::unique_ptr<Observer>, std::string> make_log_observer(const std::filesystem::path& file,
                                                                       Observer& next) {
  try {
    return std::make_unique<LogObserver>(std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string()),
                                         next);
  } catch (const spdlog::spdlog_ex& error) {
    return tl::unexpected(fmt::format("log_file {} cannot be written: {}", file.string(), error.what()));
  }
}

}  // namespace wsbench::orchestrator
