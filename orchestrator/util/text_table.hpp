#pragma once

#include <string>
#include <utility>
#include <vector>

namespace wsbench::util {

/// Rows of cells, laid out in columns as wide as their widest cell, two spaces between them.
class TextTable {
 public:
  enum class Align { left, right };

  struct Column {
    std::string title;
    Align align = Align::right;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// Missing cells at the end are empty. Precondition: not more cells than columns.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  bool empty() const noexcept { return rows_.empty(); }

  /// Title and rows, a line each with '\n'; `bold` puts the title in ANSI bold.
  std::string render(bool bold) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace wsbench::util
