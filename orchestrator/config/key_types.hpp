#pragma once

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "orchestrator/config/key_info.hpp"
#include "orchestrator/config/key_table.hpp"
#include "orchestrator/config/object_reader.hpp"
#include "orchestrator/config/text_rules.hpp"

// The types that a row of a key table may have. Each takes the member that holds the value.

namespace wsbench::config {

/// The shortest duration that a file may ask for, whether in seconds or in milliseconds.
constexpr double kLeastDuration = 0.001;

template <typename M>
struct Plain {
  using Type = M;
};
template <typename T>
struct Plain<std::optional<T>> {
  using Type = T;
};

/// A member read by get(reader, key) and written by put(value); an empty std::optional is left out.
template <typename Owner, typename M, typename Get, typename Put>
KeyType<Owner> member_type(M Owner::*member, Get get, Put put, nlohmann::ordered_json schema,
                           std::string range = "") {
  return {[=](ObjectReader& in, std::string_view key, Owner& owner) {
            if (auto value = get(in, key)) owner.*member = std::move(*value);
          },
          [=](const Owner& owner) -> nlohmann::json {
            if constexpr (std::is_same_v<M, typename Plain<M>::Type>)
              return put(owner.*member);
            else
              return (owner.*member) ? nlohmann::json(put(*(owner.*member))) : nlohmann::json();
          },
          std::move(schema), std::move(range)};
}

/// A key that is known and means nothing.
template <typename Owner>
KeyType<Owner> ignored() {
  return {[](ObjectReader& in, std::string_view key, Owner&) { in.any(key); },
          [](const Owner&) { return nlohmann::json(); },
          {{"type", "string"}}};
}

template <typename Owner>
KeyType<Owner> flag(bool Owner::*member) {
  return member_type(
      member, [](ObjectReader& in, std::string_view key) { return in.boolean(key); },
      [](bool value) { return nlohmann::json(value); }, {{"type", "boolean"}}, "true, false");
}

template <typename Owner, typename M>
KeyType<Owner> whole(M Owner::*member, std::uint64_t least, std::uint64_t most, std::string_view unit = "") {
  using T = typename Plain<M>::Type;
  return member_type(
      member, [=](ObjectReader& in, std::string_view key) { return in.integer<T>(key, least, most); },
      [](T value) { return nlohmann::json(value); },
      {{"type", "integer"}, {"minimum", least}, {"maximum", most}},
      fmt::format("{} to {}{}{}", least, most, unit.empty() ? "" : " ", unit));
}

template <typename Owner, typename M>
KeyType<Owner> number(M Owner::*member, double least, double most, std::string_view unit = "") {
  return member_type(
      member, [=](ObjectReader& in, std::string_view key) { return in.number(key, least, most); },
      plain_number, {{"type", "number"}, {"minimum", plain_number(least)}, {"maximum", plain_number(most)}},
      fmt::format("{} to {}{}{}", least, most, unit.empty() ? "" : " ", unit));
}

/// A share of something: 0 to 1.
template <typename Owner, typename M>
KeyType<Owner> fraction(M Owner::*member) {
  return number(member, 0, 1);
}

/// A number of units, such as seconds, in a member of std::chrono's.
template <typename Owner, typename M>
KeyType<Owner> duration(M Owner::*member, std::chrono::nanoseconds unit, std::string_view name, double most) {
  using T = typename Plain<M>::Type;
  const auto in_unit = static_cast<double>(unit.count());
  return member_type(
      member,
      [=](ObjectReader& in, std::string_view key) -> std::optional<T> {
        const auto number = in.number(key, kLeastDuration, most);
        if (!number) return std::nullopt;
        return std::chrono::round<T>(std::chrono::nanoseconds(std::llround(*number * in_unit)));
      },
      [=](T value) {
        return plain_number(static_cast<double>(std::chrono::nanoseconds(value).count()) / in_unit);
      },
      {{"type", "number"}, {"minimum", kLeastDuration}, {"maximum", plain_number(most)}},
      fmt::format("{} to {} {}", kLeastDuration, most, name));
}

template <typename Owner, typename M>
KeyType<Owner> seconds(M Owner::*member, double most) {
  return duration(member, std::chrono::seconds{1}, "s", most);
}

template <typename Owner, typename M>
KeyType<Owner> milliseconds(M Owner::*member, double most) {
  return duration(member, std::chrono::milliseconds{1}, "ms", most);
}

/// A text or a path; an empty one is left out.
template <typename Owner, typename M>
KeyType<Owner> text(M Owner::*member, const TextRule& rule) {
  return member_type(
      member, [&rule](ObjectReader& in, std::string_view key) { return in.text(key, rule); },
      [](const std::filesystem::path& value) {
        return value.empty() ? nlohmann::json() : nlohmann::json(value.string());
      },
      text_schema(rule));
}

template <typename Owner>
KeyType<Owner> texts(std::vector<std::string> Owner::*member, const ListRule& rule) {
  nlohmann::ordered_json schema = {{"type", "array"}};
  if (rule.least > 0) schema["minItems"] = rule.least;
  schema["maxItems"] = kMostElements;
  schema["uniqueItems"] = true;
  schema["items"] = text_schema(rule.element);
  auto type = member_type(
      member, [&rule](ObjectReader& in, std::string_view key) { return in.texts(key, rule); },
      [&rule](const std::vector<std::string>& value) {
        return value.size() < rule.least ? nlohmann::json() : nlohmann::json(value);
      },
      std::move(schema));
  type.is_list = true;
  return type;
}

template <typename E, std::size_t N>
std::string_view spelling(const std::array<Spelling<E>, N>& spellings, E value) noexcept {
  for (const auto& [candidate, word] : spellings) {
    if (candidate == value) return word;
  }
  return "unknown";
}

/// One of an enum's words. The spellings must outlive the table.
template <typename Owner, typename E, std::size_t N>
KeyType<Owner> choice(E Owner::*member, const std::array<Spelling<E>, N>& spellings) {
  std::vector<std::string_view> words;
  for (const auto& [value, word] : spellings) words.push_back(word);
  return member_type(
      member, [&spellings](ObjectReader& in, std::string_view key) { return in.choice<E>(key, spellings); },
      [&spellings](E value) { return nlohmann::json(spelling(spellings, value)); }, {{"enum", words}},
      fmt::format("{}", fmt::join(words, ", ")));
}

/// An object with a table of its own; `example` goes on from "must be an object such as".
template <typename Owner, typename Inner>
KeyType<Owner> object(Inner Owner::*member, const KeyTable<Inner>& table, std::string_view example) {
  auto members = describe_keys(table);
  auto schema = object_schema(members, nlohmann::ordered_json::object());
  return {[=, &table](ObjectReader& in, std::string_view key, Owner& owner) {
            const auto* value = in.any(key);
            if (value != nullptr && !value->is_object())
              in.complain(key,
                          fmt::format("must be an object such as {}, not {}", example, describe(*value)));
            if (value == nullptr || !value->is_object()) return;
            auto inner = in.member(key, *value);
            read_keys(table, inner, owner.*member);
          },
          [=, &table](const Owner& owner) { return write_keys(table, owner.*member); }, std::move(schema), "",
          std::move(members)};
}

/// A password: no message shows it, and it is never written.
template <typename Owner>
KeyType<Owner> password(std::string Owner::*member) {
  return member_type(
      member, [](ObjectReader& in, std::string_view key) { return in.secret(key); },
      [](const std::string&) { return nlohmann::json(); }, {{"type", "string"}});
}

/// The name of the environment variable that a password is in; stands instead of the key `other`.
template <typename Owner>
KeyType<Owner> password_variable(std::string Owner::*member, std::string_view other) {
  return member_type(
      member, [=](ObjectReader& in, std::string_view key) { return in.environment(key, other); },
      [](const std::string&) { return nlohmann::json(); }, text_schema(kVariable));
}

/// The same type with a value that holds where the key is absent and its member empty.
template <typename Owner>
KeyType<Owner> otherwise(KeyType<Owner> type, nlohmann::json value) {
  type.write = [write = std::move(type.write), value = std::move(value)](const Owner& owner) {
    auto written = write(owner);
    return written.is_null() ? value : written;
  };
  return type;
}

}  // namespace wsbench::config
