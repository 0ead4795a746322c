#include "orchestrator/machine/child_process.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/support/temp_dir.hpp"

using namespace std::chrono_literals;
using wsbench::machine::ChildProcess;
using wsbench::test::TempDir;

namespace {

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool soon(const std::function<bool()>& condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

bool exists(pid_t pid) {
  return ::kill(pid, 0) == 0;
}

}  // namespace

TEST_CASE("a child has its environment and writes to its output") {
  const TempDir directory;
  const auto output = directory.path() / "out";
  auto child = ChildProcess::spawn(
      {{"/bin/sh", "-c", "echo $GREETING; echo oops >&2"}, {{"GREETING", "hello"}}, {}, output});
  REQUIRE(child);
  CHECK(soon([&] { return !child->running(); }));
  CHECK(content(output) == "hello\noops\n");
}

TEST_CASE("a child ends with its owner, also when it ignores SIGTERM") {
  pid_t pid = -1;
  {
    auto child =
        ChildProcess::spawn({{"/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"}, {}, {}, {}});
    REQUIRE(child);
    pid = child->pid();
    CHECK(child->running());
    std::this_thread::sleep_for(100ms);
    child->terminate(200ms);
    CHECK_FALSE(child->running());
  }
  CHECK_FALSE(exists(pid));
}

TEST_CASE("a child ends when its owner is killed") {
  const TempDir directory;
  const auto output = directory.path() / "pid";
  const pid_t owner = ::fork();
  if (owner == 0) {
    auto child = ChildProcess::spawn({{"/bin/sh", "-c", "echo $$; exec sleep 60"}, {}, {}, output});
    ::pause();
  }
  REQUIRE(owner > 0);
  REQUIRE(soon([&] { return !content(output).empty(); }));
  const pid_t child = std::stoi(content(output));
  CHECK(exists(child));
  ::kill(owner, SIGKILL);
  ::waitpid(owner, nullptr, 0);
  CHECK(soon([&] { return !exists(child); }));
}

TEST_CASE("a program that is not there is told by name") {
  const auto child = ChildProcess::spawn({{"/nowhere/at/all"}, {}, {}, {}});
  REQUIRE_FALSE(child);
  CHECK(child.error().find("/nowhere/at/all") != std::string::npos);
}
