#include "orchestrator/machine/child_process.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "orchestrator/util/descriptor.hpp"

extern char** environ;

namespace wsbench::machine {

namespace {

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (auto& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto key = text.substr(0, text.find('='));
    bool replaced = false;
    for (const auto& [name, value] : added) replaced = replaced || name == key;
    if (!replaced) all.emplace_back(text);
  }
  for (const auto& [name, value] : added) all.push_back(name + "=" + value);
  return all;
}

/// Everything between fork and exec is async-signal-safe: this process has threads.
[[noreturn]] void become(char* const* arguments, char* const* environment, const cpu_set_t* cpus, int output,
                         pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // A session of its own: the terminal's Ctrl-C is for wsbench, which then stops its children in order.
  ::setsid();
  if (cpus != nullptr) ::sched_setaffinity(0, sizeof *cpus, cpus);
  const int nothing = ::open("/dev/null", O_RDWR);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(output >= 0 ? output : nothing, STDOUT_FILENO);
  ::dup2(output >= 0 ? output : nothing, STDERR_FILENO);
  ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

}  // namespace

tl::expected<ChildProcess, std::string> ChildProcess::spawn(const ChildOptions& options) {
  const auto& program = options.arguments.front();
  if (::access(program.c_str(), X_OK) != 0) {
    return tl::unexpected(fmt::format("{} cannot be run: {}", program, std::strerror(errno)));
  }
  const util::Descriptor output(
      options.output.empty()
          ? -1
          : ::open(options.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!options.output.empty() && output.get() < 0)
    return tl::unexpected(
        fmt::format("{} cannot be written: {}", options.output.string(), std::strerror(errno)));
  auto arguments = options.arguments;
  auto environment = environment_with(options.environment);
  const auto argument_pointers = pointers_to(arguments);
  const auto environment_pointers = pointers_to(environment);
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  for (const int cpu : options.cpus) CPU_SET(cpu, &cpus);

  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    become(argument_pointers.data(), environment_pointers.data(), options.cpus.empty() ? nullptr : &cpus,
           output.get(), parent);
  }
  if (pid < 0) return tl::unexpected(fmt::format("{} cannot be started: {}", program, std::strerror(errno)));
  return ChildProcess(pid);
}

ChildProcess::~ChildProcess() {
  terminate(std::chrono::seconds{10});
}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    terminate(std::chrono::seconds{10});
    pid_ = std::exchange(other.pid_, -1);
  }
  return *this;
}

bool ChildProcess::reap(bool wait) {
  if (pid_ < 0) return true;
  const pid_t reaped = ::waitpid(pid_, nullptr, wait ? 0 : WNOHANG);
  if (reaped == pid_ || (reaped < 0 && errno == ECHILD)) pid_ = -1;
  return pid_ < 0;
}

bool ChildProcess::running() {
  return !reap(false);
}

void ChildProcess::terminate(std::chrono::milliseconds patience) {
  if (reap(false)) return;
  ::kill(pid_, SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!reap(false)) {
    if (std::chrono::steady_clock::now() >= deadline) {
      ::kill(pid_, SIGKILL);
      reap(true);
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

}  // namespace wsbench::machine
