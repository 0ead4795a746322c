#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "client/plan.hpp"
#include "client/websocket/websocket.hpp"

// Real servers on loopback, on ports that the kernel chooses, written over plain sockets: they share no code
// with the client, and can break any rule of the protocol.

namespace wsbench::client::testing {

/// Thrown out of a script when the client has gone, or when it was silent for five seconds.
struct PeerGone {};

struct ReceivedFrame {
  unsigned opcode = 0;
  bool last = true;
  std::string payload;
};

/// The server's end of one connection. All of it blocks.
class Peer {
 public:
  explicit Peer(int file) : file_(file) {}
  ~Peer() { close(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  std::string read_request();          ///< the whole HTTP head
  std::string read(std::size_t size);  ///< exactly as many bytes
  void write(std::string_view bytes);
  ReceivedFrame read_frame();  ///< unmasked; throws std::runtime_error on a frame without mask
  void write_frame(unsigned opcode, std::string_view payload, bool last = true);

  /// Reads the request and answers 101, with these lines besides, each with its "\r\n"; returns the head.
  std::string shake_hands(const std::string& more_headers = {});

  void close() noexcept;  ///< FIN
  void reset() noexcept;  ///< RST

 private:
  void read_exactly(char* out, std::size_t size);

  int file_;
};

std::string accept_key(const std::string& key);
std::string header_of(const std::string& head, const std::string& name);

/// The 101 that answers a request's head.
std::string switching_protocols(const std::string& head, const std::string& more_headers = {});

/// What a wrong echo server does.
struct Flaws {
  bool binary_as_text = false;
  bool first_fragment_only = false;
  bool pings_ignored = false;
  bool wrong_close_code = false;
  bool close_ignored = false;
  bool stays_after_close = false;  ///< answers our close, but does not end the connection
  bool utf8_unchecked = false;
  bool root_only = false;                       ///< rejects every path but "/"
  bool own_origin_only = false;                 ///< rejects every Origin
  std::size_t largest = std::size_t{1} << 30U;  ///< closes at larger messages
  std::optional<std::size_t> spoiled_size;      ///< an echo of this size has a wrong byte
  std::chrono::milliseconds delay{0};           ///< before each echo
};

/// Echoes until the client has closed.
void echo(Peer& peer, const Flaws& flaws = {});

/// The same, after the handshake.
void converse(Peer& peer, const Flaws& flaws);

/// Runs the script in a thread per connection. The destructor ends them all.
class Server {
 public:
  using Script = std::function<void(Peer&)>;

  explicit Server(Script script, int backlog = 1024);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  Target target() const { return {"127.0.0.1", port_, "/"}; }
  std::size_t connections() const { return connections_; }
  std::set<std::string> sources() const;  ///< the clients' addresses

  /// What went wrong in a script, first; empty when nothing did.
  std::string failure() const;

 private:
  void accept_all();
  void serve(int file);

  Script script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<std::size_t> connections_{0};
  mutable std::mutex mutex_;
  std::vector<int> files_;
  std::vector<std::thread> threads_;
  std::set<std::string> sources_;
  std::string failure_;
  bool ending_ = false;
  std::thread acceptor_;
};

/// A port of loopback that nobody listens on.
std::uint16_t unused_port();

}  // namespace wsbench::client::testing
