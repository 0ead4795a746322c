#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "client/plan.hpp"
#include "orchestrator/config.hpp"

namespace wsbench::orchestrator {

/// Which CPUs are whose when client and contestants share a machine.
struct Placement {
  std::vector<int> client;       ///< empty: not pinned
  std::vector<int> contestants;  ///< empty: not pinned
  std::string description;       ///< a line for people and for the manifest
};

/// Disjoint sets of this process's CPUs where there are two or more: a quarter of them, at least one, for the
/// client.
Placement place_on_one_machine();

/// The contestants run elsewhere: every CPU is the client's.
Placement place_client_alone();

/// Binds the calling thread, and every thread that it starts meanwhile, to the placement's client CPUs; the
/// destructor, in the same thread, takes that back.
class Pinned {
 public:
  explicit Pinned(const Placement& placement);
  ~Pinned();
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;

 private:
  std::vector<int> before_;  ///< empty: nothing was changed
};

/// The load that the config asks for, against its own host and port.
client::Plan make_plan(const Config& config, const Placement& placement);

/// How long the plan takes when all goes well: ramp, warm-up and measuring.
std::chrono::nanoseconds planned_duration(const client::Plan& plan);

/// "open loop, 100 clients, a message each every 100 ms, 20 bytes, 5 s after 0.5 s of warm-up": a line for
/// people.
std::string describe(const client::Plan& plan);

}  // namespace wsbench::orchestrator
