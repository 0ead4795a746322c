#include "client/null_echo/null_echo.hpp"

#include <cstddef>
#include <stop_token>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "client/probe/conversation.hpp"
#include "client/probe/probe.hpp"
#include "tests/support/free_port.hpp"

using namespace std::chrono_literals;
using namespace wsbench;

TEST_CASE("the null echo server passes every check but fragments, and ends at the stop") {
  const auto port = static_cast<std::uint16_t>(test::free_port());
  tl::expected<void, std::string> served = tl::unexpected(std::string("has not ended"));
  std::jthread server([&](const std::stop_token& stop) { served = client::serve_null_echo(port, stop); });
  const client::Target target{"127.0.0.1", port, "/"};
  bool ready = false;
  for (int i = 0; i < 200 && !ready; ++i) {
    ready = client::probe_echo(target, 1s).has_value();
    if (!ready) std::this_thread::sleep_for(10ms);
  }
  REQUIRE(ready);
  for (const auto& check : client::probe_conformance(target, 2s)) {
    INFO(check.name << ": " << check.detail);
    const bool in_fragments = check.name.find("fragments") != std::string::npos || check.name == "utf8_cut";
    if (!in_fragments) CHECK(check.passed);
  }
  client::Exchange longest;  // that a suite may send
  longest.sent.push_back({client::Opcode::binary, std::string(std::size_t{1} << 20U, 'x'), true});
  longest.echo = longest.sent.front();
  CHECK(client::converse(target, {longest}, {5s, 5s, 10s}).front());
  server.request_stop();
  server.join();
  CHECK(served);
}

TEST_CASE("a port that is taken is told") {
  const auto port = static_cast<std::uint16_t>(test::free_port());
  std::jthread server([&](const std::stop_token& stop) { (void)client::serve_null_echo(port, stop); });
  const client::Target target{"127.0.0.1", port, "/"};
  for (int i = 0; i < 200 && !client::probe_echo(target, 1s); ++i) std::this_thread::sleep_for(10ms);
  const auto second = client::serve_null_echo(port, std::stop_token());
  REQUIRE_FALSE(second);
  CHECK(second.error().find("in use") != std::string::npos);
}
