#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/websocket/frame.hpp"
#include "client/websocket/target.hpp"

namespace wsbench::client {

/// A WebSocket that hides nothing: frames go out as they are given, right or wrong, and come in one by one.
/// Blocking, until its deadline or a stop at most; used from one thread.
///
/// The first failure stays: whatever is asked for after it does nothing, so that a check can be written down
/// as the conversation that it is, and failure() be looked at once, at its end.
class ProbeSocket {
 public:
  using Deadline = std::chrono::steady_clock::time_point;
  using Headers = std::vector<std::pair<std::string, std::string>>;

  /// A message of however many frames, or a control frame.
  struct Message {
    Opcode opcode = Opcode::text;
    std::string payload;
  };

  /// Connects.
  ProbeSocket(const Target& target, Deadline deadline, std::stop_token stop = {});
  ~ProbeSocket();
  ProbeSocket(const ProbeSocket&) = delete;
  ProbeSocket& operator=(const ProbeSocket&) = delete;

  /// Asks for the target's path, with these headers besides those of every handshake; the answer must be the
  /// 101 of RFC 6455, section 4.2.2.
  void shake_hands(const Headers& headers = {});

  /// A header of the answer; the name in lower case. Empty when there is none.
  std::string answered(std::string_view name) const;

  void send(Opcode opcode, std::string_view payload, bool last = true);

  /// What comes next; none when the server has ended the connection, or after a failure. A frame that no
  /// server may send is a failure (RFC 6455, sections 5.1 to 5.5), and so is an end within a frame.
  std::optional<Message> receive();

  /// What comes next must be this.
  void expect(Opcode opcode, std::string_view payload);

  /// Sends a message, which must come back as it is.
  void expect_echo(Opcode opcode, std::string_view payload);

  /// The server must end the connection, and say nothing before.
  void expect_end();

  /// Whether the server has ended the connection.
  bool ended() const noexcept { return ended_; }

  void fail(std::string why);

  /// Why not; empty when all went well so far.
  const std::string& failure() const noexcept { return failure_; }

  /// Of our end of the connection; 0 when there is none.
  std::uint16_t local_port() const noexcept;

 private:
  struct Frame {
    Message message;
    bool last = true;
  };

  bool ready() const noexcept { return descriptor_ >= 0 && failure_.empty(); }
  void connect(const Target& target);
  void write(std::string_view bytes);
  bool wait_for(short events);
  bool read_some();
  bool have(std::size_t size);
  std::string take(std::size_t size);
  std::optional<std::string> take_head();
  std::optional<Frame> receive_frame();
  void check_answer(const std::string& head, const std::string& key);

  const std::string host_, path_;
  const Deadline deadline_;
  const std::stop_token stop_;
  int descriptor_ = -1;
  bool ended_ = false;    ///< the server sends no more
  std::string received_;  ///< the bytes that came, from `taken_` on not looked at yet
  std::size_t taken_ = 0;
  Headers answer_;  ///< the handshake's, names in lower case
  std::optional<Message> unfinished_;
  std::string failure_;
};

}  // namespace wsbench::client
