#include "orchestrator/util/text_table.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

namespace wsbench::util {

std::string TextTable::render(bool bold) const {
  std::vector<std::size_t> widths;
  for (const auto& column : columns_) widths.push_back(column.title.size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  const auto line = [&](const auto& cell_of) {
    std::string text;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string cell = cell_of(i);
      text += columns_[i].align == Align::left ? fmt::format("{:<{}}", cell, widths[i])
                                               : fmt::format("{:>{}}", cell, widths[i]);
      text += "  ";
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  const auto title = line([&](std::size_t i) { return columns_[i].title; });
  std::string text = bold ? fmt::format("\033[1m{}\033[0m\n", title) : title + "\n";
  for (const auto& row : rows_) {
    text += line([&](std::size_t i) { return i < row.size() ? row[i] : std::string(); }) + "\n";
  }
  return text;
}

}  // namespace wsbench::util
