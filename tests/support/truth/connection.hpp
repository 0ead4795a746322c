#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/truth/log.hpp"

namespace wsbench::test::truth {

/// What is to be sent to a client. The bytes may be none.
struct Answer {
  std::uint32_t connection = 0;
  std::string bytes;
  std::optional<Farewell> farewell = std::nullopt;  ///< after the bytes
  std::optional<std::size_t> record =
      std::nullopt;                   ///< in the log: the message that it answers, if it is one's of a load
  Outcome outcome = Outcome::echoed;  ///< once it is sent
};

/// A client's socket: the bytes that came and are not a whole frame yet, and those that the kernel did not
/// take yet. The log must outlive it.
class Connection {
 public:
  enum class State { handshake, open, closing };

  Connection(int descriptor, std::uint32_t number, Log& log)
      : descriptor_(descriptor), number_(number), log_(log) {}
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int descriptor() const noexcept { return descriptor_; }
  std::uint32_t number() const noexcept { return number_; }

  /// Takes what the socket has, up to a bound; false when the client has ended the connection.
  bool receive();

  /// What came, to be looked at and, from its beginning, taken away.
  std::string& input() noexcept { return input_; }

  /// Gives the bytes to the kernel, now or, with flush(), as soon as it takes them. The log is told when the
  /// last of an answer went. False when the connection is over: it was reset by its answer, or is broken.
  bool send(const Answer& answer);
  bool flush();
  bool has_output() const noexcept { return !output_.empty(); }

  State state = State::handshake;
  std::uint32_t messages = 0;  ///< received
  std::optional<Answer> held;  ///< to be sent after the next
  bool is_watched_for_output = false;

 private:
  /// An answer that is not gone yet, by the count of bytes that are gone when it is.
  struct Waiting {
    std::uint64_t end = 0;
    std::size_t record = 0;
    Outcome outcome = Outcome::echoed;
  };

  const int descriptor_;
  const std::uint32_t number_;
  Log& log_;
  std::string input_, output_;
  std::uint64_t accepted_ = 0, gone_ = 0;  ///< bytes, since the beginning
  std::deque<Waiting> waiting_;
  bool is_ending_ = false;
};

}  // namespace wsbench::test::truth
