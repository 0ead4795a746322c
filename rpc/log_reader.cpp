#include "rpc/log_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <tl/expected.hpp>

#include "rpc/log_recovery.hpp"

namespace wsbench::rpc {
namespace {

/// The largest integer of XML-RPC. A tail of a larger log is an HTTP 500, since its answer holds the log's
/// size; reads still work.
constexpr std::int64_t kLargestInteger = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kLargestLog = std::int64_t{1} << 43U;

/// supervisord's answer when a log window is not UTF-8, and to a tail of a log over 2 GiB.
bool is_refused(const Error& error) {
  return error.kind == Error::Kind::http && error.status == 500;
}

/// The bytes that a read with these arguments asks for in a log of this size.
LogWindow window_of(std::int64_t offset, std::int64_t length, std::int64_t size) {
  if (offset < 0) return {std::max<std::int64_t>(0, size + offset), size};
  const std::int64_t begin = std::min(offset, size);
  return {begin, length == 0 ? size : begin + std::min(length, size - begin)};
}

/// The window, read as far as it can be.
Result<LogRecovery> recovered(LogSource& source, LogWindow window) {
  constexpr std::int64_t kMostBytes = 64 << 20;
  if (window.size() > kMostBytes) {
    return tl::unexpected(Error{
        .kind = Error::Kind::too_large,
        .message = fmt::format("the log's part that was asked for has {} bytes, more than {}: ask for less",
                               window.size(), kMostBytes)});
  }
  LogRecovery recovery(source, window);
  if (auto done = recovery.run(); !done) return tl::unexpected(std::move(done.error()));
  return recovery;
}

/// A tail that supervisord refused: its window, read as far as it can be, of a log of this size.
Result<LogTail> recover_tail(LogSource& source, std::int64_t offset, std::int64_t length, std::int64_t size) {
  const bool is_rotated = size < offset;
  const std::int64_t from = is_rotated ? 0 : std::max<std::int64_t>(0, offset);
  const LogWindow window{std::max(from, size - std::max<std::int64_t>(0, length)), size};
  const bool is_skipping = window.begin > from;
  const auto recovery = recovered(source, window);
  if (!recovery) return tl::unexpected(recovery.error());

  const std::size_t tail_cut = recovery->cut_at_end();
  const std::size_t whole = recovery->text().size() - tail_cut;
  const std::size_t head_cut = is_skipping ? std::min(recovery->cut_at_start(), whole) : 0;
  return LogTail{.text = recovery->text().substr(head_cut, whole - head_cut),
                 .offset = window.end - static_cast<std::int64_t>(tail_cut),
                 .overflow = is_skipping || is_rotated};
}

}  // namespace

Result<std::string> read_log(LogSource& source, std::int64_t offset, std::int64_t length) {
  auto plain = source.read(offset, length);
  if (plain || !is_refused(plain.error())) return plain;
  const auto size = source.size();
  if (!size) return tl::unexpected(size.error());
  const auto recovery = recovered(source, window_of(offset, length, *size));
  if (!recovery) return tl::unexpected(recovery.error());

  const std::string& text = recovery->text();
  const std::size_t tail_cut = recovery->cut_at_end();
  if (tail_cut == text.size()) return text;  // else a reader would never get past this rest of a character
  const std::size_t head_cut = offset < 0 ? recovery->cut_at_start() : 0;
  return text.substr(head_cut, text.size() - tail_cut - head_cut);
}

Result<LogTail> tail_log(LogSource& source, std::int64_t offset, std::int64_t length) {
  if (offset > kLargestInteger) {
    return search_log_size(source, offset).and_then([&](std::int64_t size) {
      return recover_tail(source, offset, length, size);
    });
  }
  auto tail = source.tail(offset, length);
  std::int64_t from = std::max<std::int64_t>(0, offset);
  if (tail && tail->offset < from) {
    from = 0;
    tail = source.tail(0, length);
    if (tail) tail->overflow = true;
  }
  if (!tail && is_refused(tail.error())) {
    const auto size = source.size();
    if (!size) return tl::unexpected(size.error());
    return recover_tail(source, offset, length, *size);
  }
  if (!tail) return tail;
  // A log that grew by less than `length` is answered with its last `length` bytes, old ones among them.
  const auto fresh = static_cast<std::size_t>(std::max<std::int64_t>(0, tail->offset - from));
  if (tail->text.size() > fresh) tail->text.erase(0, tail->text.size() - fresh);
  return tail;
}

Result<std::int64_t> search_log_size(LogSource& source, std::int64_t guess) {
  constexpr std::int64_t kProbes = 16;
  // The first round probes at the guess and, in growing steps, behind it. Each later one divides the rest.
  std::vector<std::int64_t> positions;
  if (guess > 0) positions.push_back(guess - 1);
  for (std::int64_t step = 0; guess + step < kLargestLog; step = step == 0 ? 1 : step * 8) {
    positions.push_back(guess + step);
  }
  std::int64_t size_at_least = 0;
  std::int64_t absent = kLargestLog;
  while (size_at_least < absent) {
    std::vector<LogWindow> windows;
    for (const std::int64_t position : positions) windows.push_back({position, position + 1});
    const auto answers = source.read_all(windows);
    if (!answers) return tl::unexpected(answers.error());
    for (std::size_t i = 0; i < positions.size(); ++i) {
      const auto& byte = (*answers)[i];
      if (byte && byte->empty()) {
        absent = positions[i];
        break;
      }
      size_at_least = positions[i] + 1;  // also where the byte alone is not UTF-8
    }
    const std::int64_t span = absent - size_at_least;
    positions.clear();
    for (std::int64_t i = 0; i < std::min(kProbes, span); ++i) {
      positions.push_back(size_at_least + span / std::min(kProbes, span) * i);
    }
  }
  return size_at_least;
}

}  // namespace wsbench::rpc
