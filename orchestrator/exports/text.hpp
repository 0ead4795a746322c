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

// Rows of text, fast: a row is written into a buffer through a plain pointer, in pieces of fixed size.

namespace wsbench::exports {

/// Whole microseconds since the Unix epoch, rounded down.
inline std::int64_t microseconds(event::Time time) noexcept {
  return std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count();
}

/// The digits of 64 bits with their sign.
constexpr std::size_t kLongestNumber = 20;

template <std::integral T>
char* put_number(char* to, T value) noexcept {
  return std::to_chars(to, to + kLongestNumber, value).ptr;
}

/// A short text that is copied with its whole array, which costs no loop: what it is copied to must have room
/// for kCapacity bytes.
class Piece {
 public:
  static constexpr std::size_t kCapacity = 48;

  Piece() = default;
  explicit Piece(std::string_view text) : size_(text.size()) {
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

/// Microseconds since the epoch as digits; those of the second are kept from one row to the next.
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

/// A buffer before a sink. The first error is kept; what is written after it is dropped.
class TextWriter {
 public:
  explicit TextWriter(Sink& sink) : sink_(sink), buffer_(kBufferBytes) {}

  /// Room for `most` bytes, at most kMostRoom; wrote() tells how far they went.
  char* room(std::size_t most) {
    assert(most <= kMostRoom);
    if (buffer_.size() - used_ < most) flush();
    return buffer_.data() + used_;
  }
  void wrote(const char* end) noexcept { used_ = static_cast<std::size_t>(end - buffer_.data()); }

  void text(std::string_view text) {
    while (!text.empty()) {
      const auto part = text.substr(0, kMostRoom);
      wrote(std::copy(part.begin(), part.end(), room(part.size())));
      text.remove_prefix(part.size());
    }
  }

  bool failed() const noexcept { return !status_; }
  std::uint64_t bytes() const noexcept { return flushed_ + used_; }

  /// Hands over what is here. The sink's finish() is the caller's.
  Result<void> finish() {
    flush();
    return status_;
  }

  static constexpr std::size_t kMostRoom = std::size_t{64} << 10U;

 private:
  static constexpr std::size_t kBufferBytes = std::size_t{256} << 10U;

  void flush() {
    if (status_) status_ = sink_.write({buffer_.data(), used_});
    flushed_ += used_;
    used_ = 0;
  }

  Sink& sink_;
  Result<void> status_;
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  std::uint64_t flushed_ = 0;
};

}  // namespace wsbench::exports
