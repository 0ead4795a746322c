#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "rpc/supervisor.hpp"

namespace wsbench::contestants {

/// Rule -> why it is expected to fail; a manifest's "expected".
using Expectations = std::map<std::string, std::string, std::less<>>;

/// What supervisord's plug-in (competition/monitor) knows of a program.
struct ContestantInfo {
  enum class State {
    unknown,        ///< there is no plug-in that could be asked
    unanswered,     ///< the plug-in did not answer
    no_contestant,  ///< it has no manifest
    broken,         ///< its manifest cannot be read
    not_installed,  ///< it cannot be started on that machine
    installed,
  };

  std::string name;
  State state = State::unknown;
  std::string error;                  ///< what is wrong with its manifest, or why it is not installed
  std::vector<std::string> packages;  ///< that it needs
  std::string version;                ///< of its platform; empty when that could not be found out
  Expectations expected;
};

/// Asks the plug-in, which limits the time of a contestant's commands. If a busy machine exceeded that, it is
/// asked again, three times in all, unless a stop is requested.
ContestantInfo query_contestant(rpc::Supervisor& supervisor, const std::string& name,
                                const std::stop_token& stop);

}  // namespace wsbench::contestants
