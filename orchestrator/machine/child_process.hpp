#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace wsbench::machine {

struct ChildOptions {
  std::vector<std::string> arguments;                            ///< [0] is the program's path
  std::vector<std::pair<std::string, std::string>> environment;  ///< added to this process's own
  std::vector<int> cpus;                                         ///< to run on; empty: where this process may
  std::filesystem::path output;  ///< stdout and stderr are appended to it; empty: discarded
};

/// A child that ends when its owner does: by SIGTERM in the destructor, and by the kernel (PR_SET_PDEATHSIG)
/// when this process is killed, or when the thread that spawned it ends: spawn from a thread that lives as
/// long.
class ChildProcess {
 public:
  /// The error is a sentence with the program's name.
  static tl::expected<ChildProcess, std::string> spawn(const ChildOptions& options);

  ~ChildProcess();  ///< terminate(10 s)
  ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  ChildProcess& operator=(ChildProcess&& other) noexcept;

  pid_t pid() const noexcept { return pid_; }
  bool running();

  /// SIGTERM, up to `patience` for it to end, then SIGKILL. Does nothing when it has ended.
  void terminate(std::chrono::milliseconds patience);

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  bool reap(bool wait);

  pid_t pid_ = -1;
};

}  // namespace wsbench::machine
