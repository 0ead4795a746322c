#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsbench::util {

/// How many insertions, deletions, replacements and swaps of neighbours make one word of the other (Damerau-
/// Levenshtein, restricted: no letter is touched twice). Time and memory: the product of the lengths.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that `word` was probably meant to be, or none when nothing is near. Case, '-' and '_' don't
/// count as differences, and a word is near when it begins the other, as where a unit is missing ("interval"
/// for "interval_ms").
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace wsbench::util
