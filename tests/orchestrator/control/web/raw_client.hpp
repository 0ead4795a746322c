#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wsbench::control::web::testing {

/// A TCP client of loopback that says exactly what it is told to. Everything is bounded in time: what does
/// not come within 20 s throws.
class RawClient {
 public:
  /// Connects; `receive_buffer` > 0: with so little room for what it has not read.
  explicit RawClient(std::uint16_t port, int receive_buffer = 0, const std::string& address = "127.0.0.1");
  RawClient(RawClient&& other) noexcept;
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// False when the server has hung up.
  bool send(std::string_view bytes);
  /// As many packets as bytes.
  bool send_dripping(std::string_view bytes);
  void shut_sending();
  /// Hangs up so that the server sees a reset.
  void reset();
  void close();

  /// Reads to the end; a reset is an end as well, and is told by was_reset().
  std::string read_all();
  bool was_reset() const noexcept { return was_reset_; }
  std::string read_exactly(std::size_t size);
  std::string read_until(std::string_view end);
  /// False when nothing has come for so long.
  bool has_something(std::chrono::milliseconds patience);

  /// A masked frame, whole.
  void send_frame(unsigned opcode, std::string_view payload);
  struct Frame {
    unsigned opcode = 0;
    std::string payload;
  };
  Frame read_frame();
  /// Reads up to the head's end; the status.
  int shake_hands(const std::string& path = "/ws", const std::string& headers = "");

 private:
  std::size_t receive(char* out, std::size_t size);
  int file_ = -1;
  bool was_reset_ = false;
};

/// "GET /x HTTP/1.1" with a Host and these further headers.
std::string get(const std::string& path, const std::string& headers = "");
std::string post(const std::string& path, const std::string& body, const std::string& headers = "");

/// Sends it whole, reads to the end.
std::string answer_to(std::uint16_t port, const std::string& request);

int status_of(const std::string& answer);
std::string body_of(const std::string& answer);
/// "" when it is not there; `name` as it is spelt.
std::string header_of(const std::string& answer, const std::string& name);

}  // namespace wsbench::control::web::testing
