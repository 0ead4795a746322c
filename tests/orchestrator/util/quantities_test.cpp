#include "orchestrator/util/quantities.hpp"

#include <limits>

#include <catch2/catch.hpp>

using namespace wsbench::util;
using namespace std::chrono_literals;

TEST_CASE("durations show three significant digits in the unit that fits") {
  CHECK(format_duration(0ns) == "0 s");
  CHECK(format_duration(1ns) == "1 ns");
  CHECK(format_duration(999ns) == "999 ns");
  CHECK(format_duration(1000ns) == "1 us");
  CHECK(format_duration(83us) == "83 us");
  CHECK(format_duration(83456ns) == "83.5 us");
  CHECK(format_duration(1238us) == "1.24 ms");
  CHECK(format_duration(123456us) == "123 ms");
  CHECK(format_duration(2100ms) == "2.1 s");
  CHECK(format_duration(600s) == "600 s");
  CHECK(format_duration(-1500us) == "-1.5 ms");
}

TEST_CASE("a duration that rounds up to the next unit is told in it") {
  CHECK(format_duration(9999ns) == "10 us");
  CHECK(format_duration(99'960ns) == "100 us");
  CHECK(format_duration(999'499ns) == "999 us");
  CHECK(format_duration(999'500ns) == "1 ms");
  CHECK(format_duration(999'999'999ns) == "1 s");
  CHECK(format_duration(999'900ms) == "1000 s");
}

TEST_CASE("long durations are told in hours, minutes and seconds, the longest ones too") {
  CHECK(format_duration(1000s) == "0:16:40");
  CHECK(format_duration(25h) == "25:00:00");
  CHECK(format_duration(std::chrono::nanoseconds::max()) == "2562047:47:16");
  CHECK(format_duration(std::chrono::nanoseconds::min()) == "-2562047:47:16");
}

TEST_CASE("bytes are told in decimal units") {
  CHECK(format_bytes(0) == "0 B");
  CHECK(format_bytes(999) == "999 B");
  CHECK(format_bytes(1000) == "1 KB");
  CHECK(format_bytes(1024) == "1.02 KB");
  CHECK(format_bytes(83'456'789) == "83.5 MB");
  CHECK(format_bytes(999'600'000) == "1 GB");
  CHECK(format_bytes(12'300'000'000'000) == "12.3 TB");
  CHECK(format_bytes(std::numeric_limits<std::uint64_t>::max()) == "18446744 TB");
}

TEST_CASE("counts have their thousands apart") {
  CHECK(format_count(0) == "0");
  CHECK(format_count(999) == "999");
  CHECK(format_count(1000) == "1,000");
  CHECK(format_count(12345) == "12,345");
  CHECK(format_count(1'000'000) == "1,000,000");
  CHECK(format_count(std::numeric_limits<std::uint64_t>::max()) == "18,446,744,073,709,551,615");
}

TEST_CASE("percentages never round what is lost to nothing, nor what is missing to all") {
  CHECK(format_percentage(0) == "0%");
  CHECK(format_percentage(1) == "100%");
  CHECK(format_percentage(0.125) == "12.5%");
  CHECK(format_percentage(0.0001) == "0.01%");
  CHECK(format_percentage(0.00001) == "<0.01%");
  CHECK(format_percentage(0.99999) == ">99.99%");
  CHECK(format_percentage(0.9999) == "99.99%");
  CHECK(format_percentage(1.5) == "150%");
  CHECK(format_percentage(-0.25) == "-25%");
}

TEST_CASE("elapsed time is told as on a clock, its last second cut") {
  CHECK(format_elapsed(-1s) == "0:00:00");
  CHECK(format_elapsed(5999ms) == "0:00:05");
  CHECK(format_elapsed(59min + 59s) == "0:59:59");
  CHECK(format_elapsed(12h + 34min + 56s) == "12:34:56");
  CHECK(format_elapsed(100h) == "100:00:00");
}
