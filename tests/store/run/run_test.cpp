#include "store/run/run.hpp"

#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "store/read/reader.hpp"
#include "store/run/writer.hpp"
#include "tests/store/run/child_process.hpp"
#include "tests/store/temp_directory.hpp"

using namespace wsbench;
using namespace wsbench::store;
using Names = std::vector<std::string>;

namespace {

std::unique_ptr<Run> create(const std::filesystem::path& directory) {
  auto run = Run::create(directory);
  REQUIRE(run);
  return std::move(*run);
}

std::unique_ptr<Run> open(const std::filesystem::path& directory, Run::Access access) {
  auto run = Run::open(directory, access);
  if (!run) FAIL(run.error().message);
  return std::move(*run);
}

void write_block(Run& run, std::string_view contestant, std::uint16_t round) {
  auto writer = Writer::start(run, contestant);
  REQUIRE(writer);
  auto block = (*writer)->acquire();
  block->info.round = round;
  block->append({event::Time(std::chrono::seconds{5}), 0, 1, 2, event::Kind::ws_init});
  (*writer)->submit(std::move(block));
  REQUIRE((*writer)->finish());
}

std::size_t blocks_of(const Run& run, std::string_view contestant) {
  std::size_t count = 0;
  REQUIRE(scan_blocks(run, contestant, {}, [&](const event::Block&) { return ++count > 0; }));
  return count;
}

}  // namespace

TEST_CASE("a run is made with its parents, and found again with what was put") {
  const TempDirectory temp;
  const auto directory = temp / "db" / "run";
  {
    const auto run = create(directory);
    CHECK(run->directory() == directory);
    REQUIRE(run->put("manifest", std::string("{\"a\":1}\0", 8)));
    REQUIRE(run->put("result/0/b", "2"));
    REQUIRE(run->put("result/0/a", "1"));
    REQUIRE(run->put("results", "no"));
    REQUIRE(run->put("gone", "x"));
    REQUIRE(run->remove("gone"));
  }
  const auto run = open(directory, GENERATE(Run::Access::read_write, Run::Access::read_only));
  CHECK(run->get("manifest").value() == std::string("{\"a\":1}\0", 8));
  CHECK(run->get("gone").value() == std::nullopt);
  CHECK(run->names("result/").value() == Names{"result/0/a", "result/0/b"});
  CHECK(run->names("").value() == Names{"manifest", "result/0/a", "result/0/b", "results"});
  CHECK(run->size_on_disk() > 0);
}

TEST_CASE("a run is not made where there is one") {
  const TempDirectory temp;
  create(temp.path());
  const auto again = Run::create(temp.path());
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == Error::Kind::exists);
}

TEST_CASE("a run is not made where anything else is, and that stays") {
  const TempDirectory temp;
  std::ofstream(temp / "notes.txt") << "mine";
  const auto run = Run::create(temp.path());
  REQUIRE_FALSE(run);
  CHECK(run.error().kind == Error::Kind::exists);
  CHECK(run.error().message.find("is not empty") != std::string::npos);
  CHECK(std::filesystem::exists(temp / "notes.txt"));
  CHECK_FALSE(std::filesystem::exists(temp / "db"));
}

TEST_CASE("a run that is not there is not found, and not made by looking") {
  const TempDirectory temp;
  const auto run = Run::open(temp / "none", GENERATE(Run::Access::read_write, Run::Access::read_only));
  REQUIRE_FALSE(run);
  CHECK(run.error().kind == Error::Kind::not_found);
  CHECK_FALSE(std::filesystem::exists(temp / "none"));
}

TEST_CASE("a run below a file cannot be made, and the error names the directory") {
  const TempDirectory temp;
  std::ofstream(temp / "file") << "x";
  const auto run = Run::create(temp / "file" / "run");
  REQUIRE_FALSE(run);
  CHECK(run.error().kind == Error::Kind::io);
  CHECK_THAT(run.error().message, Catch::Contains("file/run"));
}

TEST_CASE("a run has one writer at a time") {
  const TempDirectory temp;
  const auto first = create(temp.path());
  const auto second = Run::open(temp.path(), Run::Access::read_write);
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == Error::Kind::locked);
}

TEST_CASE("a run opened to read only sees what was there, and takes nothing") {
  const TempDirectory temp;
  const auto writing = create(temp.path());
  REQUIRE(writing->put("before", "1"));
  write_block(*writing, "go", 0);
  const auto reading = open(temp.path(), Run::Access::read_only);
  REQUIRE(writing->put("after", "2"));
  write_block(*writing, "go", 1);
  REQUIRE(writing->erase_events("go", 0));
  CHECK(reading->get("before").value() == "1");
  CHECK(reading->get("after").value() == std::nullopt);
  CHECK(blocks_of(*reading, "go") == 1);
  CHECK_FALSE(reading->put("mine", "3"));
  CHECK_FALSE(reading->append_journal("mine"));
  CHECK_FALSE(reading->add_contestant("mine"));
}

TEST_CASE("the journal keeps its order over more than a byte of entries and a reopening") {
  const TempDirectory temp;
  Names wanted;
  for (int opened = 0; opened < 2; ++opened) {
    const auto run = opened == 0 ? create(temp.path()) : open(temp.path(), Run::Access::read_write);
    for (int i = 0; i < 150; ++i) {
      wanted.push_back(std::to_string(opened) + "/" + std::to_string(i));
      REQUIRE(run->append_journal(wanted.back()));
    }
  }
  const auto run = open(temp.path(), Run::Access::read_only);
  CHECK(run->journal().value() == wanted);
  CHECK(run->names("").value().empty());
}

TEST_CASE("contestants are listed by name, whatever their names, and once") {
  const TempDirectory temp;
  const Names wanted{"", "c:odd", "default", "go-gorilla"};
  {
    const auto run = create(temp.path());
    for (const char* name : {"go-gorilla", "default", "c:odd", "", "default"})
      REQUIRE(run->add_contestant(name));
    CHECK(run->contestants() == wanted);
  }
  CHECK(open(temp.path(), Run::Access::read_write)->contestants() == wanted);
}

TEST_CASE("erasing a round leaves the others and the other contestants") {
  const TempDirectory temp;
  const auto run = create(temp.path());
  for (const std::uint16_t round : {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{0xFFFF}}) {
    write_block(*run, "go", round);
    write_block(*run, "java", round);
  }
  const std::uint16_t erased = GENERATE(as<std::uint16_t>{}, 0, 1, 0xFFFF);
  REQUIRE(run->erase_events("go", erased));
  CHECK(blocks_of(*run, "java") == 3);
  REQUIRE(scan_blocks(*run, "go", {}, [&](const event::Block& block) {
    CHECK(block.info.round != erased);
    return true;
  }));
  CHECK(blocks_of(*run, "go") == 2);
  write_block(*run, "go", erased);
  CHECK(blocks_of(*run, "go") == 3);
}

TEST_CASE("erasing the events of an unknown contestant says so") {
  const TempDirectory temp;
  const auto erased = create(temp.path())->erase_events("nobody", 0);
  REQUIRE_FALSE(erased);
  CHECK(erased.error().kind == Error::Kind::not_found);
  CHECK_THAT(erased.error().message, Catch::Contains("nobody"));
}

TEST_CASE("a killed writer keeps what it finished or synced, and its run opens again") {
  const TempDirectory temp;
  ChildProcess child({WSBENCH_WRITING_CHILD, "write", temp.path()});
  REQUIRE(child.read_line() == "synced");

  const auto locked = Run::open(temp.path(), Run::Access::read_write);
  REQUIRE_FALSE(locked);
  CHECK(locked.error().kind == Error::Kind::locked);
  CHECK(blocks_of(*open(temp.path(), Run::Access::read_only), "finished") == 30);

  child.kill();
  REQUIRE(child.wait() == -SIGKILL);
  const auto run = open(temp.path(), Run::Access::read_write);
  CHECK(run->journal().value() == Names{"began", "finished"});
  CHECK(blocks_of(*run, "finished") == 30);
  std::uint32_t next = 0;
  REQUIRE(scan_blocks(*run, "cut", {}, [&](const event::Block& block) {
    CHECK(block.info.number == next++);
    CHECK(block.full());
    return true;
  }));
  CHECK(next >= 10);
  write_block(*run, "cut", 1);
}
