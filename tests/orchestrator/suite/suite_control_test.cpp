#include "orchestrator/suite/suite_control.hpp"

#include <catch2/catch.hpp>

using wsbench::suite::SuiteControl;

TEST_CASE("a skip ends the turn of that contestant, and of no other") {
  std::stop_source suite;
  SuiteControl control(suite.get_token());
  const auto turn = control.begin_turn("node-ws");
  control.skip("go-gorilla");
  CHECK_FALSE(turn.stop_requested());
  CHECK(control.skips("go-gorilla"));
  control.skip("node-ws");
  CHECK(turn.stop_requested());
  CHECK_FALSE(control.stop_requested());
}

TEST_CASE("the suite's end is the end of the turn in it") {
  std::stop_source suite;
  SuiteControl control(suite.get_token());
  const auto turn = control.begin_turn("node-ws");
  suite.request_stop();
  CHECK(turn.stop_requested());
  CHECK(control.stop_requested());
  CHECK(control.begin_turn("go-gorilla").stop_requested());
}

TEST_CASE("what was skipped before its turn is ended at once, and what was taken in again is not") {
  SuiteControl control{std::stop_token()};
  control.skip("a");
  control.skip("b");
  control.unskip("b");
  CHECK(control.begin_turn("a").stop_requested());
  CHECK_FALSE(control.begin_turn("b").stop_requested());
  CHECK_FALSE(control.skips("b"));
}

TEST_CASE("a turn that is over is not ended by a later skip") {
  SuiteControl control{std::stop_token()};
  const auto former = control.begin_turn("a");
  const auto latter = control.begin_turn("b");
  control.skip("a");
  CHECK_FALSE(former.stop_requested());
  CHECK_FALSE(latter.stop_requested());
}
