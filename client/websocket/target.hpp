#pragma once

#include <cstdint>
#include <string>

namespace wsbench::client {

/// A WebSocket server's endpoint. (Clean in C++17 and C++20.)
struct Target {
  std::string host;  ///< a name or an address; resolved once, when a load starts
  std::uint16_t port = 8000;
  std::string path = "/";
};

}  // namespace wsbench::client
