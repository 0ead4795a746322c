#include "orchestrator/commands/status_text.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace wsbench::commands;
using nlohmann::json;

namespace {

json contestant(const char* name, const char* state, const char* description) {
  return {{"name", name}, {"state", state}, {"description", description}};
}

json example() {
  return {{"version", "1.0"},
          {"state", "running"},
          {"jobs",
           {{{"number", 3},
             {"group", "smoke"},
             {"state", "running"},
             {"turns", 2},
             {"turns_done", 1},
             {"left_seconds", 61.5},
             {"load", "open loop"},
             {"run", "smoke-20261123T000000Z"},
             {"contestants",
              {contestant("cpp-websocketpp", "completed", "completed: p50 83 us"),
               contestant("node-ws", "measuring", "measuring 3 of 5 s")}}},
            {{"number", 4},
             {"group", "night"},
             {"state", "queued"},
             {"note", "trying again"},
             {"contestants", json::array()}}}},
          {"live",
           {{"points",
             {{{"received_rate", 500.0}, {"p50_ns", 83000}, {"p99_ns", 210000}},
              {{"received_rate", 1000.0}, {"p50_ns", 84000}, {"p99_ns", nullptr}}}}}}};
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the status has a line for each contestant, in columns, and only those that were asked for") {
  const auto all = render_status(example(), "", false);
  CHECK(all ==
        "smoke:cpp-websocketpp  completed      completed: p50 83 us\n"
        "smoke:node-ws          measuring      measuring 3 of 5 s\n"
        "night                  queued         its contestants are known when it begins\n");
  CHECK(render_status(example(), "night", false) ==
        "night  queued         its contestants are known when it begins\n");
  CHECK(render_status(example(), "smoke:node-ws", false) ==
        "smoke:node-ws  measuring      measuring 3 of 5 s\n");
  CHECK(render_status(example(), "nobody", false).empty());
}

TEST_CASE("the queue has a row for each suite, and says why one failed") {
  const auto text = render_queue(example()["jobs"], false);
  CHECK(has(text, "3  smoke  running    1/2  0:01:01"));
  CHECK(has(text, "night: trying again\n"));
  CHECK(lines(text) == 4);
}

TEST_CASE("the live view tells what runs, its figures and what has ended") {
  const auto text = render_watch(example(), {100, 40}, false);
  CHECK(has(text, "smoke: 1 of 2 turns done, 0:01:01 left"));
  CHECK(has(text, "msg/s"));
  CHECK(has(text, "1,000"));
  CHECK(has(text, "▅█"));
  CHECK(has(text, "p99                     -"));
  CHECK(has(text, "cpp-websocketpp  completed: p50 83 us"));
  CHECK(has(text, "night: queued"));
}

TEST_CASE("the live view keeps within its screen") {
  for (const std::size_t rows : {2U, 5U, 9U}) {
    const auto text = render_watch(example(), {30, rows}, false);
    CHECK(lines(text) < rows);
  }
}

TEST_CASE("without a suite the live view says how to submit one") {
  const json idle{{"version", "1.0"}, {"state", "idle"}, {"jobs", json::array()}, {"live", nullptr}};
  CHECK(has(render_watch(idle, {80, 24}, false), "wsbench submit"));
}
