#include <catch2/catch.hpp>

#include "tests/orchestrator/control/calls.hpp"

using namespace wsbench;
using namespace wsbench::control;
using namespace wsbench::test;
using rpc::Array;
using rpc::Struct;

TEST_CASE("a suite is submitted with its options, and the job comes back") {
  FakeHost host;
  const Struct options{
      {"overrides", Array{Array{"clients", 50}, Array{"path", "/echo"}, Array{"monitor", false}}},
      {"local", true}};
  const auto job = result_of(host, "wsbench.submit", {"night", "{}", options});
  CHECK(number_of(job.member("number")) == 5);
  CHECK(text_of(job.member("group")) == "night");
  CHECK(text_of(job.member("state")) == "queued");
  CHECK(host.calls() ==
        std::vector<std::string>{"submit night local=true clients=50 path=/echo monitor=false"});
}

TEST_CASE("options may be left out") {
  FakeHost host;
  CHECK(text_of(result_of(host, "wsbench.submit", {"smoke", "{}"}).member("group")) == "smoke-3");
  CHECK(host.calls() == std::vector<std::string>{"submit smoke local=false"});
}

TEST_CASE("a config that is wrong is BAD_ARGUMENTS with its findings, a line each") {
  FakeHost host;
  CHECK(fault_of_call(host, "wsbench.submit", {"night", "{"}) ==
        "3 BAD_ARGUMENTS: line 1: a } is missing\nhost: is missing");
}

TEST_CASE("a name that could leave db_root, and options that are none, never reach the host") {
  FakeHost host;
  const std::string fault = "2 INCORRECT_PARAMETERS: ";
  CHECK(fault_of_call(host, "wsbench.submit", {"../night", "{}"}).starts_with(fault + "name: "));
  CHECK(fault_of_call(host, "wsbench.submit", {"night", "{}", Struct{{"locl", true}}})
            .starts_with(fault + "locl: "));
  CHECK(fault_of_call(host, "wsbench.submit", {"night", "{}", Struct{{"local", 1}}})
            .starts_with(fault + "local: "));
  CHECK(fault_of_call(host, "wsbench.submit", {"night", "{}", Struct{{"name", "x"}}}) ==
        fault + "name and config are no options");
  CHECK(fault_of_call(host, "wsbench.submit", {"night", "{}", Struct{{"overrides", Array{"clients=5"}}}}) ==
        fault + "overrides: must be pairs [key, value]");
  for (const auto* method : {"wsbench.result", "wsbench.report"}) {
    CHECK(fault_of_call(host, method, {"../../etc"}) == "10 BAD_NAME: ../../etc");
  }
  CHECK(host.calls().empty());
}

TEST_CASE("a suite is cancelled, a contestant skipped") {
  FakeHost host;
  CHECK(result_of(host, "wsbench.cancel", {"full"}) == rpc::Value(true));
  CHECK(result_of(host, "wsbench.skip", {"smoke-2", "python-tornado-1"}) == rpc::Value(true));
  CHECK(fault_of_call(host, "wsbench.cancel", {"full"}) == "70 NOT_RUNNING: full");
  CHECK(fault_of_call(host, "wsbench.cancel", {"nobody"}) == "10 BAD_NAME: nobody");
  CHECK(fault_of_call(host, "wsbench.skip", {"smoke-2", "nobody"}) == "10 BAD_NAME: smoke-2:nobody");
}

TEST_CASE("times are whole seconds, and what is not known is absent") {
  FakeHost host;
  const auto status = result_of(host, "wsbench.status");
  CHECK(number_of(status.member("started")) == 1'795'392'000);
  CHECK(text_of(status.member("state")) == "running");
  const auto jobs = array_of(result_of(host, "wsbench.queue"));
  REQUIRE(jobs.size() == 3);
  CHECK(number_of(jobs[0].member("began")) == 1'795'392'002);
  CHECK(jobs[0].member("ended") == nullptr);
  CHECK(jobs[1].member("run") == nullptr);
  const auto contestants = array_of(*jobs[0].member("contestants"));
  CHECK(number_of(contestants[0].member("result")->member("p99_ns")) == 210'000);
  CHECK(contestants[3].member("result") == nullptr);
}

TEST_CASE("runs are listed, and a run's result and report are texts") {
  FakeHost host;
  const auto runs = array_of(result_of(host, "wsbench.runs"));
  REQUIRE(runs.size() == 2);
  CHECK(text_of(runs[0].member("run")) == "smoke-20261123T000000Z");
  CHECK(text_of(runs[0].member("state")) == "unfinished");
  CHECK(number_of(runs[1].member("bytes")) == 5678);
  CHECK(result_of(host, "wsbench.result", {"smoke"}) == rpc::Value(R"({"schema_version": 1})"));
  CHECK(result_of(host, "wsbench.report", {"smoke"}) == rpc::Value("rank  contestant\n"));
  CHECK(fault_of_call(host, "wsbench.result", {"nothing"}) == "10 BAD_NAME: nothing");
}
