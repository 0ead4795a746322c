#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/daemon/suite_host.hpp"
#include "orchestrator/suite/suite_control.hpp"
#include "orchestrator/suite/suite_session.hpp"

namespace wsbench::daemon {

/// A suite in the foreground as the control server's Host (`wsbench run --listen`): one job, which can be
/// watched, shortened and cancelled; no other is taken. Thread-safe. The session, the control and the log
/// must outlive it.
class Foreground final : public SuiteHost {
 public:
  struct Task {
    const suite::SuiteSession& session;  ///< open
    suite::SuiteControl& control;
    std::stop_source ends;  ///< stops the control
    bool local = false;
  };
  Foreground(Task task, Log& log);

  /// Where the suite's course is to be told.
  suite::Observer& observer() noexcept { return board_; }

  tl::expected<std::uint64_t, control::state::Refusal> submit(
      const control::state::Submission& submission) override;
  tl::expected<std::uint64_t, control::state::Refusal> again(std::string_view group) override;
  tl::expected<void, control::state::Refusal> cancel(std::string_view group) override;
  tl::expected<void, control::state::Refusal> skip(std::string_view group,
                                                   std::string_view contestant) override;
  tl::expected<void, control::state::Refusal> unskip(std::string_view group,
                                                     std::string_view contestant) override;
  void shut_down() override;

 private:
  std::optional<LogSource> log_source(std::string_view group) const override;
  void show(const std::string& contestant, results::TurnState from, results::TurnState to);

  Task task_;
};

}  // namespace wsbench::daemon
