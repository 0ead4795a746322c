#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "orchestrator/machine/child_process.hpp"
#include "rpc/endpoint.hpp"

namespace wsbench::contestants {

struct LocalSupervisordOptions {
  std::filesystem::path competition;  ///< the folder with supervisord.conf and serve
  std::filesystem::path directory;    ///< for its socket, logs and pid file
  std::uint16_t contestants_port = 8000;
  std::vector<int> cpus;        ///< for the contestants; empty: all
  bool directory_stays = true;  ///< and so the log in it, which errors then name
};

/// A supervisord that wsbench starts itself, on a free loopback port with competition/supervisord.conf. It
/// and its contestants end with this object, or with this process.
class LocalSupervisord {
 public:
  /// Starts it and waits until it answers. The error says what to do.
  static tl::expected<LocalSupervisord, std::string> start(const LocalSupervisordOptions& options);

  const rpc::Endpoint& endpoint() const noexcept { return endpoint_; }

 private:
  LocalSupervisord(machine::ChildProcess process, rpc::Endpoint endpoint);

  machine::ChildProcess process_;
  rpc::Endpoint endpoint_;
};

/// WSBENCH_COMPETITION, or the nearest competition/ or share/wsbench/competition above this program. The
/// error names the places that were searched.
tl::expected<std::filesystem::path, std::string> find_competition();

}  // namespace wsbench::contestants
