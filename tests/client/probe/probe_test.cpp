#include "client/probe/probe.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/client/server.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using client::Check;
using client::testing::Flaws;
using client::testing::Peer;
using client::testing::Server;
using event::Reason;

namespace {

Server::Script echo_with(const Flaws& flaws) {
  return [flaws](Peer& peer) { client::testing::echo(peer, flaws); };
}

std::set<std::string> failed_checks(const Flaws& flaws, std::chrono::milliseconds limit) {
  const Server server(echo_with(flaws));
  std::set<std::string> failed;
  for (const Check& check : client::probe_conformance(server.target(), limit)) {
    CHECK(check.passed == check.detail.empty());
    if (!check.passed) failed.insert(check.name);
  }
  return failed;
}

}  // namespace

TEST_CASE("a probe passes on an echo server, and quickly") {
  const Server server(echo_with({}));
  const auto began = std::chrono::steady_clock::now();
  CHECK(client::probe_echo(server.target(), 20s));
  CHECK(std::chrono::steady_clock::now() - began < 10s);
  CHECK(server.failure().empty());
}

TEST_CASE("a probe of a server that is not up yet may pass later") {
  SECTION("nobody listens") {
    const auto probed = client::probe_echo({"127.0.0.1", client::testing::unused_port(), "/"}, 1s);
    REQUIRE_FALSE(probed);
    CHECK(probed.error().ending.reason == Reason::refused);
    CHECK(probed.error().may_pass_later);
  }
  SECTION("it accepts and closes") {
    const Server server([](Peer& peer) { peer.close(); });
    const auto probed = client::probe_echo(server.target(), 1s);
    REQUIRE_FALSE(probed);
    CHECK(probed.error().may_pass_later);
  }
  SECTION("it does not answer") {
    const Server server([](Peer& peer) { peer.read_request(), peer.read_request(); });
    const auto began = std::chrono::steady_clock::now();
    const auto probed = client::probe_echo(server.target(), 100ms);
    CHECK(std::chrono::steady_clock::now() - began < 5s);
    REQUIRE_FALSE(probed);
    CHECK(probed.error().ending.reason == Reason::connection_timeout);
    CHECK(probed.error().may_pass_later);
  }
  SECTION("it shakes hands, but does not echo") {
    const Server server([](Peer& peer) {
      peer.shake_hands();
      for (;;) peer.read_frame();
    });
    const auto probed = client::probe_echo(server.target(), 1s);
    REQUIRE_FALSE(probed);
    CHECK(probed.error().may_pass_later);
    CHECK_THAT(probed.error().detail, Catch::Contains("text of 20 bytes"));
  }
  SECTION("it echoes later than its handshake may take") {
    Flaws flaws;
    flaws.delay = 600ms;
    const Server server(echo_with(flaws));
    CHECK(client::probe_echo(server.target(), 300ms, 10s));
    CHECK_FALSE(client::probe_echo(server.target(), 10s, 300ms));
  }
  SECTION("whoever asks does not want to know any more") {
    const Server server([](Peer& peer) {
      peer.shake_hands();
      for (;;) peer.read_frame();
    });
    std::stop_source stop;
    const std::jthread stopping([&] {
      while (server.connections() == 0) std::this_thread::sleep_for(1ms);
      stop.request_stop();
    });
    const auto began = std::chrono::steady_clock::now();
    const auto probed = client::probe_echo(server.target(), 60s, 60s, stop.get_token());
    CHECK(std::chrono::steady_clock::now() - began < 5s);
    REQUIRE_FALSE(probed);
    CHECK(probed.error().ending.reason == Reason::stopped);
    CHECK_FALSE(probed.error().may_pass_later);
  }
  SECTION("it says that it is not available yet") {
    const Server server([](Peer& peer) {
      peer.read_request();
      peer.write("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    });
    const auto probed = client::probe_echo(server.target(), 1s);
    REQUIRE_FALSE(probed);
    CHECK(probed.error().ending.status == 503);
    CHECK(probed.error().may_pass_later);
  }
}

TEST_CASE("a probe of a server that answers wrongly will not pass later") {
  SECTION("a web page") {
    const Server server([](Peer& peer) {
      peer.read_request();
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    });
    const auto probed = client::probe_echo(server.target(), 1s);
    REQUIRE_FALSE(probed);
    CHECK(probed.error().ending.reason == Reason::handshake_rejected);
    CHECK(probed.error().detail == "handshake rejected: HTTP 200");
    CHECK_FALSE(probed.error().may_pass_later);
  }
  SECTION("a wrong echo") {
    Flaws flaws;
    flaws.spoiled_size = 20;
    const Server server(echo_with(flaws));
    const auto probed = client::probe_echo(server.target(), 1s);
    REQUIRE_FALSE(probed);
    CHECK(probed.error().ending.reason == Reason::echo_mismatch);
    CHECK_THAT(probed.error().detail, Catch::Contains("other bytes"));
    CHECK_FALSE(probed.error().may_pass_later);
  }
  SECTION("another protocol") {
    const Server server([](Peer& peer) { peer.write("220 mail.example ESMTP\r\n"), peer.read_request(); });
    const auto probed = client::probe_echo(server.target(), 1s);
    REQUIRE_FALSE(probed);
    CHECK_FALSE(probed.error().may_pass_later);
  }
}

TEST_CASE("an echo server passes every check of conformance") {
  const Server server(echo_with({}));
  const std::vector<Check> checks = client::probe_conformance(server.target(), 5s);
  CHECK(checks.size() == 12);
  for (const Check& check : checks) {
    CAPTURE(check.name, check.detail);
    CHECK(check.passed);
  }
  CHECK(server.connections() == checks.size());
  CHECK(server.failure().empty());
}

TEST_CASE("each rule that a server breaks fails its checks and no other") {
  Flaws flaws;
  std::set<std::string> expected;
  std::chrono::milliseconds limit = 10s;  // Shorter where the check ends by it.
  SECTION("binary comes back as text") {
    flaws.binary_as_text = true;
    expected = {"binary_is_binary"};
  }
  SECTION("only the first fragment comes back") {
    flaws.first_fragment_only = true;
    expected = {"fragments", "ping_between_fragments", "utf8_cut"};
  }
  SECTION("pings are not answered") {
    flaws.pings_ignored = true;
    limit = 1500ms;
    expected = {"ping", "ping_between_fragments"};
  }
  SECTION("our close is answered with another code") {
    flaws.wrong_close_code = true;
    expected = {"close_code"};
  }
  SECTION("our close is not answered") {
    flaws.close_ignored = true;
    limit = 1500ms;
    expected = {"close_code"};
  }
  SECTION("messages above 64 KiB - 1 are too large") {
    flaws.largest = 65535;
    expected = {"size_65536"};
  }
  SECTION("messages above 125 bytes are too large") {
    flaws.largest = 125;
    expected = {"binary_is_binary", "size_126", "size_65535", "size_65536"};
  }
  SECTION("a byte is wrong in one size") {
    flaws.spoiled_size = 126;
    expected = {"size_126"};
  }
  CHECK(failed_checks(flaws, limit) == expected);
}

TEST_CASE("the checks of conformance end in time when nobody answers") {
  const Server server([](Peer& peer) { peer.read_request(), peer.read_request(); });
  const auto began = std::chrono::steady_clock::now();
  const auto checks = client::probe_conformance(server.target(), 500ms);
  CHECK(checks.size() >= 10);  // One after the other they would take 5 s.
  CHECK(std::chrono::steady_clock::now() - began < 3s);
  CHECK(std::none_of(checks.begin(), checks.end(), [](const Check& check) { return check.passed; }));
}
