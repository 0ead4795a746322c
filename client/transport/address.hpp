#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace wsbench::client::transport {

/// An IPv4 or IPv6 address with its port.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const noexcept { return storage.ss_family; }
};

/// Where to connect to and from.
struct Route {
  Address peer;
  std::vector<Address> sources;  ///< port 0; empty: the system's choice
};

/// Resolves `host` (blocking) to an address of the family of `sources`, else to its first IPv4 address, else
/// to its first: "localhost" is ::1 as well, where few contestants listen. Checks that every source is an
/// address of this machine. Errors are one line for people.
tl::expected<Route, std::string> find_route(const std::string& host, std::uint16_t port,
                                            const std::vector<std::string>& sources = {});

}  // namespace wsbench::client::transport
