#include "orchestrator/control/state/names.hpp"

#include <algorithm>
#include <cstddef>

namespace wsbench::control::state {

namespace {

// A file name may have 255 bytes; a run's directory adds its time to the suite's name.
constexpr std::size_t kLongest = 200;

bool is_plain(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

}  // namespace

ProcessName split_process_name(std::string_view name) noexcept {
  const auto colon = name.find(':');
  if (colon == std::string_view::npos) return {name, name};
  const auto process = name.substr(colon + 1);
  if (process.empty() || process == "*") return {name.substr(0, colon), std::nullopt};
  return {name.substr(0, colon), process};
}

bool is_file_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= kLongest && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), is_plain);
}

}  // namespace wsbench::control::state
