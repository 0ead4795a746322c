#include "tests/support/key_docs.hpp"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace wsbench::test {

namespace {

std::string read(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// A cell without the spaces around it.
std::string trimmed(const std::string& cell) {
  const auto begin = cell.find_first_not_of(' ');
  return begin == std::string::npos ? "" : cell.substr(begin, cell.find_last_not_of(' ') - begin + 1);
}

std::string unquoted(std::string cell) {
  std::erase(cell, '`');
  return cell;
}

/// "clients | 10000": what of a row is held to the table.
std::string row_of(const std::string& key, const std::string& fallback) {
  return key + " | " + fallback;
}

}  // namespace

std::vector<KeyRow> readme_keys(const std::string& title) {
  std::istringstream readme(read(WSBENCH_CONFIGS "/../README.md"));
  std::vector<KeyRow> rows;
  std::string line;
  while (std::getline(readme, line) && !line.starts_with("| " + title + " | default |")) {
  }
  std::getline(readme, line);  // the rule below the titles
  while (std::getline(readme, line) && line.starts_with("| ")) {
    std::istringstream cells(line);
    std::string nothing, key, fallback, meaning;
    std::getline(cells, nothing, '|');
    std::getline(cells, key, '|');
    std::getline(cells, fallback, '|');
    std::getline(cells, meaning);
    rows.push_back({unquoted(trimmed(key)), unquoted(trimmed(fallback)), meaning});
  }
  return rows;
}

std::string key_docs_problems(const std::vector<KeyRow>& rows, const std::vector<config::KeyInfo>& keys) {
  std::string problems;
  std::vector<std::string> wanted, found;
  for (const KeyRow& row : rows) found.push_back(row_of(row.key, row.fallback));
  for (const config::KeyInfo& key : keys) {
    if (!key.is_for_people()) continue;
    wanted.push_back(row_of(key.name, key.fallback));
    const auto row = std::find(found.begin(), found.end(), wanted.back());
    if (row == found.end()) {
      problems += "README.md lacks this row: " + wanted.back() + "\n";
      continue;
    }
    for (const config::KeyInfo& member : key.members) {
      if (rows[static_cast<std::size_t>(row - found.begin())].meaning.find(member.name) == std::string::npos)
        problems += "README.md does not name " + key.name + "." + member.name + "\n";
    }
  }
  for (const std::string& row : found) {
    if (std::find(wanted.begin(), wanted.end(), row) == wanted.end())
      problems += "README.md has this row, which is no key's: " + row + "\n";
  }
  if (problems.empty() && found != wanted) problems = "README.md has the keys in another order\n";
  return problems;
}

std::string config_file(const std::string& name) {
  return read(WSBENCH_CONFIGS "/" + name);
}

}  // namespace wsbench::test
