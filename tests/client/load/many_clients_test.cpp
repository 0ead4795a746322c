#include <sys/resource.h>

#include <chrono>
#include <iostream>

#include <catch2/catch.hpp>

#include "client/load/load.hpp"
#include "client/transport/source.hpp"
#include "tests/bench/epoll_echo.hpp"
#include "tests/client/collecting_sink.hpp"

using namespace std::chrono_literals;
using namespace wsbench;

TEST_CASE("clients that need more than half of the ports all connect") {
  const auto ports = client::transport::local_ports().size();
  const auto clients = static_cast<std::uint32_t>(ports * 3 / 5);
  rlimit files{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &files) == 0);
  if (files.rlim_max < clients + 200) {
    std::cout << "skipped: needs " << clients + 200 << " files\n";
    return;
  }
  files.rlim_cur = files.rlim_max;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &files) == 0);
  const auto server = bench::EpollEcho::start();
  REQUIRE(server);

  client::testing::CollectingSink sink;
  client::Plan plan;
  plan.target = {"127.0.0.1", server->port(), "/"};
  plan.clients = clients;
  plan.ramp_per_second = 4000;
  plan.connect_timeout = 4s;
  plan.interval = 10s;
  plan.measuring = 1s;
  const auto load = client::Load::start(plan, sink);
  REQUIRE(load);
  const client::Summary summary = (*load)->wait();
  CHECK(summary.totals.established == clients);
  CHECK(summary.totals.measured_received == summary.totals.measured_sent);
}
