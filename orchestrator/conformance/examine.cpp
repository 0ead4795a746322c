#include "orchestrator/conformance/examine.hpp"

#include <signal.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/probe/probe_socket.hpp"
#include "orchestrator/conformance/crowd.hpp"
#include "orchestrator/machine/file_limit.hpp"
#include "orchestrator/machine/process_group.hpp"
#include "orchestrator/util/quantities.hpp"
#include "orchestrator/util/text_lines.hpp"

namespace wsbench::conformance {

using contestants::ContestantInfo;
using contestants::InfrastructureError;
using contestants::TurnError;
using machine::Nodelay;
using results::Failure;

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;
using Kind = RuleOutcome::Kind;

namespace {

constexpr auto kStartLimit = 30s;
constexpr auto kHandshakeLimit = 2s;
/// A server that keeps the rules needs a few milliseconds; slow platforms take seconds over 1 MiB.
constexpr auto kProbeLimit = 20s;
constexpr auto kLookLimit = 10s;
/// What supervisord and the kernel may take to notice the end of a process.
constexpr auto kGoneLimit = 2s;
/// Clients that are still there when SIGTERM comes.
constexpr int kLeftBehind = 20;

RuleOutcome outcome_of(std::string why_not) {
  const auto kind = why_not.empty() ? Kind::passed : Kind::failed;
  return {kind, std::move(why_not)};
}

/// "first / second / third": what it wrote last, without empty lines.
std::string last_words(std::string_view text) {
  constexpr std::size_t kLines = 3;
  auto lines = util::last_lines(text.substr(0, text.find_last_not_of(" \t\r\n") + 1), kLines);
  std::erase(lines, "");
  return fmt::format("{}", fmt::join(lines, " / "));
}

/// Examines one contestant, from its start to its end. The members are state that the steps share.
class Examination {
 public:
  Examination(const ExaminationContext& context, const ContestantInfo& info)
      : context_(context),
        info_(info),
        contestant_(context.supervisor, info.name, context.target, context.stop) {
    result_.contestant = info.name;
  }

  tl::expected<Conformance, InfrastructureError> run() {
    const auto began = SteadyClock::now();
    if (!can_be_tried()) return result_;
    try {
      if (auto started = start(); started) {
        try_rules();
      } else {
        note(started.error());
      }
    } catch (const std::exception& error) {
      // Out of threads or memory: the contestant is stopped all the same.
      infrastructure_ = InfrastructureError(error.what());
    }
    // It must not be left running, whatever happened.
    const auto ended = end();
    if (result_.state == Conformance::State::tried) add("sigterm", ended);
    if (context_.stop.stop_requested()) result_.state = Conformance::State::cancelled;
    if (result_.state != Conformance::State::tried) result_.rules.clear();
    result_.took = SteadyClock::now() - began;
    if (infrastructure_) return tl::unexpected(*infrastructure_);
    return result_;
  }

 private:
  /// Decides by what the plug-in says whether to start it at all.
  bool can_be_tried() {
    switch (info_.state) {
      case ContestantInfo::State::not_installed:
        result_.state = Conformance::State::not_installed;
        tell(info_.packages.empty()
                 ? info_.error
                 : fmt::format("needs {} ({})", fmt::join(info_.packages, " "), info_.error));
        return false;
      case ContestantInfo::State::unanswered:
        result_.state = Conformance::State::not_started;
        tell("supervisord's wsbench plug-in did not answer about it");
        return false;
      case ContestantInfo::State::broken:
        tell("its manifest cannot be read, so nothing is expected of it: " + info_.error);
        return true;
      case ContestantInfo::State::unknown:
      case ContestantInfo::State::no_contestant:
      case ContestantInfo::State::installed:
        break;
    }
    return true;
  }

  void tell(const std::string& message) {
    result_.message += (result_.message.empty() ? "" : "; ") + message;
  }

  void tell(Failure failure) {
    contestant_.explain(failure);
    tell(failure.message);
    if (const auto said = last_words(failure.stderr_tail); !said.empty()) tell("it said: " + said);
  }

  void step(std::string_view what) const {
    if (context_.on_step) context_.on_step(result_.contestant, what);
  }

  void note(const TurnError& error) {
    if (const auto* infrastructure = std::get_if<InfrastructureError>(&error)) {
      infrastructure_ = *infrastructure;
    } else if (std::holds_alternative<contestants::Cancelled>(error)) {
      result_.state = Conformance::State::cancelled;
    } else {
      const auto& failure = std::get<Failure>(error);
      known_ = failure.kind != results::FailureKind::unknown_contestant;
      result_.state = Conformance::State::not_started;
      tell(failure);
    }
  }

  tl::expected<void, TurnError> start() {
    step("start");
    if (auto cleared = contestant_.clear_the_way(); !cleared) return cleared;
    if (auto launched = contestant_.launch(); !launched) return launched;
    find_group();
    const auto ready = contestant_.wait_until_ready(kStartLimit, kHandshakeLimit);
    if (!ready) {
      find_group();
      return tl::unexpected(ready.error());
    }
    result_.own_start = *ready;
    return {};
  }

  void find_group() {
    if (group_) return;
    const auto supervisord = context_.supervisor.get_pid();
    if (supervisord) group_ = machine::group_led_by(contestant_.pid(), *supervisord);
  }

  /// Tells only once why it has ended.
  bool is_alive() {
    if (has_died_) return false;
    // supervisord may answer before it has noticed the end of a child; its second answer is up to date.
    auto alive = contestant_.check_alive();
    if (alive) alive = contestant_.check_alive();
    if (alive) return true;
    has_died_ = true;
    if (const auto* failure = std::get_if<Failure>(&alive.error())) {
      tell(*failure);
    } else {
      note(alive.error());
    }
    return false;
  }

  void add(std::string_view rule, RuleOutcome outcome) {
    result_.rules.push_back(result_of(std::string(rule), std::move(outcome), info_.expected));
  }

  void try_rules() {
    step("rules");
    auto checks = client::probe_rules(context_.target, kProbeLimit, context_.stop);
    const bool alive = is_alive();
    for (auto& check : checks) {
      // That rule asks for the end of the connection, but not for that of the server.
      if (!alive && check.passed && check.name == "invalid_utf8") check.detail = "the server ended";
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
    if (context_.stop.stop_requested() || infrastructure_) return;
    if (!is_alive()) {
      add(rule, {Kind::failed, "not tried: it had ended"});
      return;
    }
    add(rule, attempt());
  }

  RuleOutcome nodelay() const {
    if (!group_) return {Kind::skipped, "only the contestants' own machine can tell"};
    client::ProbeSocket socket(context_.target, SteadyClock::now() + kLookLimit, context_.stop);
    socket.shake_hands();
    // By the time of its first echo a server has set what it sets, be it after the handshake.
    socket.expect_echo(client::Opcode::text, "hello");
    if (!socket.failure().empty()) return {Kind::failed, socket.failure()};
    switch (machine::nodelay_of_peer(group_members(*group_), socket.local_port())) {
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
    const auto allowed = machine::file_limit();
    if (allowed < needed || context_.server_files < needed) {
      const bool ours = allowed < needed;
      return {Kind::skipped, fmt::format("needs {} open files, {} may have {}", util::format_count(needed),
                                         ours ? "we" : "the contestant",
                                         util::format_count(ours ? allowed : context_.server_files))};
    }
    auto served = try_crowd(context_.target, clients, context_.stop);
    if (served) return outcome_of(std::move(*served));
    return {Kind::skipped, served.error()};
  }

  /// Connects clients that stay, one after the other, all within one limit.
  std::vector<std::unique_ptr<client::ProbeSocket>> leave_clients() const {
    std::vector<std::unique_ptr<client::ProbeSocket>> clients;
    const auto deadline = SteadyClock::now() + kLookLimit;
    for (int i = 0; i < kLeftBehind && !context_.stop.stop_requested(); ++i) {
      clients.push_back(std::make_unique<client::ProbeSocket>(context_.target, deadline, context_.stop));
      clients.back()->shake_hands();
    }
    return clients;
  }

  /// Ends it, clients or not, with supervisord's SIGTERM.
  RuleOutcome end() {
    if (!known_) return {};
    step("sigterm");
    const bool was_tried = result_.state == Conformance::State::tried && !infrastructure_;
    const bool was_alive = was_tried && is_alive();
    const auto clients = was_alive ? leave_clients() : std::vector<std::unique_ptr<client::ProbeSocket>>();
    const auto before = contestant_.stop_time();
    const auto stopped = contestant_.stop();
    const auto took = contestant_.stop_time() - before;
    const auto left = leave_nobody();
    if (!stopped && std::holds_alternative<InfrastructureError>(stopped.error())) note(stopped.error());
    if (!was_alive && left > 0) tell(fmt::format("{} of its processes lived on, and were killed", left));
    if (!was_alive) return {Kind::failed, "it had ended before"};
    if (!stopped) return {Kind::failed, message_of(stopped.error())};
    if (took >= patience())
      return {Kind::failed, fmt::format("only SIGKILL ended it, after {}", util::format_duration(took))};
    if (left > 0) return {Kind::failed, fmt::format("{} of its processes lived on", left)};
    return {};
  }

  /// How long supervisord waits between SIGTERM and SIGKILL.
  std::chrono::nanoseconds patience() const {
    const auto configs = context_.supervisor.get_all_config_info();
    if (!configs) return std::chrono::nanoseconds::max();
    for (const auto& config : *configs) {
      const auto full = config.name == config.group ? config.name : config.group + ":" + config.name;
      if (full == result_.contestant) return config.stop_wait;
    }
    return std::chrono::nanoseconds::max();
  }

  /// The processes of its group that did not end; the next contestant must not find them.
  std::size_t leave_nobody() const {
    if (!group_) return 0;
    const auto deadline = SteadyClock::now() + kGoneLimit;
    auto members = group_members(*group_);
    while (!members.empty() && SteadyClock::now() < deadline) {
      std::this_thread::sleep_for(10ms);
      members = group_members(*group_);
    }
    if (!members.empty()) ::kill(-group_->leader, SIGKILL);
    return members.size();
  }

  const ExaminationContext& context_;
  const ContestantInfo& info_;
  contestants::Contestant contestant_;
  Conformance result_;
  std::optional<InfrastructureError> infrastructure_;
  std::optional<machine::ProcessGroup> group_;  ///< of its processes; none: they are not on this machine
  bool known_ = true;                           ///< supervisord has such a program
  bool has_died_ = false;                       ///< since it was ready
};

}  // namespace

tl::expected<Conformance, InfrastructureError> examine(const ExaminationContext& context,
                                                       const ContestantInfo& info) {
  return Examination(context, info).run();
}

}  // namespace wsbench::conformance
