#include "orchestrator/results/turn.hpp"

#include <array>
#include <utility>

namespace wsbench::results {

namespace {

constexpr std::array<std::pair<TurnState, std::string_view>, 11> kStateNames{{
    {TurnState::pending, "pending"},
    {TurnState::starting, "starting"},
    {TurnState::probing, "probing"},
    {TurnState::warm_up, "warm_up"},
    {TurnState::measuring, "measuring"},
    {TurnState::stopping, "stopping"},
    {TurnState::completed, "completed"},
    {TurnState::failed, "failed"},
    {TurnState::not_installed, "not_installed"},
    {TurnState::cancelled, "cancelled"},
    {TurnState::skipped, "skipped"},
}};

constexpr std::array<std::pair<FailureKind, std::string_view>, 15> kFailureNames{{
    {FailureKind::unknown_contestant, "unknown_contestant"},
    {FailureKind::command_missing, "command_missing"},
    {FailureKind::spawn_failed, "spawn_failed"},
    {FailureKind::exited, "exited"},
    {FailureKind::died, "died"},
    {FailureKind::port_taken, "port_taken"},
    {FailureKind::start_timeout, "start_timeout"},
    {FailureKind::no_answer, "no_answer"},
    {FailureKind::handshake_rejected, "handshake_rejected"},
    {FailureKind::protocol_error, "protocol_error"},
    {FailureKind::echo_mismatch, "echo_mismatch"},
    {FailureKind::connections_closed, "connections_closed"},
    {FailureKind::no_connections, "no_connections"},
    {FailureKind::client_exhausted, "client_exhausted"},
    {FailureKind::internal, "internal"},
}};

template <typename Table, typename Enum>
std::string_view name_in(const Table& table, Enum value) noexcept {
  for (const auto& [candidate, text] : table) {
    if (candidate == value) return text;
  }
  return "unknown";
}

template <typename Enum, typename Table>
std::optional<Enum> value_in(const Table& table, std::string_view name) noexcept {
  for (const auto& [value, text] : table) {
    if (text == name) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name(TurnState state) noexcept {
  return name_in(kStateNames, state);
}
std::optional<TurnState> turn_state_from(std::string_view text) noexcept {
  return value_in<TurnState>(kStateNames, text);
}

std::string_view name(FailureKind kind) noexcept {
  return name_in(kFailureNames, kind);
}
std::optional<FailureKind> failure_kind_from(std::string_view text) noexcept {
  return value_in<FailureKind>(kFailureNames, text);
}

bool is_finished(TurnState state) noexcept {
  return state == TurnState::completed || state == TurnState::failed || state == TurnState::not_installed ||
         state == TurnState::skipped;
}

bool may_follow(TurnState from, TurnState to) noexcept {
  switch (from) {
    case TurnState::pending:
      return to == TurnState::starting || to == TurnState::not_installed || to == TurnState::cancelled ||
             to == TurnState::skipped;
    case TurnState::starting:
      return to == TurnState::probing || to == TurnState::stopping;
    case TurnState::probing:
      return to == TurnState::warm_up || to == TurnState::stopping;
    case TurnState::warm_up:
      return to == TurnState::measuring || to == TurnState::stopping;
    case TurnState::measuring:
      return to == TurnState::stopping;
    case TurnState::stopping:
      return to == TurnState::completed || to == TurnState::failed || to == TurnState::not_installed ||
             to == TurnState::cancelled || to == TurnState::skipped;
    case TurnState::completed:
    case TurnState::failed:
    case TurnState::not_installed:
    case TurnState::cancelled:
    case TurnState::skipped:
      return false;
  }
  return false;
}

}  // namespace wsbench::results
