#include "rpc/log_reader.hpp"

#include <algorithm>
#include <limits>

#include "rpc/log_recovery.hpp"

namespace wsbench::rpc {
namespace {

/// supervisord's answer when a log window is not UTF-8.
bool is_undecodable(const Error& error) {
  return error.kind == Error::Kind::http && error.status == 500;
}

/// The bytes that a read with these arguments means in a log of this size.
LogWindow window_of(std::int64_t offset, std::int64_t length, std::int64_t size) {
  if (offset < 0) return {std::max<std::int64_t>(0, size + offset), size};
  const std::int64_t begin = std::min(offset, size);
  return {begin, length == 0 ? size : begin + std::min(length, size - begin)};
}

/// A tail that supervisord refused: its window read as far as it can be, the log having this size.
Result<LogTail> recover_tail(LogSource& source, std::int64_t offset, std::int64_t length, std::int64_t size) {
  const bool is_rotated = size < offset;
  const std::int64_t from = is_rotated ? 0 : std::max<std::int64_t>(0, offset);
  const LogWindow window{std::max(from, size - std::max<std::int64_t>(0, length)), size};
  const bool is_skipping = window.begin > from;
  LogRecovery recovery(source, window);
  if (auto done = recovery.run(); !done) return tl::unexpected(std::move(done.error()));

  const std::size_t tail_cut = recovery.cut_at_end();
  const std::size_t whole = recovery.text().size() - tail_cut;
  const std::size_t head_cut = is_skipping ? std::min(recovery.cut_at_start(), whole) : 0;
  LogTail tail;
  tail.text = recovery.text().substr(head_cut, whole - head_cut);
  tail.offset = window.end - static_cast<std::int64_t>(tail_cut);
  tail.overflow = is_skipping || is_rotated;
  return tail;
}

}  // namespace

Result<std::string> read_log(LogSource& source, std::int64_t offset, std::int64_t length) {
  auto plain = source.read(offset, length);
  if (plain || !is_undecodable(plain.error())) return plain;
  const auto size = source.size();
  if (!size) return tl::unexpected(size.error());
  LogRecovery recovery(source, window_of(offset, length, *size));
  if (auto done = recovery.run(); !done) return tl::unexpected(std::move(done.error()));

  const std::string& text = recovery.text();
  const std::size_t tail_cut = recovery.cut_at_end();
  if (tail_cut == text.size()) return text;  // nothing but the rest of a character: the reader must get on
  const std::size_t head_cut = offset < 0 ? recovery.cut_at_start() : 0;
  return text.substr(head_cut, text.size() - tail_cut - head_cut);
}

Result<LogTail> tail_log(LogSource& source, std::int64_t offset, std::int64_t length) {
  auto tail = source.tail(offset, length);
  std::int64_t from = std::max<std::int64_t>(0, offset);
  if (tail && tail->offset < from) {
    from = 0;
    tail = source.tail(0, length);
    if (tail) tail->overflow = true;
  }
  if (!tail && is_undecodable(tail.error())) {
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

Result<std::int64_t> search_log_size(LogSource& source) {
  constexpr std::int64_t kProbes = 16;
  const auto exist = [&source](const std::vector<std::int64_t>& positions) -> Result<std::vector<bool>> {
    std::vector<LogWindow> windows;
    for (const std::int64_t position : positions) windows.push_back({position, position + 1});
    const auto answers = source.read_all(windows);
    if (!answers) return tl::unexpected(answers.error());
    std::vector<bool> result;
    for (const auto& answer : *answers) result.push_back(!answer || !answer->empty());
    return result;
  };
  std::int64_t size_at_least = 0;
  std::int64_t absent = std::numeric_limits<std::int32_t>::max();
  while (size_at_least < absent) {
    const std::int64_t span = absent - size_at_least;
    std::vector<std::int64_t> positions;
    for (std::int64_t i = 0; i < std::min(kProbes, span); ++i) {
      positions.push_back(size_at_least + span * i / std::min(kProbes, span));
    }
    const auto found = exist(positions);
    if (!found) return tl::unexpected(found.error());
    for (std::size_t i = 0; i < positions.size(); ++i) {
      if ((*found)[i]) {
        size_at_least = positions[i] + 1;
      } else {
        absent = positions[i];
        break;
      }
    }
  }
  return size_at_least;
}

}  // namespace wsbench::rpc
