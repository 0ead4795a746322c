#include "client/transport/kind.hpp"

#include <array>
#include <system_error>
#include <utility>

#include "client/transport/ring.hpp"

namespace wsbench::client::transport {

namespace {

constexpr std::array<std::pair<Kind, std::string_view>, 4> kNames{
    {{Kind::automatic, "auto"}, {Kind::io_uring, "io_uring"}, {Kind::epoll, "epoll"}, {Kind::asio, "asio"}}};

int try_io_uring() noexcept {
  try {
    const Ring ring;
    return 0;
  } catch (const std::system_error& error) {
    return error.code().value();
  }
}

}  // namespace

std::string_view name(Kind kind) noexcept {
  return kNames[static_cast<std::size_t>(kind)].second;
}

std::optional<Kind> kind_of(std::string_view name) noexcept {
  for (const auto& [kind, its_name] : kNames) {
    if (name == its_name) return kind;
  }
  return std::nullopt;
}

int io_uring_error() noexcept {
  static const int error = try_io_uring();
  return error;
}

Kind resolved(Kind kind) noexcept {
  if (kind != Kind::automatic) return kind;
  return io_uring_error() == 0 ? Kind::io_uring : Kind::epoll;
}

std::optional<std::string> why_not(Kind kind) {
  if (kind != Kind::io_uring || io_uring_error() == 0) return std::nullopt;
  return "io_uring cannot be had: " + std::system_category().message(io_uring_error()) +
         " (it needs Linux 6.1; seccomp or kernel.io_uring_disabled may forbid it)";
}

}  // namespace wsbench::client::transport
