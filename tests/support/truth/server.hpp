#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <unordered_map>

#include "tests/support/truth/behaviour.hpp"
#include "tests/support/truth/connection.hpp"
#include "tests/support/truth/fates.hpp"
#include "tests/support/truth/frames.hpp"
#include "tests/support/truth/log.hpp"
#include "tests/support/truth/poller.hpp"

namespace wsbench::test::truth {

/// A WebSocket echo server on 127.0.0.1 that misbehaves as it is told, and writes down what it really did:
/// what a measurement tells of it can be compared with the truth. One loop reads, decides and sends.
class Server {
 public:
  /// Listens. Port 0: one that is free. Throws std::system_error.
  explicit Server(const Behaviour& behaviour, std::uint16_t port = 0)
      : behaviour_(behaviour), fates_(behaviour), poller_(port) {}

  std::uint16_t port() const noexcept { return poller_.port(); }

  /// Serves until the stop, which may come from any thread. Throws std::system_error.
  void run(const std::stop_token& stop);

  /// Not while it runs.
  const Log& log() const noexcept { return log_; }

 private:
  void turn();
  bool is_paused() const;
  void accept_all();
  void serve(Connection& connection, std::uint32_t events);
  bool take_handshake(Connection& connection, Time read);
  bool take_frames(Connection& connection, Time read);
  void take_message(Connection& connection, const Frame& frame, Time read);
  void answer_by_fate(Connection& connection, Answer answer, Time wanted);
  Time time_to_send(Time wanted);
  void send_due();
  void settle(Connection& connection, bool is_alive);

  const Behaviour behaviour_;
  Fates fates_;
  Log log_;
  Poller poller_;
  std::uint32_t accepted_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;  ///< by number
  std::multimap<Time, Answer> agenda_;  ///< what is to be sent, and when
  std::optional<Time> first_;           ///< when the first message of a load was read
  Time next_slot_{};                    ///< with a limited rate: the earliest time of the next echo
};

}  // namespace wsbench::test::truth
