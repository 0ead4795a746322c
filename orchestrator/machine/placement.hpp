#pragma once

#include <string>
#include <vector>

namespace wsbench::machine {

/// The CPUs that this process may run on; empty where the system does not tell.
std::vector<int> allowed_cpus();

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

}  // namespace wsbench::machine
