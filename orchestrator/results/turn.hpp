#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wsbench::results {

/// One contestant in one round.
struct Turn {
  std::uint16_t round = 0;
  std::string contestant;
  bool operator==(const Turn&) const = default;
};

/// Where a contestant's turn is. The names are in the journal and in
/// results.json.
enum class TurnState {
  pending,
  starting,  ///< supervisord starts it; nothing is known of its port yet
  probing,   ///< it has answered a handshake and an echo; what an echo server must do is being checked
  warm_up,   ///< clients connect, then send without being counted
  measuring,
  stopping,       ///< until supervisord has stopped it and its port is free
  completed,      ///< measured, and its results are in the store
  failed,         ///< see Failure; whatever was measured is in the store
  not_installed,  ///< its platform is not on the contestants' machine; does not fail a suite
  cancelled,      ///< interrupted; a resumed suite measures it afresh
  skipped,  ///< left out by the user's wish; does not fail a suite, which keeps it so when it is resumed
};

std::string_view name(TurnState state) noexcept;
std::optional<TurnState> turn_state_from(std::string_view name) noexcept;

/// completed, failed, not_installed, skipped: a resumed suite keeps them.
bool is_finished(TurnState state) noexcept;

/// The one table of what may follow what. Stopping always comes between starting and an end, whatever went
/// wrong.
bool may_follow(TurnState from, TurnState to) noexcept;

/// Why a contestant could not be measured. The names are in results.json.
enum class FailureKind {
  unknown_contestant,  ///< supervisord has no such program
  command_missing,     ///< its command is not there or cannot be executed
  spawn_failed,        ///< supervisord could not start it
  exited,              ///< it ended before it served
  died,                ///< it ended, or was started anew, under load
  port_taken,          ///< something else listens on the contestants' port
  start_timeout,       ///< nobody listened on the port within start_timeout_seconds
  no_answer,           ///< it listens, but does not answer the handshake or the echo
  handshake_rejected,  ///< an HTTP answer other than 101
  protocol_error,      ///< its answer is not WebSocket
  echo_mismatch,       ///< it echoes other bytes than were sent
  connections_closed,  ///< it closed most of its connections under load
  no_connections,      ///< none of the clients could connect under load
  client_exhausted,    ///< the load machine ran out of files or ports: nothing is said of the contestant
  internal,            ///< supervisord's answers made no sense
};

std::string_view name(FailureKind kind) noexcept;
std::optional<FailureKind> failure_kind_from(std::string_view name) noexcept;

struct Failure {
  FailureKind kind = FailureKind::internal;
  std::string message;      ///< a sentence for people
  std::string spawn_error;  ///< supervisord's, if it has one
  std::string stderr_tail;  ///< what the contestant wrote to stderr in this turn, its last bytes
};

}  // namespace wsbench::results
