#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "orchestrator/exports/sink.hpp"
#include "store/event/event.hpp"

// Writes rows of text fast: through a plain pointer into a buffer, in pieces of fixed size.

namespace wsbench::exports {

/// Whole microseconds since the Unix epoch, rounded down.
inline std::int64_t microseconds(event::Time time) noexcept {
  return std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count();
}

/// The longest 64-bit integer: 20 characters with its sign.
constexpr std::size_t kLongestNumber = 20;

template <std::integral T>
char* put_number(char* to, T value) noexcept {
  return std::to_chars(to, to + kLongestNumber, value).ptr;
}

/// A short text that is copied together with the unused rest of its array, which needs no loop. The
/// destination must have room for kCapacity bytes.
class FixedText {
 public:
  static constexpr std::size_t kCapacity = 48;

  FixedText() = default;
  explicit FixedText(std::string_view text) : size_(text.size()) {
    assert(text.size() <= kCapacity);
    std::copy(text.begin(), text.end(), text_.begin());
  }

  char* put(char* to) const noexcept {
    std::memcpy(to, text_.data(), kCapacity);
    return to + size_;
  }

 private:
  std::array<char, kCapacity> text_{};
  std::size_t size_ = 0;
};

/// Writes microseconds since the epoch as digits; keeps those of the second from one row to the next.
class TimestampText {
 public:
  char* put(char* to, std::int64_t microseconds) noexcept {
    const std::int64_t second = microseconds / 1'000'000;
    if (microseconds < 1'000'000) return put_number(to, microseconds);
    if (second != second_) {
      second_ = second;
      size_ = static_cast<std::size_t>(put_number(digits_.data(), second) - digits_.data());
    }
    std::memcpy(to, digits_.data(), digits_.size());
    to += size_;
    auto rest = static_cast<std::uint32_t>(microseconds - second * 1'000'000);
    for (char* digit = to + 4; digit >= to; digit -= 2, rest /= 100) put_two_digits(digit, rest % 100);
    return to + 6;
  }

 private:
  static void put_two_digits(char* to, std::uint32_t value) noexcept {
    to[0] = static_cast<char>('0' + value / 10);
    to[1] = static_cast<char>('0' + value % 10);
  }

  std::int64_t second_ = 0;
  std::array<char, kLongestNumber> digits_{};
  std::size_t size_ = 0;
};

/// A buffer in front of a sink. Keeps the sink's first error, and drops what is written after it.
class TextWriter {
 public:
  explicit TextWriter(Sink& sink) : sink_(sink), buffer_(kBufferBytes) {}

  /// A place for `most` bytes, at most kLargestReserve. commit() says where those that were written end.
  char* reserve(std::size_t most) {
    assert(most <= kLargestReserve);
    if (buffer_.size() - used_ < most) flush();
    return buffer_.data() + used_;
  }
  void commit(const char* end) noexcept { used_ = static_cast<std::size_t>(end - buffer_.data()); }

  void text(std::string_view text) {
    while (!text.empty()) {
      const auto part = text.substr(0, kLargestReserve);
      commit(std::copy(part.begin(), part.end(), reserve(part.size())));
      text.remove_prefix(part.size());
    }
  }

  bool failed() const noexcept { return !status_; }

  /// Writes what the buffer holds to the sink, which the caller then finishes.
  Result<void> finish() {
    flush();
    return status_;
  }

  static constexpr std::size_t kLargestReserve = std::size_t{64} << 10U;

 private:
  static constexpr std::size_t kBufferBytes = std::size_t{256} << 10U;

  void flush() {
    if (status_) status_ = sink_.write({buffer_.data(), used_});
    used_ = 0;
  }

  Sink& sink_;
  Result<void> status_;
  std::vector<char> buffer_;
  std::size_t used_ = 0;
};

}  // namespace wsbench::exports
