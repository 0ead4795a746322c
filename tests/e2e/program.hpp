#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace wsbench::test {

/// What a program that has ended left behind.
struct Ended {
  int exit_code = -1;  ///< 128 + signal when one ended it, -1 when it did not end within its time limit
  std::string out, err;
  std::chrono::milliseconds took{0};

  /// Exit code 0; or 1 for nothing but the client's own lag, of which a busy machine is to blame and not the
  /// program.
  bool measured_all() const;
};

/// A running child whose output is gathered in files. The destructor kills what still runs.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void signal(int number) const;
  std::string out() const;  ///< so far
  std::string err() const;
  /// Waits until `text` is in the standard error; false when that does not come within `limit`.
  bool says(const std::string& text, std::chrono::seconds limit) const;
  Ended wait(std::chrono::seconds limit);

 private:
  bool reap();

  pid_t pid_ = -1;
  int status_ = 0;
  std::string out_file_, err_file_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

/// Runs `wsbench ARGUMENTS` to its end.
Ended run_wsbench(const std::vector<std::string>& arguments,
                  std::chrono::seconds limit = std::chrono::seconds{60});

/// The program under test before its arguments.
std::vector<std::string> wsbench_command(const std::vector<std::string>& arguments);

}  // namespace wsbench::test
