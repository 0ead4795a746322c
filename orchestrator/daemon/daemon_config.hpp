#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "orchestrator/config/key_info.hpp"
#include "orchestrator/config/suite_config.hpp"

namespace wsbench::daemon {

/// The daemon's file, checked. What a key means and may be is its row in daemon_config.cpp.
struct DaemonConfig {
  std::filesystem::path
      db_root;  ///< of every suite that is submitted; relative paths: to the working directory
  std::string address = "127.0.0.1";  ///< numeric
  std::uint16_t port = 9002;          ///< 0: one that is free
  std::string user;                   ///< empty: no login
  std::string password;               ///< or "{SHA}" and its SHA-1 in hexadecimal digits
  std::vector<std::string> origins;   ///< of pages of other servers that may ask
  std::filesystem::path log_file;     ///< empty: stderr
  std::filesystem::path pid_file;     ///< empty: none
  bool local = false;                 ///< every suite is run as with --local
};

/// Reads and checks a daemon's file; a password_env in it is looked up in the environment here.
tl::expected<DaemonConfig, config::ConfigError> read_daemon_file(const std::filesystem::path& file,
                                                                 const config::Overrides& overrides = {});

/// The keys of the daemon's file for people and editors.
const std::vector<config::KeyInfo>& daemon_keys();

/// configs/daemon.schema.json.
std::string daemon_schema();

struct Submitted {
  config::Config config;
  std::string text;  ///< the suite with its overrides in it: what is kept
};

/// A suite's text as it is submitted to a daemon: with the daemon's own db_root and without a log_file,
/// whatever it says of them. Refused is what must not lie on the daemon's disk or leave its environment: a
/// password, and a password_env whose name does not begin with WSBENCH_.
tl::expected<Submitted, config::ConfigError> parse_submitted(std::string_view text, const std::string& name,
                                                             const config::Overrides& overrides,
                                                             const std::filesystem::path& db_root);

}  // namespace wsbench::daemon
