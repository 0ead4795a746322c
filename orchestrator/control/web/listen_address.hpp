#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace wsbench::control::web {

/// Where the control server listens.
struct ListenAddress {
  std::string address = "127.0.0.1";  ///< numeric, IPv4 or IPv6 without brackets
  std::uint16_t port = 9002;          ///< 0: one that is free
};

/// "127.0.0.1:9002", "[::1]:9002", "10.0.0.2", "localhost:9002"; "9002" is a port of 127.0.0.1; ":9002" and
/// "*:9002" are all IPv4 addresses, as supervisord has it. What is left out is as in ListenAddress. The error
/// is one line.
tl::expected<ListenAddress, std::string> parse_listen(std::string_view text);

/// "127.0.0.1:9002", "[::1]:9002"
std::string display(const ListenAddress& listen);

/// 127.0.0.0/8 and ::1.
bool is_loopback(std::string_view address) noexcept;

/// Elsewhere than on loopback nobody listens without a password; the error says what to do.
tl::expected<void, std::string> check_listen(std::string_view address, bool has_password);

}  // namespace wsbench::control::web
