#include "orchestrator/util/text_lines.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using wsbench::util::last_lines;

TEST_CASE("the last lines of a text are whole and in order") {
  using Lines = std::vector<std::string>;
  CHECK(last_lines("", 3).empty());
  CHECK(last_lines("one", 3) == Lines{"one"});
  CHECK(last_lines("one\ntwo\n\nthree\n", 3) == Lines{"two", "", "three"});
  CHECK(last_lines("one\ntwo\n", 1) == Lines{"two"});
}
