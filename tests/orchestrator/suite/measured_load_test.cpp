#include "orchestrator/suite/measured_load.hpp"

#include <catch2/catch.hpp>

#include "tests/orchestrator/results/results.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using namespace wsbench::results;
using namespace wsbench::suite;
using event::Reason;
using wsbench::test::completed_round;

namespace {

/// 100 clients of which `count` ended for a reason of their own.
RoundResult ended_early(Reason reason, std::uint64_t count) {
  auto round = completed_round("a", 1ms);
  round.ended[static_cast<std::size_t>(Reason::completed)] = 100 - count;
  round.ended[static_cast<std::size_t>(reason)] += count;
  return round;
}

}  // namespace

TEST_CASE("a contestant that served its clients has not failed") {
  CHECK_FALSE(failure_under_load(completed_round("a", 1ms)));
  CHECK_FALSE(failure_under_load(ended_early(Reason::close_unanswered, 100)));
}

TEST_CASE("losing some connections is a figure, losing most of them a failure that says how") {
  CHECK_FALSE(failure_under_load(ended_early(Reason::normal, 50)));
  const auto failure = failure_under_load(ended_early(Reason::normal, 51));
  REQUIRE(failure);
  CHECK(failure->kind == FailureKind::connections_closed);
  CHECK(failure->message == "51 of 100 connections ended under load: 51 normal");
  CHECK(failure_under_load(ended_early(Reason::protocol_error, 60))->kind == FailureKind::protocol_error);
}

TEST_CASE("no connection at all is told by its reasons, the most frequent first") {
  auto round = completed_round("a", 1ms);
  round.established = 0;
  round.ended = {};
  round.ended[static_cast<std::size_t>(Reason::refused)] = 30;
  round.ended[static_cast<std::size_t>(Reason::connection_timeout)] = 70;
  const auto failure = failure_under_load(round);
  REQUIRE(failure);
  CHECK(failure->kind == FailureKind::no_connections);
  CHECK(failure->message == "none of 100 clients could connect: 70 connection_timeout, 30 refused");
}

TEST_CASE("a load machine out of files or ports says nothing of the contestant") {
  CHECK(failure_under_load(ended_early(Reason::out_of_files, 1))->kind == FailureKind::client_exhausted);
  CHECK(failure_under_load(ended_early(Reason::out_of_ports, 1))->kind == FailureKind::client_exhausted);
}

TEST_CASE("a server that takes every message and answers none has failed") {
  auto round = completed_round("a", 1ms);
  round.received = 0;
  round.lost = round.sent;
  CHECK(failure_under_load(round)->kind == FailureKind::no_answer);
  round.altered = 998;
  round.foreign = 2;
  const auto failure = failure_under_load(round);
  CHECK(failure->kind == FailureKind::echo_mismatch);
  CHECK(failure->message ==
        "it gave none of 1000 messages back as it was sent: 998 came altered, and 2 that were no echo");
}
