#include "orchestrator/control/xmlrpc/json_value.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include <nlohmann/json.hpp>

namespace wsbench::control::xmlrpc {

using nlohmann::json;

namespace {

constexpr std::array<std::string_view, 6> kTimes{"started", "now",   "submitted",
                                                 "began",   "ended", "phase_began"};

rpc::Value member_from(const std::string& key, const json& member) {
  const bool is_time = std::find(kTimes.begin(), kTimes.end(), key) != kTimes.end();
  if (is_time && member.is_number()) return static_cast<std::int64_t>(std::floor(member.get<double>()));
  return value_from_json(member);
}

}  // namespace

rpc::Value value_from_json(const json& document) {
  switch (document.type()) {
    case json::value_t::boolean:
      return document.get<bool>();
    case json::value_t::number_integer:
      return document.get<std::int64_t>();
    case json::value_t::number_unsigned: {
      constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
      return static_cast<std::int64_t>(std::min(document.get<std::uint64_t>(), kLargest));
    }
    case json::value_t::number_float:
      return document.get<double>();
    case json::value_t::string:
      return document.get<std::string>();
    case json::value_t::array: {
      rpc::Array items;
      for (const auto& item : document) items.push_back(value_from_json(item));
      return items;
    }
    case json::value_t::object: {
      rpc::Struct members;
      for (const auto& [key, member] : document.items()) {
        if (!member.is_null()) members.emplace(key, member_from(key, member));
      }
      return members;
    }
    case json::value_t::null:
    case json::value_t::binary:
    case json::value_t::discarded:
      break;
  }
  return rpc::Value();
}

}  // namespace wsbench::control::xmlrpc
