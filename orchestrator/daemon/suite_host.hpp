#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/control/board.hpp"
#include "orchestrator/control/host.hpp"
#include "orchestrator/daemon/archive.hpp"
#include "orchestrator/daemon/contestant_logs.hpp"
#include "orchestrator/daemon/log.hpp"

namespace wsbench::daemon {

/// What the daemon and a foreground run tell alike: the board, the logs, the runs on disk.
class SuiteHost : public control::Host {
 public:
  const control::Board& board() const noexcept { return board_; }

  std::shared_ptr<const control::Status> status() const final { return board_.status(); }

  std::string read_log(std::int64_t offset, std::int64_t length) const final;
  control::LogWindow tail_log(std::int64_t offset, std::int64_t length) const final;
  tl::expected<std::string, control::Refusal> read_contestant_log(std::string_view group,
                                                                  std::string_view contestant,
                                                                  control::LogChannel channel,
                                                                  std::int64_t offset,
                                                                  std::int64_t length) final;
  tl::expected<control::LogWindow, control::Refusal> tail_contestant_log(std::string_view group,
                                                                         std::string_view contestant,
                                                                         control::LogChannel channel,
                                                                         std::int64_t offset,
                                                                         std::int64_t length) final;

  tl::expected<std::vector<control::RunSummary>, control::Refusal> runs() final;
  tl::expected<std::string, control::Refusal> result(std::string_view run) final;
  tl::expected<std::string, control::Refusal> report(std::string_view run) final;

 protected:
  /// `log` must outlive it.
  SuiteHost(const control::BoardSpec& spec, Log& log);

  /// Where the contestants of that group write to; none when it has not begun.
  virtual std::optional<LogSource> log_source(std::string_view group) const = 0;

  tl::unexpected<control::Refusal> no_such(std::string_view group, std::string_view contestant = {}) const;

  /// The contestant's name when its suite may still leave it out or take it in.
  tl::expected<std::string, control::Refusal> find_open(std::string_view group,
                                                        std::string_view contestant) const;

  control::Board board_;
  Log& log_;

 private:
  tl::expected<LogSource, control::Refusal> find_log(std::string_view group,
                                                     std::string_view contestant) const;
  /// A group's run, or the name itself.
  std::string run_of(std::string_view run) const;

  Archive archive_;
};

}  // namespace wsbench::daemon
