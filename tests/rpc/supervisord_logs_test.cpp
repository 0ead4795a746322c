#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>

#include "tests/rpc/supervisord_fixture.hpp"

using namespace std::string_literals;
using namespace wsbench::rpc;
using Fixture = SupervisordFixture;

TEST_CASE_METHOD(Fixture, "a log is read and tailed") {
  // supervisord clears the logs of a process that has run: the others it never opened.
  REQUIRE(supervisor.start_process("sleeper"));
  write_log("sleeper.out", "0123456789");
  CHECK(supervisor.read_process_stdout_log("sleeper", 0, 0) == "0123456789");
  CHECK(supervisor.read_process_stdout_log("sleeper", 2, 3) == "234");
  CHECK(supervisor.read_process_stdout_log("sleeper", -4, 0) == "6789");
  CHECK(fails_with(supervisor.read_process_stdout_log("sleeper", -4, 2), FaultCode::bad_arguments));
  CHECK(fails_with(supervisor.read_process_stderr_log("nobody", 0, 0), FaultCode::bad_name));

  const auto fresh = supervisor.tail_process_stdout_log("sleeper", 7, 100);
  REQUIRE(fresh);
  CHECK(fresh->text == "789");
  CHECK(fresh->offset == 10);
  CHECK_FALSE(fresh->overflow);
  const auto rotated = supervisor.tail_process_stdout_log("sleeper", 50, 4);
  REQUIRE(rotated);
  CHECK(rotated->text == "6789");
  CHECK(rotated->overflow);
  CHECK(supervisor.tail_process_stderr_log("sleeper", 0, 10)->text.empty());

  CHECK(supervisor.clear_process_logs("sleeper") == true);
  CHECK(supervisor.tail_process_stdout_log("sleeper", 0, 10)->offset == 0);
  const auto cleared = supervisor.clear_all_process_logs();
  REQUIRE(cleared);
  CHECK(cleared->size() == 7);
}

TEST_CASE_METHOD(Fixture, "a log with bytes that XML forbids is read") {
  write_log("sleeper.err", "\x1b[31mred\x1b[0m \xEF\xBF\xBE a\0b \r\n <&]]> end\n"s);
  const std::string expected = "?[31mred?[0m \xEF\xBF\xBD a?b \r\n <&]]> end\n";
  CHECK(supervisor.read_process_stderr_log("sleeper", 0, 0) == expected);
  const auto tail = supervisor.tail_process_stderr_log("sleeper", 0, 1000);
  REQUIRE(tail);
  CHECK(tail->text == expected);
}

TEST_CASE_METHOD(Fixture,
                 "a log that is not UTF-8 is read all the same, without noise in supervisord's own") {
  std::string bytes;
  for (int i = 0; i < 2000; ++i) bytes += "line " + std::to_string(i) + " \xE2\x82\xAC\n";
  std::string expected = bytes;
  for (const char* line : {"line 3 ", "line 1000 ", "line 1999 "}) {
    const std::size_t at = bytes.find(line);
    bytes[at] = '\xE9';
    expected[at] = '?';
  }
  write_log("sleeper.err", bytes);
  CHECK(supervisor.read_process_stderr_log("sleeper", 0, 0) == expected);

  const auto tail = supervisor.tail_process_stderr_log("sleeper", 0, 4000);
  REQUIRE(tail);
  const std::string window = expected.substr(expected.size() - 4000);
  REQUIRE(tail->text.size() > 3990);
  CHECK(window.substr(window.size() - tail->text.size()) == tail->text);
  CHECK(tail->offset == static_cast<std::int64_t>(bytes.size()));

  const std::string log = server.log();
  std::size_t tracebacks = 0;
  for (auto at = log.find("Traceback"); at != log.npos; at = log.find("Traceback", at + 1)) ++tracebacks;
  CHECK(tracebacks <= 4);
}

TEST_CASE_METHOD(Fixture, "a window that cuts a character is shifted") {
  write_log("sleeper.out",
            "ab\xE2\x82\xAC"
            "cd");
  CHECK(supervisor.read_process_stdout_log("sleeper", 0, 4) == "ab");
  CHECK(supervisor.read_process_stdout_log("sleeper", -4, 0) == "cd");
  const auto tail = supervisor.tail_process_stdout_log("sleeper", 0, 4);
  REQUIRE(tail);
  CHECK(tail->text == "cd");
  CHECK(tail->offset == 7);
  CHECK(tail->overflow);
}

TEST_CASE_METHOD(Fixture, "a log over 2 GiB, which supervisord does not tail, is tailed by reads") {
  constexpr std::int64_t kSize = std::int64_t{5} << 30U;
  write_log("sleeper.err", "");
  std::filesystem::resize_file(server.directory() / "sleeper.err", kSize);
  std::ofstream(server.directory() / "sleeper.err", std::ios::binary | std::ios::app) << "the end";
  CHECK(supervisor.read_process_stderr_log("sleeper", -7, 0) == "the end");
  CHECK(supervisor.read_process_stderr_log("sleeper", kSize + 4, 0) == "end");

  const auto tail = supervisor.tail_process_stderr_log("sleeper", 0, 9);
  REQUIRE(tail);
  CHECK(tail->text == "??the end");
  CHECK(tail->offset == kSize + 7);
  CHECK(tail->overflow);
  std::ofstream(server.directory() / "sleeper.err", std::ios::binary | std::ios::app) << " and more";
  const auto next = supervisor.tail_process_stderr_log("sleeper", tail->offset, 1000);
  REQUIRE(next);
  CHECK(next->text == " and more");
  CHECK(next->offset == kSize + 16);
  CHECK_FALSE(next->overflow);
  write_log("sleeper.err", "rotated");
  const auto rotated = supervisor.tail_process_stderr_log("sleeper", next->offset, 1000);
  REQUIRE(rotated);
  CHECK(rotated->text == "rotated");
  CHECK(rotated->overflow);
}

TEST_CASE_METHOD(Fixture, "supervisord's own log is read, even when it is not UTF-8") {
  CHECK(supervisor.read_log(0, 0).value().find("supervisord started") != std::string::npos);
  CHECK(supervisor.clear_log() == true);
  std::ofstream(server.directory() / "supervisord.log", std::ios::binary | std::ios::app) << "caf\xE9 here\n";
  CHECK(supervisor.read_log(0, 0).value().find("caf? here\n") != std::string::npos);
}
