#include "orchestrator/util/rpc_json.hpp"

#include <type_traits>
#include <variant>

#include <nlohmann/json.hpp>

namespace wsbench::util {

using nlohmann::json;

json json_from_value(const rpc::Value& value) {
  return std::visit(
      [](const auto& held) -> json {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, rpc::Nil>) {
          return nullptr;
        } else if constexpr (std::is_same_v<Held, rpc::Binary>) {
          return held.bytes;
        } else if constexpr (std::is_same_v<Held, rpc::DateTime>) {
          return held.iso8601;
        } else if constexpr (std::is_same_v<Held, rpc::Array>) {
          json items = json::array();
          for (const auto& item : held) items.push_back(json_from_value(item));
          return items;
        } else if constexpr (std::is_same_v<Held, rpc::Struct>) {
          json members = json::object();
          for (const auto& [key, member] : held) members[key] = json_from_value(member);
          return members;
        } else {
          return held;
        }
      },
      value.variant());
}

}  // namespace wsbench::util
