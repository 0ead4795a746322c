#include "orchestrator/exports/moment.hpp"

#include <chrono>

#include <catch2/catch.hpp>

#include "orchestrator/exports/progress_bar.hpp"

using namespace wsbench;
using namespace std::chrono_literals;
using exports::parse_moment;

TEST_CASE("a number with a unit counts from the beginning of the measuring phase") {
  const event::Time origin(1'700'000'000s);
  CHECK(parse_moment("10s")->at(origin) == origin + 10s);
  CHECK(parse_moment("0s")->at(origin) == origin);
  CHECK(parse_moment("1.5m")->at(origin) == origin + 90s);
  CHECK(parse_moment("250ms")->at(origin) == origin + 250ms);
  CHECK(parse_moment("300us")->at(origin) == origin + 300us);
  CHECK(parse_moment("-2s")->at(origin) == origin - 2s);
  CHECK(parse_moment("1h")->at(origin) == origin + 1h);
}

TEST_CASE("a timestamp as the tables have it stands for itself") {
  CHECK(parse_moment("1700000000003100")->at({}) == event::Time(1'700'000'000s + 3100us));
}

TEST_CASE("what is no time is refused") {
  for (const char* text :
       {"", "s", "10", "10 s", "ten", "10sec", "1e3s", "nan", "inf", "infs", "-", "1700000000003100x",
        "99999999999999999999", "-1700000000003100", "1700000000003100.5", "1e99h", "9999999999h"})
    CHECK_FALSE(parse_moment(text));
}

TEST_CASE("a bar fills with its steps and never wraps") {
  using exports::progress_line;
  CHECK(progress_line("x.csv", 0, 10) == "x.csv  [------------------------------]   0 %");
  CHECK(progress_line("x.csv", 5, 10) == "x.csv  [###############---------------]  50 %");
  CHECK(progress_line("x.csv", 12, 10) == "x.csv  [##############################] 100 %");
  CHECK(progress_line("x.csv", 5, 0) == "x.csv");
}
