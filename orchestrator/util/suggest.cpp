#include "orchestrator/util/suggest.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace wsbench::util {

namespace {

// No key and no contestant is this long, and the cost grows with the product of the lengths.
constexpr std::size_t kLongestWord = 64;
constexpr std::size_t kShortestStem = 3;

std::string folded(std::string_view word) {
  std::string letters;
  for (char c : word) {
    if (c == '-' || c == '_') continue;
    letters += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return letters;
}

bool begins(std::string_view longer, std::string_view stem) {
  return stem.size() >= kShortestStem && longer.starts_with(stem);
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last;
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    std::swap(last, row);
  }
  return last[b.size()];
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() > kLongestWord) return std::nullopt;
  const std::string wanted = folded(word);
  const std::size_t tolerated = wanted.size() < 3 ? 0 : 1 + wanted.size() / 4;
  const std::string* best = nullptr;
  std::size_t best_distance = tolerated + 1;
  for (const std::string& candidate : candidates) {
    const std::string letters = folded(candidate);
    std::size_t distance = edit_distance(wanted, letters);
    if (begins(letters, wanted) || begins(wanted, letters)) distance = std::min(distance, tolerated);
    if (distance < best_distance) {
      best = &candidate;
      best_distance = distance;
    }
  }
  return best == nullptr ? std::nullopt : std::optional(*best);
}

}  // namespace wsbench::util
