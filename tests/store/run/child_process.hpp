#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace wsbench::store {

/// A program that a test starts, with its standard output to read; killed with the object at the latest.
class ChildProcess {
 public:
  explicit ChildProcess(std::vector<std::string> arguments);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// The next line without its end; what has come so far when the output ends or 30 s have passed.
  std::string read_line();
  void kill();
  /// The exit code, or minus the signal.
  int wait();

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

}  // namespace wsbench::store
