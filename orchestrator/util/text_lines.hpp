#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace wsbench::util {

/// The last lines of a text, `count` at most, without their ends.
std::vector<std::string> last_lines(std::string_view text, std::size_t count);

}  // namespace wsbench::util
