#include "tests/e2e/program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace wsbench::test {

namespace {

std::string temporary_file() {
  auto pattern = (std::filesystem::temp_directory_path() / "wsbench-e2e-XXXXXX").string();
  const int descriptor = ::mkostemp(pattern.data(), O_CLOEXEC);
  if (descriptor < 0) throw std::runtime_error("no temporary file");
  ::close(descriptor);
  return pattern;
}

std::string content(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

bool Ended::measured_all() const {
  if (exit_code != 1) return exit_code == 0;
  std::istringstream lines(err);
  for (std::string line; std::getline(lines, line);) {
    const bool complaint = line.rfind("not met: ", 0) == 0;
    if (complaint && line.find("invalid: client_punctual") == std::string::npos) return false;
  }
  return true;
}

Program::Program(std::vector<std::string> arguments)
    : out_file_(temporary_file()), err_file_(temporary_file()) {
  std::vector<char*> pointers;
  for (auto& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(::open(out_file_.c_str(), O_WRONLY | O_TRUNC), STDOUT_FILENO);
    ::dup2(::open(err_file_.c_str(), O_WRONLY | O_TRUNC), STDERR_FILENO);
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
}

Program::~Program() {
  if (!reap()) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  std::filesystem::remove(out_file_);
  std::filesystem::remove(err_file_);
}

bool Program::reap() {
  if (pid_ >= 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = -1;
  return pid_ < 0;
}

void Program::signal(int number) const {
  if (pid_ >= 0) ::kill(pid_, number);
}

std::string Program::out() const {
  return content(out_file_);
}
std::string Program::err() const {
  return content(err_file_);
}

bool Program::says(const std::string& text, std::chrono::seconds limit) const {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (err().find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return true;
}

Ended Program::wait(std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  bool ended = reap();
  while (!ended && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
    ended = reap();
  }
  Ended result;
  result.took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began_);
  if (ended) result.exit_code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
  result.out = out();
  result.err = err();
  return result;
}

std::vector<std::string> wsbench_command(const std::vector<std::string>& arguments) {
  std::vector<std::string> command{WSBENCH_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

Ended run_wsbench(const std::vector<std::string>& arguments, std::chrono::seconds limit) {
  return Program(wsbench_command(arguments)).wait(limit);
}

}  // namespace wsbench::test
