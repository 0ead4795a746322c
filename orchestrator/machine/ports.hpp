#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <tl/expected.hpp>

namespace wsbench::machine {

/// True when a TCP connection to host:port can be made within `limit`; it is closed at once.
bool somebody_listens(const std::string& host, std::uint16_t port,
                      std::chrono::milliseconds limit = std::chrono::milliseconds{500});

/// Whether a host's name or address can be resolved.
bool resolves(const std::string& host);

/// True when a socket of this machine can have this IPv4 or IPv6 address.
bool is_local_address(const std::string& address);

/// True when one of the addresses of a host name is.
bool is_this_machine(const std::string& host);

/// A TCP port of 127.0.0.1 that is free at this moment, from below the range of ephemeral ports: from within
/// it a client's own connection could take the port before the server does. The error is one line.
tl::expected<std::uint16_t, std::string> free_port();

}  // namespace wsbench::machine
