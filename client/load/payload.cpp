#include "client/load/payload.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "client/websocket/random.hpp"

namespace wsbench::client {

namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kPlaces = 4096;  // a power of two: where a filler can begin

void write_base64(char* out, std::uint32_t number) noexcept {
  for (unsigned i = 0; i < 4; ++i) out[i] = kDigits[(number >> (18U - 6U * i)) & 63U];
}

std::optional<std::uint32_t> read_base64(std::string_view digits) noexcept {
  std::uint32_t number = 0;
  for (const char digit : digits) {
    const auto value = kDigits.find(digit);
    if (value == std::string_view::npos) return std::nullopt;
    number = number << 6U | static_cast<std::uint32_t>(value);
  }
  return number;
}

std::array<char, PayloadSource::kHead> head(std::uint32_t client, std::uint32_t sequence) noexcept {
  std::array<char, PayloadSource::kHead> bytes;
  write_base64(bytes.data(), client);
  write_base64(bytes.data() + 4, sequence);
  return bytes;
}

}  // namespace

PayloadSource::PayloadSource(std::size_t size, std::uint64_t seed) : size_(size) {
  assert(size >= kHead);
  Random random(seed);
  text_.resize(size - kHead + kPlaces);
  for (char& c : text_) c = kDigits[random.next() & 63U];
}

void PayloadSource::write(char* out, std::uint32_t client, std::uint32_t sequence) const noexcept {
  const auto begin = head(client, sequence);
  std::memcpy(out, begin.data(), kHead);
  std::memcpy(out + kHead, filler(client, sequence), size_ - kHead);
}

bool PayloadSource::matches(std::string_view payload, std::uint32_t client,
                            std::uint32_t sequence) const noexcept {
  if (payload.size() != size_) return false;
  const auto begin = head(client, sequence);
  return std::memcmp(payload.data(), begin.data(), kHead) == 0 &&
         std::memcmp(payload.data() + kHead, filler(client, sequence), size_ - kHead) == 0;
}

std::optional<PayloadSource::Head> PayloadSource::head_of(std::string_view payload) noexcept {
  if (payload.size() < kHead) return std::nullopt;
  const auto client = read_base64(payload.substr(0, 4)), sequence = read_base64(payload.substr(4, 4));
  if (!client || !sequence) return std::nullopt;
  return Head{*client, *sequence};
}

bool PayloadSource::resembles(std::string_view payload, std::uint32_t client,
                              std::uint32_t sequence) const noexcept {
  if (payload.size() < kHead) return false;
  const std::string_view expected(filler(client, sequence), size_ - kHead), found = payload.substr(kHead);
  const std::size_t shorter = std::min(expected.size(), found.size());
  std::size_t same = 0;
  for (std::size_t i = 0; i < shorter; ++i) same += expected[i] == found[i];
  return 2 * same >= std::max(expected.size(), found.size());
}

const char* PayloadSource::filler(std::uint32_t client, std::uint32_t sequence) const noexcept {
  const auto place = Random::mixed((std::uint64_t{client} << 32U) | sequence) & (kPlaces - 1);
  return text_.data() + place;
}

}  // namespace wsbench::client
