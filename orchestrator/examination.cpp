#include <signal.h>
#include <sys/resource.h>

#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "client/probe_socket.hpp"
#include "orchestrator/conformance.hpp"
#include "orchestrator/crowd.hpp"
#include "orchestrator/monitor.hpp"
#include "orchestrator/quantities.hpp"
#include "orchestrator/server_process.hpp"

namespace wsbench::orchestrator {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;
using Kind = RuleOutcome::Kind;

namespace {

constexpr auto kStartLimit = 30s;
constexpr auto kAnswerLimit = 2s;
/// A server that keeps the rules needs a few milliseconds; slow platforms take seconds over 1 MiB.
constexpr auto kProbeLimit = 20s;
constexpr auto kLookLimit = 2s;
/// What supervisord and the kernel may take to notice the end of a process.
constexpr auto kGoneLimit = 2s;
/// Clients that are still there when SIGTERM comes.
constexpr int kLeftBehind = 20;

RuleOutcome outcome_of(std::string why_not) {
  const auto kind = why_not.empty() ? Kind::passed : Kind::failed;
  return {kind, std::move(why_not)};
}

std::string message_of(const TurnError& error) {
  if (const auto* failure = std::get_if<Failure>(&error)) return failure->message;
  if (const auto* infrastructure = std::get_if<InfrastructureError>(&error)) return infrastructure->message;
  return "interrupted";
}

std::string last_line(std::string_view text) {
  text = text.substr(0, text.find_last_not_of("\r\n") + 1);
  return std::string(text.substr(text.find_last_of('\n') + 1));
}

Expectations expectations_of(const nlohmann::json& info) {
  Expectations expectations;
  if (!info.is_object() || !info.contains("expected") || !info["expected"].is_object()) return expectations;
  for (const auto& [rule, why] : info["expected"].items()) {
    if (why.is_string()) expectations.emplace(rule, why.get<std::string>());
  }
  return expectations;
}

/// One contestant, from its start to its end. Its members are what the steps hand on to each other.
class Examination {
 public:
  Examination(const ConformanceTask& task, const std::string& name)
      : task_(task), contestant_(task.supervisor, name, task.target, task.stop) {
    result_.contestant = name;
  }

  tl::expected<Conformance, InfrastructureError> run() {
    const auto began = SteadyClock::now();
    step("installed?");
    const auto info = contestant_info(task_.supervisor, result_.contestant);
    if (info.is_object() && info.value("manifest", false) && !info.value("installed", true)) {
      const auto packages = info.value("packages", std::vector<std::string>());
      result_.state = Conformance::State::not_installed;
      result_.message = packages.empty()
                            ? info.value("error", "")
                            : fmt::format("needs {} ({})", fmt::join(packages, " "), info.value("error", ""));
      return result_;
    }
    expectations_ = expectations_of(info);
    try {
      if (auto started = start(); started) {
        try_rules();
      } else {
        note(started.error());
      }
    } catch (const std::exception& error) {
      // Out of threads or memory: the contestant is stopped all the same.
      note(InfrastructureError{error.what()});
    }
    // Whatever came, it must not be left running.
    const auto ended = end();
    if (result_.state == Conformance::State::tried) add("sigterm", ended);
    if (task_.stop.stop_requested()) result_.state = Conformance::State::cancelled;
    if (result_.state != Conformance::State::tried) result_.rules.clear();
    result_.took = SteadyClock::now() - began;
    if (infrastructure_) return tl::unexpected(*infrastructure_);
    return result_;
  }

 private:
  void step(std::string_view what) const {
    if (task_.on_step) task_.on_step(result_.contestant, what);
  }

  void note(const TurnError& error) {
    if (const auto* infrastructure = std::get_if<InfrastructureError>(&error)) {
      infrastructure_ = *infrastructure;
    } else if (std::holds_alternative<Cancelled>(error)) {
      result_.state = Conformance::State::cancelled;
    } else {
      auto failure = std::get<Failure>(error);
      contestant_.explain(failure);
      known_ = failure.kind != FailureKind::unknown_contestant;
      result_.state = Conformance::State::not_started;
      result_.message = failure.message;
      if (const auto said = last_line(failure.stderr_tail); !said.empty())
        result_.message += "; it said: " + said;
    }
  }

  tl::expected<void, TurnError> start() {
    step("start");
    if (auto cleared = contestant_.clear_the_way(); !cleared) return cleared;
    const auto ready = contestant_.start(kStartLimit, kAnswerLimit);
    if (!ready) return tl::unexpected(ready.error());
    result_.own_start = *ready;
    const auto process = task_.supervisor.get_process_info(result_.contestant);
    if (!process) return tl::unexpected(InfrastructureError{process.error().message});
    const auto supervisord = task_.supervisor.get_pid();
    // supervisord makes each of its children the leader of a group.
    if (supervisord && is_here(process->pid, *supervisord)) group_ = process->pid;
    return {};
  }

  void add(std::string_view rule, RuleOutcome outcome) {
    result_.rules.push_back(judge(std::string(rule), std::move(outcome), expectations_));
  }

  void try_rules() {
    step("rules");
    for (auto& check : client::probe_rules(task_.target, kProbeLimit)) {
      add(check.name, outcome_of(std::move(check.detail)));
    }
    try_alone("nodelay", [this] { return nodelay(); });
    try_alone("clients_200", [this] { return crowd(200); });
    try_alone("clients_2000", [this] { return crowd(2000); });
  }

  /// A server that has ended fails what is still to be tried.
  template <typename Try>
  void try_alone(std::string_view rule, const Try& attempt) {
    step(rule);
    if (task_.stop.stop_requested() || infrastructure_) return;
    if (const auto alive = contestant_.check_alive(); !alive) {
      add(rule, {Kind::failed, "not tried: " + message_of(alive.error())});
      return;
    }
    add(rule, attempt());
  }

  RuleOutcome nodelay() const {
    if (group_ == 0) return {Kind::skipped, "only the contestants' own machine can tell"};
    client::ProbeSocket socket(task_.target, SteadyClock::now() + kLookLimit);
    socket.shake_hands();
    if (!socket.failure().empty()) return {Kind::failed, socket.failure()};
    switch (nodelay_of_peer(group_members(group_), socket.local_port())) {
      case Nodelay::on:
        return {};
      case Nodelay::off:
        return {Kind::failed, "TCP_NODELAY is off"};
      case Nodelay::no_such_connection:
        return {Kind::failed, "none of its processes has our connection"};
      case Nodelay::unknown:
        break;
    }
    return {Kind::skipped, "needs the right to look at another process's sockets"};
  }

  RuleOutcome crowd(std::uint32_t clients) {
    const auto needed = files_for(clients);
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < needed || task_.server_files < needed) {
      const bool ours = limit.rlim_cur < needed;
      return {Kind::skipped, fmt::format("needs {} open files, {} may have {}", format_count(needed),
                                         ours ? "we" : "the contestant",
                                         format_count(ours ? limit.rlim_cur : task_.server_files))};
    }
    auto served = try_crowd(task_.target, clients, task_.stop);
    if (served) return outcome_of(std::move(*served));
    return {Kind::skipped, served.error()};
  }

  /// Ends it, clients or not, with supervisord's SIGTERM.
  RuleOutcome end() {
    if (!known_) return {};
    step("sigterm");
    std::vector<std::unique_ptr<client::ProbeSocket>> clients;
    if (result_.state == Conformance::State::tried && !infrastructure_) {
      for (int i = 0; i < kLeftBehind; ++i) {
        clients.push_back(
            std::make_unique<client::ProbeSocket>(task_.target, SteadyClock::now() + kLookLimit));
        clients.back()->shake_hands();
      }
    }
    const bool was_alive = contestant_.check_alive().has_value();
    const auto before = contestant_.stop_time();
    const auto stopped = contestant_.stop();
    const auto took = contestant_.stop_time() - before;
    const auto left = leave_nobody();
    if (!stopped && std::holds_alternative<InfrastructureError>(stopped.error())) note(stopped.error());
    if (!was_alive) return {Kind::failed, "it had ended before"};
    if (!stopped) return {Kind::failed, message_of(stopped.error())};
    if (took >= patience())
      return {Kind::failed, fmt::format("only SIGKILL ended it, after {}", format_duration(took))};
    if (left > 0) return {Kind::failed, fmt::format("{} of its processes lived on", left)};
    return {};
  }

  /// How long supervisord waits between SIGTERM and SIGKILL.
  std::chrono::nanoseconds patience() const {
    const auto configs = task_.supervisor.get_all_config_info();
    if (!configs) return std::chrono::nanoseconds::max();
    for (const auto& config : *configs) {
      const auto full = config.name == config.group ? config.name : config.group + ":" + config.name;
      if (full == result_.contestant) return config.stop_wait;
    }
    return std::chrono::nanoseconds::max();
  }

  /// The processes of its group that did not end; the next contestant must not find them.
  std::size_t leave_nobody() const {
    if (group_ == 0) return 0;
    const auto deadline = SteadyClock::now() + kGoneLimit;
    auto members = group_members(group_);
    while (!members.empty() && SteadyClock::now() < deadline) {
      std::this_thread::sleep_for(10ms);
      members = group_members(group_);
    }
    if (!members.empty()) ::kill(-group_, SIGKILL);
    return members.size();
  }

  const ConformanceTask& task_;
  Contestant contestant_;
  Conformance result_;
  Expectations expectations_;
  std::optional<InfrastructureError> infrastructure_;
  pid_t group_ = 0;    ///< of its processes; 0: they are not on this machine
  bool known_ = true;  ///< supervisord has such a program
};

}  // namespace

tl::expected<Conformance, InfrastructureError> examine(const ConformanceTask& task,
                                                       const std::string& contestant) {
  return Examination(task, contestant).run();
}

}  // namespace wsbench::orchestrator
