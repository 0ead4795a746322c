#include "orchestrator/control/web/http.hpp"

#include <algorithm>

namespace wsbench::control::web {

const std::string* Request::header(std::string_view name) const noexcept {
  const auto found =
      std::find_if(headers.begin(), headers.end(), [name](const auto& entry) { return entry.first == name; });
  return found == headers.end() ? nullptr : &found->second;
}

}  // namespace wsbench::control::web
