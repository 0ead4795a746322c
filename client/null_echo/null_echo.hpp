#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include <tl/expected.hpp>

namespace wsbench::client {

/// The floor of the instrument: an echo server that does nothing but epoll, read, unmask and write, one
/// thread, for the suite's calibration. It knows just enough of RFC 6455 for that: frames of up to 1 MiB,
/// close and ping answered, no fragments. Listens on 127.0.0.1 and serves until the stop; the error is a
/// sentence.
tl::expected<void, std::string> serve_null_echo(std::uint16_t port, const std::stop_token& stop);

}  // namespace wsbench::client
