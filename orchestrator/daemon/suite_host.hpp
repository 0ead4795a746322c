#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/control/state/board.hpp"
#include "orchestrator/control/state/host.hpp"
#include "orchestrator/daemon/archive.hpp"
#include "orchestrator/daemon/contestant_logs.hpp"
#include "orchestrator/daemon/log.hpp"

namespace wsbench::daemon {

/// What the daemon and a foreground run tell alike: the board, the logs, the runs on disk.
class SuiteHost : public control::state::Host {
 public:
  const control::state::Board& board() const noexcept { return board_; }

  std::shared_ptr<const control::state::Status> status() const final { return board_.status(); }

  std::string read_log(std::int64_t offset, std::int64_t length) const final;
  control::state::LogWindow tail_log(std::int64_t offset, std::int64_t length) const final;
  tl::expected<std::string, control::state::Refusal> read_contestant_log(std::string_view group,
                                                                         std::string_view contestant,
                                                                         control::state::LogChannel channel,
                                                                         std::int64_t offset,
                                                                         std::int64_t length) final;
  tl::expected<control::state::LogWindow, control::state::Refusal> tail_contestant_log(
      std::string_view group, std::string_view contestant, control::state::LogChannel channel,
      std::int64_t offset, std::int64_t length) final;

  tl::expected<std::vector<control::state::RunSummary>, control::state::Refusal> runs() final;
  tl::expected<std::string, control::state::Refusal> result(std::string_view run) final;
  tl::expected<std::string, control::state::Refusal> report(std::string_view run) final;

 protected:
  /// `log` must outlive it.
  SuiteHost(const control::state::BoardSpec& spec, Log& log);

  /// Where the contestants of that group write to; none when it has not begun.
  virtual std::optional<LogSource> log_source(std::string_view group) const = 0;

  tl::unexpected<control::state::Refusal> no_such(std::string_view group,
                                                  std::string_view contestant = {}) const;

  /// The contestant's name when its suite may still leave it out or take it in.
  tl::expected<std::string, control::state::Refusal> find_open(std::string_view group,
                                                               std::string_view contestant) const;

  control::state::Board board_;
  Log& log_;

 private:
  tl::expected<LogSource, control::state::Refusal> find_log(std::string_view group,
                                                            std::string_view contestant) const;
  /// A group's run, or the name itself.
  std::string run_of(std::string_view run) const;

  Archive archive_;
};

}  // namespace wsbench::daemon
