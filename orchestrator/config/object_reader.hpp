#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "orchestrator/config/text_rules.hpp"

namespace wsbench::config {

/// Something wrong with a configuration, at a JSON pointer.
struct ConfigFinding {
  std::string pointer;
  std::string message;
};

/// All that is wrong with a configuration. Only the first thousand are kept, the others counted: thousands of
/// wrong elements are one mistake.
class ConfigFindings {
 public:
  void add(std::string pointer, std::string message);

  bool empty() const noexcept { return kept_.empty(); }
  const std::vector<ConfigFinding>& kept() const noexcept { return kept_; }
  std::size_t count() const noexcept { return count_; }

 private:
  std::vector<ConfigFinding> kept_;
  std::size_t count_ = 0;
};

/// A value of an enum and how it is spelt in JSON.
template <typename E>
using Spelling = std::pair<E, std::string_view>;

/// Takes the members of one JSON object, key by key, and checks each; finish() then tells of the keys that
/// nobody asked for. Every getter gives none both for an absent key and for a wrong value, of which it adds a
/// finding. Borrows the object and the findings.
class ObjectReader {
 public:
  ObjectReader(const nlohmann::json& object, std::string pointer, ConfigFindings& findings)
      : object_(object), pointer_(std::move(pointer)), findings_(findings) {}

  /// A whole number from `least` to `most`, which both fit a T; also one written as 1e4 or 10000.0.
  template <std::integral T>
  std::optional<T> integer(std::string_view key, std::uint64_t least, std::uint64_t most) {
    const auto value = whole(key, least, most);
    return value ? std::optional(static_cast<T>(*value)) : std::nullopt;
  }
  std::optional<double> number(std::string_view key, double least, double most);
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::string> text(std::string_view key, const TextRule& rule);
  /// An array of different texts. An element that is wrong has its finding, and is empty in what comes back.
  std::optional<std::vector<std::string>> texts(std::string_view key, const ListRule& rule);
  /// Any text; no finding shows it.
  std::optional<std::string> secret(std::string_view key);
  /// The value of the environment variable that the member names, which stands instead of the key `other`.
  std::optional<std::string> environment(std::string_view key, std::string_view other);

  template <typename E>
  std::optional<E> choice(std::string_view key, std::span<const Spelling<E>> spellings) {
    std::vector<std::string_view> words;
    for (const auto& spelling : spellings) words.push_back(spelling.second);
    const auto index = one_of(key, words);
    return index ? std::optional(spellings[*index].first) : std::nullopt;
  }

  /// The member as it is, or nullptr.
  const nlohmann::json* any(std::string_view key);
  bool has(std::string_view key) const { return object_.contains(std::string(key)); }

  /// A reader of the object that the key holds.
  ObjectReader member(std::string_view key, const nlohmann::json& object) const;

  /// Adds a finding, in finish(), unless the key is there or is the likely meaning of an unknown one.
  void require(std::string_view key, std::string_view what);
  void finish();

  void complain(std::string_view key, std::string message);

 private:
  std::optional<std::uint64_t> whole(std::string_view key, std::uint64_t least, std::uint64_t most);
  std::optional<std::size_t> one_of(std::string_view key, const std::vector<std::string_view>& words);
  void reject_duplicates(std::string_view key, const std::vector<std::string>& texts, const ListRule& rule);

  const nlohmann::json& object_;
  std::string pointer_;
  ConfigFindings& findings_;
  std::vector<std::string> known_;  ///< in the order of asking
  std::vector<std::pair<std::string, std::string>> required_;
};

/// 600 rather than 600.0.
nlohmann::json plain_number(double number);

/// A value as a message shows it: "the text \"100\"", "-3", "an array".
std::string describe(const nlohmann::json& value);

}  // namespace wsbench::config
