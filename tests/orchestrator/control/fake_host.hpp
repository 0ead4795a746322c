#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/control/state/host.hpp"

namespace wsbench::test {

/// A running suite "smoke-2" with a contestant in every state that matters and node-ws under load, a queued
/// one "full" and an ended one "smoke"; all at fixed times, the first 1,795,392,000 s after 1970.
control::state::Status sample_status();

/// That time.
event::Time sample_time(double seconds_later = 0);

/// A Host that keeps its suites in memory and does at once what it is asked. Thread-safe.
class FakeHost : public control::state::Host {
 public:
  explicit FakeHost(control::state::Status status = sample_status());

  /// "skip smoke-2 node-ws": the calls that change something, in order.
  std::vector<std::string> calls() const;
  bool is_shut_down() const;

  /// Changes the status as a Board would: a new one takes the old one's place.
  template <typename Change>
  void change(Change make) {
    const std::lock_guard lock(mutex_);
    auto changed = std::make_shared<control::state::Status>(*status_);
    make(*changed);
    status_ = std::move(changed);
  }

  /// What every call that can be refused gives from now on; none: back to normal.
  void refuse_all(std::optional<control::state::Refusal> refusal);

  void set_log(std::string text);
  void append_log(const std::string& text);
  /// stdout of every contestant; none: there is no such log.
  void set_contestant_log(std::optional<std::string> text);

  std::shared_ptr<const control::state::Status> status() const override;
  tl::expected<std::uint64_t, control::state::Refusal> submit(
      const control::state::Submission& submission) override;
  tl::expected<std::uint64_t, control::state::Refusal> again(std::string_view group) override;
  tl::expected<void, control::state::Refusal> cancel(std::string_view group) override;
  tl::expected<void, control::state::Refusal> skip(std::string_view group,
                                                   std::string_view contestant) override;
  tl::expected<void, control::state::Refusal> unskip(std::string_view group,
                                                     std::string_view contestant) override;
  void shut_down() override;
  std::string read_log(std::int64_t offset, std::int64_t length) const override;
  control::state::LogWindow tail_log(std::int64_t offset, std::int64_t length) const override;
  tl::expected<std::string, control::state::Refusal> read_contestant_log(std::string_view group,
                                                                         std::string_view contestant,
                                                                         control::state::LogChannel channel,
                                                                         std::int64_t offset,
                                                                         std::int64_t length) override;
  tl::expected<control::state::LogWindow, control::state::Refusal> tail_contestant_log(
      std::string_view group, std::string_view contestant, control::state::LogChannel channel,
      std::int64_t offset, std::int64_t length) override;
  tl::expected<std::vector<control::state::RunSummary>, control::state::Refusal> runs() override;
  tl::expected<std::string, control::state::Refusal> result(std::string_view run) override;
  tl::expected<std::string, control::state::Refusal> report(std::string_view run) override;

 private:
  using Turn = control::state::ContestantStatus;

  std::uint64_t add_job(const std::string& suite, std::vector<Turn> contestants);
  tl::expected<Turn, control::state::Refusal> find(std::string_view group, std::string_view contestant) const;
  void set_turn(std::string_view group, std::string_view contestant, results::TurnState state,
                const char* description);
  void record(std::string call);
  std::optional<control::state::Refusal> refusal() const;

  mutable std::mutex mutex_;
  std::shared_ptr<const control::state::Status> status_;
  std::vector<std::string> calls_;
  std::optional<control::state::Refusal> refusal_;
  std::string log_ = "the daemon's first line\nits second\n";
  std::optional<std::string> contestant_log_ = "listening\n";
  bool is_shut_down_ = false;
};

}  // namespace wsbench::test
