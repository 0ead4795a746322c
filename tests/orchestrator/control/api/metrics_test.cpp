#include "orchestrator/control/api/metrics.hpp"

#include <cstdio>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "tests/orchestrator/control/fake_host.hpp"

using namespace wsbench;
using namespace wsbench::control::api;
using namespace wsbench::control::state;
using wsbench::test::sample_status;

namespace {

const ProcessUse kUse{1.5, 40'000'000, 17, 1024};

/// The lines that begin so.
std::vector<std::string> lines_with(const std::string& text, const std::string& beginning) {
  std::vector<std::string> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(beginning)) found.push_back(line);
  }
  return found;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("jobs, turns and messages are counted") {
  const auto text = render_metrics(sample_status(), kUse);
  CHECK(has_line(text, R"(wsbench_build_info{version="0.1.0"} 1)"));
  CHECK(has_line(text, R"(wsbench_jobs{state="queued"} 1)"));
  CHECK(has_line(text, R"(wsbench_jobs{state="running"} 1)"));
  CHECK(has_line(text, R"(wsbench_jobs{state="cancelled"} 0)"));
  CHECK(has_line(text, R"(wsbench_turns_total{outcome="completed"} 7)"));
  CHECK(has_line(text, R"(wsbench_turns_total{outcome="skipped"} 1)"));
  CHECK(has_line(text, "wsbench_messages_sent_total 12345678901"));
  CHECK(has_line(text, "wsbench_messages_received_total 12345678000"));
}

TEST_CASE("a load has its contestant's labels, and its histograms are cumulative, in seconds") {
  const auto text = render_metrics(sample_status(), kUse);
  const std::string labels = R"({suite="smoke",contestant="node-ws",round="0")";
  CHECK(has_line(text, "wsbench_open_connections" + labels + "} 10000"));
  CHECK(has_line(text, "wsbench_load_info" + labels + R"(,phase="measuring"} 1)"));
  const auto bucket = [&](const char* le, int count) {
    return has_line(text, "wsbench_message_latency_seconds_bucket" + labels + ",le=\"" + le + "\"} " +
                              std::to_string(count));
  };
  CHECK(bucket("0.0001", 0));
  CHECK(bucket("0.00025", 985));
  CHECK(bucket("0.001", 985));
  CHECK(bucket("0.0025", 1000));
  CHECK(bucket("10", 1000));
  CHECK(bucket("+Inf", 1000));
  CHECK(has_line(text, "wsbench_message_latency_seconds_count" + labels + "} 1000"));
  CHECK(has_line(text, "wsbench_message_latency_seconds_sum" + labels + "} 0.1467"));
  CHECK(has_line(text, "wsbench_client_lag_seconds_count" + labels + "} 1000"));
  CHECK(has_line(text, "wsbench_contestant_resident_memory_bytes" + labels + "} 58500000"));
  CHECK(has_line(text, "wsbench_contestant_cpu_seconds_total" + labels + "} 7.25"));
}

TEST_CASE("without a load, or without a monitor, there are no figures of one") {
  auto status = sample_status();
  auto live = *status.live;
  live.points.clear();
  status.live = std::make_shared<const Live>(live);
  CHECK(lines_with(render_metrics(status, kUse), "wsbench_contestant_").empty());
  CHECK_FALSE(lines_with(render_metrics(status, kUse), "wsbench_open_connections").empty());
  status.live = nullptr;
  CHECK(lines_with(render_metrics(status, kUse), "wsbench_open_connections").empty());
}

TEST_CASE("a label's value is escaped") {
  auto status = sample_status();
  status.version = "a\"b\\c\nd";
  CHECK(has_line(render_metrics(status, kUse), R"(wsbench_build_info{version="a\"b\\c\nd"} 1)"));
}

TEST_CASE("wsbench's own process is told by the names that every exporter uses") {
  const auto text = render_metrics(sample_status(), kUse);
  CHECK(has_line(text, "process_cpu_seconds_total 1.5"));
  CHECK(has_line(text, "process_resident_memory_bytes 40000000"));
  CHECK(has_line(text, "process_open_fds 17"));
  CHECK(has_line(text, "process_max_fds 1024"));
  CHECK(has_line(text, "process_start_time_seconds 1795392000.5"));
}

TEST_CASE("what this process uses can be told") {
  const auto use = process_use();
  CHECK(use.resident_bytes > 1'000'000);
  CHECK(use.cpu_seconds >= 0);
  CHECK(use.open_files >= 3);
  CHECK(use.max_files >= use.open_files);
}

#ifdef WSBENCH_PROMTOOL
TEST_CASE("promtool finds nothing to complain of") {
  const bool has_load = GENERATE(true, false);
  auto status = sample_status();
  if (!has_load) status.live = nullptr;
  std::FILE* promtool = ::popen(WSBENCH_PROMTOOL " check metrics >&2", "w");
  REQUIRE(promtool != nullptr);
  const auto text = render_metrics(status, kUse);
  CHECK(std::fwrite(text.data(), 1, text.size(), promtool) == text.size());
  CHECK(::pclose(promtool) == 0);
}
#endif
