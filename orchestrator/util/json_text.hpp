#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

namespace wsbench::util {

/// Parses JSON from somebody who may mean ill: objects and arrays in one another 60 deep at most, for
/// whatever walks the document afterwards does so by recursion. The error is a line.
tl::expected<nlohmann::json, std::string> parse_shallow_json(std::string_view text);

}  // namespace wsbench::util
