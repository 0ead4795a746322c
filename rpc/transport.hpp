#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "rpc/error.hpp"

namespace wsbench::rpc {

/// Where a supervisord listens, and as whom to speak to it.
struct Endpoint {
  std::string host = "localhost";  ///< unused with a unix socket
  int port = 9001;
  std::string unix_socket;  ///< a path; empty: TCP
  std::string user;         ///< empty: no authentication
  std::string password;

  /// "http://host:9001" or "unix:///run/supervisor.sock", without user and password: fit for logs.
  std::string display() const;
};

/// "http://user:password@host:9001/RPC2", "http://host", "host:9001", "unix:///path/supervisor.sock",
/// "unix://user:password@/path". The error is one line.
tl::expected<Endpoint, std::string> parse_endpoint(std::string_view url, int default_port = 9001);

/// Carries one request document to /RPC2 and brings the answer's body. The seam that tests fake.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual tl::expected<std::string, Error> post(std::string_view body,
                                                std::chrono::milliseconds deadline) = 0;
};

struct TransportLimits {
  std::chrono::milliseconds connect_timeout{2000};
  std::size_t max_response_bytes = 64U << 20U;
};

/// HTTP by libcurl over TCP or a unix socket, one kept-alive connection. Used from one thread at a time.
std::unique_ptr<Transport> make_http_transport(Endpoint endpoint, TransportLimits limits = {});

}  // namespace wsbench::rpc
