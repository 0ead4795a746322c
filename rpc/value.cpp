#include "rpc/value.hpp"

namespace wsbench::rpc {

const Value* Value::member(std::string_view name) const noexcept {
  const auto* members = get_if<Struct>();
  if (members == nullptr) return nullptr;
  const auto found = members->find(name);
  return found == members->end() ? nullptr : &found->second;
}

}  // namespace wsbench::rpc
