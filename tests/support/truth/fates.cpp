#include "tests/support/truth/fates.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace wsbench::test::truth {

namespace {

constexpr unsigned kDelayPurpose = 0;  // the others follow by their outcome

/// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
std::uint64_t mixed(std::uint64_t z) noexcept {
  z += 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

/// The value of a base 64 digit; 64 of any other character.
std::uint32_t digit(char c) noexcept {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return static_cast<std::uint32_t>(std::min(kDigits.find(c), kDigits.size()));
}

std::optional<std::uint32_t> number_in(std::string_view four) noexcept {
  std::uint32_t number = 0;
  for (const char c : four) {
    if (digit(c) == 64) return std::nullopt;
    number = number << 6U | digit(c);
  }
  return number;
}

}  // namespace

std::string_view name(Outcome outcome) noexcept {
  constexpr std::array<std::string_view, kOutcomes> kNames{"unsent",  "echoed",  "dropped", "duplicated",
                                                           "swapped", "altered", "muted",   "closed"};
  return kNames[static_cast<std::size_t>(outcome)];
}

std::optional<MessageName> name_in(std::string_view payload) noexcept {
  if (payload.size() < 8) return std::nullopt;
  const auto client = number_in(payload.substr(0, 4));
  const auto sequence = number_in(payload.substr(4, 4));
  if (!client || !sequence) return std::nullopt;
  return MessageName{*client, *sequence};
}

Fate Fates::decide(const MessageName& message, Nanoseconds time) {
  const bool slow = happens(behaviour_.slow_share, message, kDelayPurpose);
  Fate fate{Outcome::echoed, slow ? behaviour_.slow_delay : behaviour_.delay};
  if (is_mute(message, time)) {
    fate.outcome = Outcome::muted;
    return fate;
  }
  if (time < behaviour_.faults_from) return fate;
  ++decided_;
  const std::array faults{
      std::pair(Outcome::closed, &behaviour_.closed), std::pair(Outcome::dropped, &behaviour_.dropped),
      std::pair(Outcome::duplicated, &behaviour_.duplicated),
      std::pair(Outcome::swapped, &behaviour_.swapped), std::pair(Outcome::altered, &behaviour_.altered)};
  for (const auto& [outcome, selection] : faults) {
    if (selects(*selection, message, static_cast<unsigned>(outcome))) {
      fate.outcome = outcome;
      break;
    }
  }
  return fate;
}

bool Fates::is_mute(const MessageName& message, Nanoseconds time) const noexcept {
  return message.client < behaviour_.mute_clients && message.sequence >= behaviour_.mute_after &&
         time >= behaviour_.mute_from &&
         (behaviour_.mute_for == Nanoseconds{0} || time < behaviour_.mute_from + behaviour_.mute_for);
}

bool Fates::selects(const Selection& selection, const MessageName& message, unsigned purpose) const noexcept {
  return (selection.every != 0 && decided_ % selection.every == 0) || decided_ == selection.at ||
         happens(selection.share, message, purpose);
}

bool Fates::happens(double share, const MessageName& message, unsigned purpose) const noexcept {
  if (share <= 0) return false;
  const auto number = std::uint64_t{message.client} << 32U | message.sequence;
  const auto random = mixed(mixed(mixed(behaviour_.seed) ^ purpose) ^ number);
  return static_cast<double>(random >> 11U) * 0x1p-53 < share;
}

}  // namespace wsbench::test::truth
