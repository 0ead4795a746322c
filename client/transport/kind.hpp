#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Which way a load moves its bytes. (Clean in C++17 and C++20.)

namespace wsbench::client::transport {

enum class Kind : std::uint8_t {
  automatic,  ///< io_uring where the kernel permits it, else epoll
  io_uring,   ///< Linux 6.1 or later, and neither seccomp nor kernel.io_uring_disabled against it
  epoll,
  asio,  ///< standalone Asio: the slowest
};

/// "auto", "io_uring", "epoll", "asio".
std::string_view name(Kind kind) noexcept;
std::optional<Kind> kind_of(std::string_view name) noexcept;

/// 0, or the errno for which this process cannot have an io_uring of the needed features. Tries once.
int io_uring_error() noexcept;

/// What `automatic` stands for on this machine; any other kind stays.
Kind resolved(Kind kind) noexcept;

/// Why a kind cannot be had here, a line for people; none when it can.
std::optional<std::string> why_not(Kind kind);

}  // namespace wsbench::client::transport
