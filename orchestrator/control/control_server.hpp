#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "orchestrator/control/state/board.hpp"
#include "orchestrator/control/state/host.hpp"
#include "orchestrator/control/web/access.hpp"

namespace wsbench::control {

struct ControlSettings {
  web::AccessSettings access;  ///< its listen_address is where the server listens
  std::uint16_t port = 9002;   ///< 0: one that is free
};

/// The whole control server: the web server, who may ask, the answers and the feed. Its threads give way to
/// all others. Thread-safe.
class ControlServer {
 public:
  /// Listens and serves. Host and board must outlive it. The error is one line.
  static tl::expected<std::unique_ptr<ControlServer>, std::string> start(const ControlSettings& settings,
                                                                         state::Host& host,
                                                                         const state::Board& board);
  /// Ends every connection; waits for the answer that is being made, as long as the Host's slowest call
  /// takes.
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  std::uint16_t port() const noexcept;
  /// "http://127.0.0.1:9002"
  const std::string& url() const noexcept;

 private:
  struct Parts;
  explicit ControlServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace wsbench::control
