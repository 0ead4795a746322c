#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tests/support/truth/behaviour.hpp"

namespace wsbench::test::truth {

/// What became of a message. The names stand in the log.
enum class Outcome : std::uint8_t {
  unsent,  ///< its connection or the server ended before its echo was due
  echoed,
  dropped,
  duplicated,
  swapped,
  altered,
  muted,
  closed,  ///< its connection was ended in place of an answer, at this message or an earlier one
};
constexpr std::size_t kOutcomes = 8;
std::string_view name(Outcome outcome) noexcept;

/// The name of a message. Of a load's message both numbers are those that its payload begins with.
struct MessageName {
  std::uint32_t client = 0;
  std::uint32_t sequence = 0;
};

/// From the eight characters that a message of wsbench's begins with (client/load/payload.hpp); none of any
/// other.
std::optional<MessageName> name_in(std::string_view payload) noexcept;

struct Fate {
  Outcome outcome = Outcome::echoed;
  Nanoseconds delay{0};
};

/// Decides what becomes of each message. What is random depends on nothing but the seed and the message's
/// name, so it befalls the same messages in every run. Used from one thread.
class Fates {
 public:
  explicit Fates(const Behaviour& behaviour) : behaviour_(behaviour) {}

  /// Of the message that is read at `time` since the first.
  Fate decide(const MessageName& message, Nanoseconds time);

 private:
  bool is_mute(const MessageName& message, Nanoseconds time) const noexcept;
  bool selects(const Selection& selection, const MessageName& message, unsigned purpose) const noexcept;
  bool happens(double share, const MessageName& message, unsigned purpose) const noexcept;

  const Behaviour behaviour_;
  std::uint64_t decided_ = 0;  ///< messages since `faults_from`
};

}  // namespace wsbench::test::truth
