#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace wsbench::rpc {

class Value;
using Array = std::vector<Value>;
using Struct = std::map<std::string, Value, std::less<>>;
struct Binary {
  std::string bytes;
  bool operator==(const Binary&) const = default;
};
struct DateTime {
  std::string iso8601;  ///< as XML-RPC writes it: 19980717T14:08:55
  bool operator==(const DateTime&) const = default;
};
struct Nil {
  bool operator==(const Nil&) const = default;
};

/// An XML-RPC value (xmlrpc.com/spec, and the common extensions nil and i8).
class Value {
 public:
  using Variant = std::variant<Nil, bool, std::int64_t, double, std::string, Binary, DateTime, Array, Struct>;

  Value() = default;
  Value(bool value) : variant_(value) {}
  Value(int value) : variant_(std::int64_t{value}) {}
  Value(std::int64_t value) : variant_(value) {}
  Value(double value) : variant_(value) {}
  Value(const char* value) : variant_(std::string(value)) {}
  Value(std::string value) : variant_(std::move(value)) {}
  Value(std::string_view value) : variant_(std::string(value)) {}
  Value(Binary value) : variant_(std::move(value)) {}
  Value(DateTime value) : variant_(std::move(value)) {}
  Value(Array value) : variant_(std::move(value)) {}
  Value(Struct value) : variant_(std::move(value)) {}

  /// The value as a T, or nullptr when it is something else.
  template <typename T>
  const T* get_if() const noexcept {
    return std::get_if<T>(&variant_);
  }

  const Variant& variant() const noexcept { return variant_; }

  /// A member of a struct; nullptr when this is not a struct or lacks the member.
  const Value* member(std::string_view name) const noexcept;

  bool operator==(const Value&) const = default;

 private:
  Variant variant_;
};

/// A method and its parameters.
struct Call {
  std::string method;
  Array params;
};

}  // namespace wsbench::rpc
