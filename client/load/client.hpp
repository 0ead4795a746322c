#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/load/figures.hpp"
#include "client/load/outstanding.hpp"
#include "client/load/overtaken.hpp"
#include "client/load/payload.hpp"
#include "client/load/read_sampling.hpp"
#include "client/load/recorder.hpp"
#include "client/load/sampled_client.hpp"
#include "client/plan.hpp"
#include "client/transport/prefetch.hpp"
#include "client/transport/source.hpp"
#include "client/websocket/websocket.hpp"

namespace wsbench::client {

class Client;

/// What the clients of a shard have in common.
struct ClientContext {
  const Plan& plan;
  const PayloadSource& payloads;
  std::deque<transport::Source>& sources;
  Dialer& dialer;
  Recorder& recorder;
  Figures& figures;

  event::Time measuring_began{};  ///< messages due from here ...
  event::Time measuring_ended{};  ///< ... to before here are measured
  // Closed loop: the echo of a message that was due from loop_began on makes the next one due, if it comes
  // before echo_until.
  event::Time loop_began{};
  event::Time echo_until{};

  std::uint32_t connecting = 0;
  std::uint32_t closing = 0;  ///< our close frame is sent, the client has not ended

  struct Deadline {
    event::Time time;
    Client* client;
  };
  Overtaken overtaken{};
  std::deque<Deadline> connect_deadlines{};  ///< by time; also of clients that have long been open
  std::deque<Deadline> linger_deadlines{};   ///< by time; closed WebSockets whose TCP may still be open
  ReadSampling sampling{plan};
  std::deque<SampledClient> sampled{};  ///< a deque, because they stay where they are
  std::vector<Client*> gone{};          ///< whose WebSocket can be freed, though not from within its callback
  std::string scratch{};                ///< plan.payload_bytes long
};

/// One client of the load: a connection, its messages and their echoes, and what becomes of it. It records
/// its events and counts its figures. Used from its shard's thread.
class Client final : private WebSocket::Listener {
 public:
  Client(ClientContext& context, std::uint32_t id) noexcept : context_(context), id_(id) {}

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  std::uint32_t id() const noexcept { return id_; }
  bool connecting() const noexcept { return state_ == State::connecting; }
  bool open() const noexcept { return state_ == State::open; }
  bool closing() const noexcept { return state_ == State::closing; }
  /// Its handshake was done, whatever has become of it since.
  bool established() const noexcept { return established_; }
  bool has_socket() const noexcept { return static_cast<bool>(socket_); }

  void connect() noexcept;

  /// Precondition: open().
  void send(event::Time due) noexcept;

  /// Sends our close frame. Precondition: open().
  void close() noexcept;

  /// Ends the client at once. Precondition: connecting(), open() or closing().
  void end(const event::Ending& ending) noexcept;

  /// Has the cache fetch what send() will touch: the client; then, once that is there, its WebSocket.
  void prefetch() const noexcept { transport::prefetch_object(this); }
  void prefetch_socket() const noexcept { socket_.prefetch(); }

  /// Frees the WebSocket. Not from within a callback of it.
  void free_socket() noexcept { socket_ = WebSocket(); }

 private:
  enum class State : std::uint8_t { idle, connecting, open, closing, ended };

  void on_open(event::Time time) noexcept override;
  void on_message(std::string_view payload, Opcode opcode, event::Time time) noexcept override;
  void on_pong(std::string_view /*payload*/) noexcept override {}
  void on_end(const event::Ending& ending, bool by_close_frame, event::Time time) noexcept override;
  void on_gone() noexcept override { context_.gone.push_back(this); }

  struct Echo {
    std::uint32_t sequence;
    event::Time due{};
    std::uint64_t order = 0;  ///< event::kReordered when that of a later message has come before
  };
  std::optional<Echo> take_other(std::string_view payload, Opcode opcode, event::Time time) noexcept;
  std::optional<std::uint32_t> sequence_of(std::string_view payload) const noexcept;
  std::optional<event::Time> take_overtaking(std::uint32_t sequence);
  /// Closed loop: the next message is due when an answer, right or wrong, to the one at hand has come.
  void go_on(event::Time due, event::Time time) noexcept {
    if (time < context_.echo_until && due >= context_.loop_began) send(time);
  }
  void leave_unsent(event::NotSent reason, event::Time due) noexcept;
  std::uint32_t oldest_waiting() const noexcept { return next_sequence_ - outstanding_.size(); }
  WebSocket::Listener& listener();
  void record(event::Kind kind, event::Time time, std::uint64_t value, std::uint32_t sequence = 0) noexcept;
  bool measured(event::Time due) const noexcept {
    return due >= context_.measuring_began && due < context_.measuring_ended;
  }

  ClientContext& context_;
  WebSocket socket_;
  Outstanding outstanding_;
  std::uint32_t id_;
  std::uint32_t next_sequence_ = 0;
  State state_ = State::idle;
  bool established_ = false;
};

}  // namespace wsbench::client
