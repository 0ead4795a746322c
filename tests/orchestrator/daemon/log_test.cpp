#include "orchestrator/daemon/log.hpp"

#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "tests/support/temp_dir.hpp"

using namespace wsbench::daemon;
using wsbench::report::Severity;
using wsbench::test::TempDir;

namespace {

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::int64_t ssize(const std::string& text) {
  return static_cast<std::int64_t>(text.size());
}

}  // namespace

TEST_CASE("a log's lines have their time in UTC and their severity, and stay lines") {
  const TempDir directory;
  const auto log = Log::open(directory.path() / "log");
  REQUIRE(log);
  (*log)->warning("two\nlines\033[31m");
  const auto text = content_of(directory.path() / "log");
  CHECK(text.substr(0, 2) == "20");
  CHECK(text.substr(10, 1) == "T");
  CHECK(text.substr(23) == "Z warning two lines [31m\n");
}

TEST_CASE("a log is read by windows as supervisord's are") {
  const auto log = Log::in_memory();
  log->info("one");
  log->error("two");
  const auto all = log->read(0, 0);
  CHECK(all.find("info one\n") != std::string::npos);
  CHECK(log->read(-4, 0) == "two\n");
  CHECK(log->read(0, 2) == "20");
  CHECK(log->read(ssize(all) + 5, 0).empty());
  CHECK(log->read(-ssize(all) - 5, 0) == all);

  const auto tail = log->tail(0, 4);
  CHECK((tail.text == "two\n" && tail.size == ssize(all) && tail.overflow));
  CHECK_FALSE(log->tail(0, 10000).overflow);
  CHECK(log->tail(ssize(all) + 1, 10).text.empty());
}

TEST_CASE("what a long log has forgotten is left out of what is read, and offsets stay true") {
  const auto log = Log::in_memory();
  const std::string line(1000, 'x');
  for (int i = 0; i < 4000; ++i) log->info(line);
  log->info("the last");
  const auto size = log->tail(0, 1).size;
  CHECK(size > static_cast<std::int64_t>(3 * Log::kKept));
  const auto kept = log->read(0, 0);
  CHECK(kept.size() >= Log::kKept);
  CHECK(kept.size() <= 2 * Log::kKept);
  CHECK(log->read(size - 9, 0) == "the last\n");
}

TEST_CASE("a log file that was moved away is made anew") {
  const TempDir directory;
  const auto file = directory.path() / "log", moved = directory.path() / "log.1";
  const auto log = Log::open(file);
  REQUIRE(log);
  (*log)->info("before");
  std::filesystem::rename(file, moved);
  (*log)->reopen();
  (*log)->info("after");
  CHECK(content_of(moved).find("before") != std::string::npos);
  CHECK(content_of(moved).find("after") == std::string::npos);
  CHECK(content_of(file).find("after") != std::string::npos);
}

TEST_CASE("a log that cannot be written is an error that names it") {
  const auto log = Log::open("/proc/wsbench/log");
  REQUIRE_FALSE(log);
  CHECK(log.error().find("/proc/wsbench/log") != std::string::npos);
}
