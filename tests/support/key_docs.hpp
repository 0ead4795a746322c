#pragma once

#include <string>
#include <vector>

#include "orchestrator/config/key_info.hpp"

namespace wsbench::test {

/// A row of a README's table of keys.
struct KeyRow {
  std::string key;
  std::string fallback;
  std::string meaning;
};

/// The rows of the README's table whose first column has that title; backticks are taken out of key and
/// default.
std::vector<KeyRow> readme_keys(const std::string& title);

/// What is missing or too much in these rows for those keys, a line each; empty: nothing.
std::string key_docs_problems(const std::vector<KeyRow>& rows, const std::vector<config::KeyInfo>& keys);

/// A file of configs/, as it is.
std::string config_file(const std::string& name);

}  // namespace wsbench::test
