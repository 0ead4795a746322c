#pragma once

#include <cstddef>

namespace wsbench::client::transport {

/// Has the cache fetch an object's first 256 bytes, which hold what an event touches. May be null. (Clean in
/// C++17 and C++20.)
inline void prefetch_object(const void* object) noexcept {
  constexpr std::size_t kLine = 64, kBytes = 256;
  if (object == nullptr) return;
  for (std::size_t at = 0; at < kBytes; at += kLine)
    __builtin_prefetch(static_cast<const char*>(object) + at);
}

}  // namespace wsbench::client::transport
