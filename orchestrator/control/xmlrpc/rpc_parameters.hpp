#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "rpc/value.hpp"

// XML-RPC parameters as the C++ types of a function's.

namespace wsbench::control::xmlrpc {

namespace detail {

/// Of a value that must be there and be exactly a T.
template <typename T>
std::optional<T> held_by(const rpc::Value* value) {
  const T* held = value == nullptr ? nullptr : value->get_if<T>();
  return held == nullptr ? std::nullopt : std::optional<T>(*held);
}

}  // namespace detail

/// How a parameter of type T is called in a signature, and taken from a value (nullptr: left out); none when
/// it is missing or something else.
template <typename T>
struct Parameter;

template <>
struct Parameter<std::string> {
  static constexpr std::string_view kType = "string";
  static auto take(const rpc::Value* value) { return detail::held_by<std::string>(value); }
};

template <>
struct Parameter<std::int64_t> {
  static constexpr std::string_view kType = "int";
  static auto take(const rpc::Value* value) { return detail::held_by<std::int64_t>(value); }
};

template <>
struct Parameter<rpc::Array> {
  static constexpr std::string_view kType = "array";
  static auto take(const rpc::Value* value) { return detail::held_by<rpc::Array>(value); }
};

template <>
struct Parameter<rpc::Struct> {
  static constexpr std::string_view kType = "struct";
  static auto take(const rpc::Value* value) { return detail::held_by<rpc::Struct>(value); }
};

/// An integer will do, as it does for supervisord.
template <>
struct Parameter<bool> {
  static constexpr std::string_view kType = "boolean";
  static std::optional<bool> take(const rpc::Value* value) {
    const auto number = detail::held_by<std::int64_t>(value);
    return number ? std::optional<bool>(*number != 0) : detail::held_by<bool>(value);
  }
};

template <typename T>
struct Parameter<std::optional<T>> {
  static constexpr std::string_view kType = Parameter<T>::kType;
  static std::optional<std::optional<T>> take(const rpc::Value* value) {
    if (value == nullptr) return std::optional<std::optional<T>>(std::in_place);
    auto given = Parameter<T>::take(value);
    return given ? std::optional<std::optional<T>>(std::move(given)) : std::nullopt;
  }
};

/// All parameters, or none when they are of another number or type.
template <typename... Params>
std::optional<std::tuple<Params...>> take_parameters(const rpc::Array& given) {
  if (given.size() > sizeof...(Params)) return std::nullopt;
  [[maybe_unused]] std::size_t next = 0;
  [[maybe_unused]] const auto value = [&given, &next] {
    const std::size_t i = next++;
    return i < given.size() ? &given[i] : nullptr;
  };
  // In braces, so that they are taken from left to right.
  std::tuple<std::optional<Params>...> taken{Parameter<Params>::take(value())...};
  return std::apply(
      [](auto&... one) -> std::optional<std::tuple<Params...>> {
        if (!(one.has_value() && ...)) return std::nullopt;
        return std::tuple<Params...>(std::move(*one)...);
      },
      taken);
}

}  // namespace wsbench::control::xmlrpc
