#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/supervisord.hpp"
#include "tests/support/temp_dir.hpp"

namespace wsbench::test {

/// A real supervisord with contestants, some of which misbehave, and suite files for it.
class Bench {
 public:
  Bench();

  /// A suite of these contestants: 20 clients, a message each every 50 ms for one second; `changes` is merged
  /// over that.
  std::string suite(const std::vector<std::string>& servers,
                    const nlohmann::json& changes = nlohmann::json::object()) const;

  std::string db_root() const { return (directory_.path() / "runs").string(); }
  const std::filesystem::path& directory() const { return directory_.path(); }
  int port() const { return port_; }
  Supervisord& supervisord() { return supervisord_; }

  /// The only run's directory.
  std::filesystem::path run() const;
  /// results.json of the only run: the first round of each contestant that had its turn, by name.
  nlohmann::json results() const;

  /// Whether a contestant's process is up, as supervisord tells it.
  bool is_up(const std::string& contestant) const;

 private:
  TempDir directory_;
  int port_;
  Supervisord supervisord_;
};

}  // namespace wsbench::test
