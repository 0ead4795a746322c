#pragma once

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "orchestrator/control/xmlrpc/rpc_method.hpp"
#include "tests/orchestrator/control/fake_host.hpp"

namespace wsbench::test {

inline const control::xmlrpc::MethodTable& methods() {
  static const control::xmlrpc::MethodTable table = control::xmlrpc::control_methods();
  return table;
}

/// The result of a call that must succeed.
inline rpc::Value result_of(FakeHost& host, std::string_view method, const rpc::Array& params = {}) {
  auto outcome = methods().call(host, method, params);
  INFO(method << ": " << (outcome ? "" : outcome.error().text()));
  REQUIRE(outcome.has_value());
  return std::move(*outcome);
}

/// "10 BAD_NAME: x:y", of a call that must fail.
inline std::string fault_of_call(FakeHost& host, std::string_view method, const rpc::Array& params = {}) {
  const auto outcome = methods().call(host, method, params);
  INFO(method);
  REQUIRE_FALSE(outcome.has_value());
  return std::to_string(static_cast<int>(outcome.error().code)) + " " + outcome.error().text();
}

inline std::string text_of(const rpc::Value* value) {
  const auto* text = value == nullptr ? nullptr : value->get_if<std::string>();
  REQUIRE(text != nullptr);
  return *text;
}

inline std::int64_t number_of(const rpc::Value* value) {
  const auto* number = value == nullptr ? nullptr : value->get_if<std::int64_t>();
  REQUIRE(number != nullptr);
  return *number;
}

inline rpc::Array array_of(const rpc::Value& value) {
  const auto* array = value.get_if<rpc::Array>();
  REQUIRE(array != nullptr);
  return *array;
}

}  // namespace wsbench::test
