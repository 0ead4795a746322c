#include "store/run/keys.hpp"

#include <cassert>
#include <cstddef>

namespace wsbench::store::keys {

namespace {

constexpr char kDocument = 'd';
constexpr char kJournal = 'j';
constexpr std::string_view kContestant = "c:";
constexpr std::size_t kBlockKeyBytes = 2 + 1 + 8 + 2 + 2 + 4;

template <typename T>
void append(std::string& to, T value) {
  for (std::size_t byte = sizeof value; byte-- > 0;) to += static_cast<char>(value >> (8 * byte));
}

/// Takes a T off the front. Precondition: `from` is long enough.
template <typename T>
T take(std::string_view& from) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = value << 8U | static_cast<unsigned char>(from[i]);
  from.remove_prefix(sizeof(T));
  return static_cast<T>(value);
}

}  // namespace

std::string document(std::string_view name) {
  return kDocument + std::string(name);
}

std::string journal(std::uint64_t number) {
  std::string key(1, kJournal);
  append(key, number);
  return key;
}

std::optional<std::string_view> document_name(std::string_view key) noexcept {
  if (key.empty() || key.front() != kDocument) return std::nullopt;
  return key.substr(1);
}

std::optional<std::uint64_t> journal_number(std::string_view key) noexcept {
  if (key.size() != 1 + sizeof(std::uint64_t) || key.front() != kJournal) return std::nullopt;
  key.remove_prefix(1);
  return take<std::uint64_t>(key);
}

std::string family(std::string_view contestant) {
  return std::string(kContestant) += contestant;
}

std::optional<std::string_view> contestant(std::string_view family) noexcept {
  if (family.substr(0, kContestant.size()) != kContestant) return std::nullopt;
  return family.substr(kContestant.size());
}

std::string block(const BlockKey& key) {
  assert(key.earliest >= event::Time{});
  std::string bytes = block_prefix(key.info.round, key.info.phase);
  append(bytes, static_cast<std::uint64_t>(key.earliest.time_since_epoch().count()));
  append(bytes, key.info.agent);
  append(bytes, key.info.shard);
  append(bytes, key.info.number);
  return bytes;
}

std::optional<BlockKey> parse_block(std::string_view key) noexcept {
  if (key.size() != kBlockKeyBytes) return std::nullopt;
  BlockKey parsed;
  parsed.info.round = take<std::uint16_t>(key);
  parsed.info.phase = static_cast<event::Phase>(take<std::uint8_t>(key));
  parsed.earliest = event::Time(event::Duration(take<event::Duration::rep>(key)));
  parsed.info.agent = take<std::uint16_t>(key);
  parsed.info.shard = take<std::uint16_t>(key);
  parsed.info.number = take<std::uint32_t>(key);
  return parsed;
}

std::string block_prefix(std::uint16_t round) {
  std::string prefix;
  append(prefix, round);
  return prefix;
}

std::string block_prefix(std::uint16_t round, event::Phase phase) {
  std::string prefix = block_prefix(round);
  append(prefix, static_cast<std::uint8_t>(phase));
  return prefix;
}

std::string behind(std::string_view prefix) {
  std::string next(prefix);
  while (!next.empty() && next.back() == '\xFF') next.pop_back();
  if (next.empty()) return std::string(32, '\xFF');
  ++next.back();
  return next;
}

}  // namespace wsbench::store::keys
