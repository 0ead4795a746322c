#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

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
/// "unix://user:password@/path". User and password are percent-encoded, a socket's path is not. The error is
/// one line that quotes nothing of the URL.
tl::expected<Endpoint, std::string> parse_endpoint(std::string_view url, int default_port = 9001);

}  // namespace wsbench::rpc
