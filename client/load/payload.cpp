#include "client/load/payload.hpp"

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

const char* PayloadSource::filler(std::uint32_t client, std::uint32_t sequence) const noexcept {
  const auto place = Random::mixed((std::uint64_t{client} << 32U) | sequence) & (kPlaces - 1);
  return text_.data() + place;
}

}  // namespace wsbench::client
