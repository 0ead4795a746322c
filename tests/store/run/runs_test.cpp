#include "store/run/runs.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/store/temp_directory.hpp"

using namespace wsbench::store;
using namespace std::chrono_literals;

namespace {

// 2026-11-22 21:30:00 UTC.
const std::chrono::system_clock::time_point kTime{1795383000s};

}  // namespace

TEST_CASE("a run's directory is named by suite and time") {
  CHECK(run_directory_name("small-scale", kTime + 999ms) == "small-scale-20261122T213000Z");
}

TEST_CASE("runs are listed from the oldest to the newest, and nothing else is") {
  const TempDirectory root;
  for (const auto& [suite, time] : {std::pair{"b-suite", kTime}, {"a", kTime + 1s}, {"c", kTime - 24h}})
    REQUIRE(Run::create(root.path() / run_directory_name(suite, time)));
  std::filesystem::create_directory(root / "empty-20261122T213000Z");
  std::filesystem::create_directory(root / "-20261122T213000Z");
  REQUIRE(Run::create(root / "named-otherwise"));
  REQUIRE(Run::create(root / "thirteenth-20261322T213000Z"));
  std::ofstream(root / "file-20261122T213000Z") << "x";

  const auto runs = list_runs(root.path());
  REQUIRE(runs);
  std::vector<std::string> suites;
  for (const RunDirectory& run : *runs) {
    suites.push_back(run.suite);
    CHECK(run.path == root.path() / run_directory_name(run.suite, run.time));
  }
  CHECK(suites == std::vector<std::string>{"c", "b-suite", "a"});
}

TEST_CASE("no root, no runs; a root that cannot be read is an error") {
  const TempDirectory root;
  CHECK(list_runs(root / "none").value().empty());
  std::ofstream(root / "file") << "x";
  CHECK_FALSE(list_runs(root / "file"));
}

TEST_CASE("a removed run is gone with all that is beside its database") {
  const TempDirectory root;
  const auto run = root.path() / run_directory_name("bun", kTime);
  REQUIRE(Run::create(run));
  std::filesystem::create_directories(run / "stats" / "bun");
  std::ofstream(run / "stats" / "bun" / "counts.csv") << "x";
  std::filesystem::create_directory(root / "elsewhere");
  std::ofstream(root / "elsewhere/kept") << "x";
  std::filesystem::create_directory_symlink(root / "elsewhere", run / "link");
  REQUIRE(remove_run(run / ""));
  CHECK_FALSE(std::filesystem::exists(run));
  CHECK(std::filesystem::exists(root / "elsewhere/kept"));
  const auto left = std::filesystem::directory_iterator(root.path());
  CHECK(std::distance(begin(left), end(left)) == 1);
}

TEST_CASE("nothing but a run's own directory is removed") {
  const TempDirectory root;
  const auto run = root.path() / run_directory_name("bun", kTime);
  REQUIRE(Run::create(run));
  std::filesystem::create_directory_symlink(run, root / "link");
  std::filesystem::create_directory(root / "folder");
  std::ofstream(root / "file") << "x";
  const auto linked = root.path() / run_directory_name("linked", kTime);
  std::filesystem::create_directory(linked);
  std::filesystem::create_directory_symlink(run / "db", linked / "db");
  REQUIRE(is_run(linked));
  for (const auto& other : {linked, root / "link", root / "link" / "", root / "folder", root / "file",
                            root / "none", root.path(), run / "db", std::filesystem::path()}) {
    const auto removed = remove_run(other);
    REQUIRE_FALSE(removed);
    CHECK(removed.error().kind == Error::Kind::not_found);
  }
  CHECK(is_run(run));
}

TEST_CASE("a run that another process writes is not removed") {
  const TempDirectory root;
  const auto run = root.path() / run_directory_name("bun", kTime);
  REQUIRE(Run::create(run));
  CHECK_FALSE(is_being_written(run));
  std::array<int, 2> ready{}, done{};
  REQUIRE(::pipe(ready.data()) == 0);
  REQUIRE(::pipe(done.data()) == 0);
  const pid_t writer = ::fork();
  if (writer == 0) {
    char byte = 0;
    {
      ::close(done[1]);
      const auto open = Run::open(run, Run::Access::read_write);
      byte = open ? 'y' : 'n';
      if (::write(ready[1], &byte, 1) == 1 && ::read(done[0], &byte, 1) != 0) ::_exit(1);
    }
    ::_exit(0);
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  CHECK(byte == 'y');
  CHECK(is_being_written(run));
  const auto removed = remove_run(run);
  REQUIRE_FALSE(removed);
  CHECK(removed.error().kind == Error::Kind::locked);
  CHECK(is_run(run));
  ::close(done[1]);
  int status = 0;
  REQUIRE(::waitpid(writer, &status, 0) == writer);
  CHECK(status == 0);
  for (const int end : {ready[0], ready[1], done[0]}) ::close(end);
  CHECK_FALSE(is_being_written(run));
  CHECK(remove_run(run));
}

TEST_CASE("a run that was copied without its lock is removed like any other") {
  const TempDirectory root;
  const auto run = root.path() / run_directory_name("bun", kTime);
  REQUIRE(Run::create(run));
  REQUIRE(std::filesystem::remove(run / "db" / "LOCK"));
  CHECK_FALSE(is_being_written(run));
  CHECK(remove_run(run));
  CHECK_FALSE(std::filesystem::exists(run));
}

TEST_CASE("what a removal that was cut short has left is no run, and is cleared away") {
  const TempDirectory root;
  const auto run = root.path() / run_directory_name("bun", kTime);
  REQUIRE(Run::create(run));
  const auto leftover = root.path() / ("." + run.filename().native() + ".removed");
  std::filesystem::rename(run, leftover);
  std::filesystem::create_directory(root / ".mine.removed");
  std::ofstream(root / ".file-20261122T213000Z.removed") << "x";
  CHECK(list_runs(root.path()).value().empty());

  // The same name may be taken again, and removed again.
  REQUIRE(Run::create(run));
  REQUIRE(remove_run(run));
  CHECK_FALSE(std::filesystem::exists(leftover));
  REQUIRE(Run::create(leftover));
  const auto leftovers = list_leftovers(root.path());
  REQUIRE(leftovers);
  REQUIRE(leftovers->size() == 1);
  CHECK(leftovers->front().path == leftover);
  CHECK(leftovers->front().suite == "bun");
  CHECK(leftovers->front().time == kTime);
  REQUIRE(remove_leftover(leftovers->front()));
  CHECK_FALSE(std::filesystem::exists(leftover));
  CHECK(std::filesystem::exists(root / ".mine.removed"));
  CHECK_FALSE(list_leftovers(root / "none"));
}

TEST_CASE("the rest of a removal whose database is a link leaves alone what it points to") {
  const TempDirectory root;
  REQUIRE(Run::create(root / "kept"));
  const auto leftover = root.path() / ("." + run_directory_name("bun", kTime).native() + ".removed");
  std::filesystem::create_directory(leftover);
  std::filesystem::create_directory_symlink(root / "kept" / "db", leftover / "db");
  REQUIRE(remove_leftover({leftover, "bun", kTime}));
  CHECK_FALSE(std::filesystem::exists(leftover));
  CHECK(is_run(root / "kept"));
}

TEST_CASE("a run is empty until something is written into it") {
  const TempDirectory root;
  CHECK_FALSE(is_untouched(root / "none"));
  REQUIRE(Run::create(root / "untouched"));
  CHECK(is_untouched(root / "untouched").value());
  REQUIRE((*Run::create(root / "document"))->put("manifest", "{}"));
  CHECK_FALSE(is_untouched(root / "document").value());
  REQUIRE((*Run::create(root / "journal"))->append_journal("{}"));
  CHECK_FALSE(is_untouched(root / "journal").value());
  REQUIRE((*Run::create(root / "contestant"))->add_contestant("bun"));
  CHECK_FALSE(is_untouched(root / "contestant").value());
}
