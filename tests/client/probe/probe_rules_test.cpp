#include "client/probe/probe_rules.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <stop_token>
#include <string>

#include <catch2/catch.hpp>

#include "tests/client/server.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using client::Check;
using client::testing::Flaws;
using client::testing::Peer;
using client::testing::Server;

namespace {

Server::Script echo_with(const Flaws& flaws) {
  return [flaws](Peer& peer) { client::testing::echo(peer, flaws); };
}

std::set<std::string> broken_rules(const Server& server, std::chrono::milliseconds limit) {
  std::set<std::string> broken;
  for (const Check& check : client::probe_rules(server.target(), limit)) {
    CHECK(check.passed == check.detail.empty());
    if (!check.passed) broken.insert(check.name);
  }
  return broken;
}

}  // namespace

TEST_CASE("an echo server keeps every rule") {
  const Server server(echo_with({}));
  const auto checks = client::probe_rules(server.target(), 20s);
  for (const Check& check : checks) {
    INFO(check.name << ": " << check.detail);
    CHECK(check.passed);
  }
  CHECK(server.failure().empty());
  CHECK(server.connections() == checks.size());
}

TEST_CASE("the rules that are probed have names and headings of their own, in the order of the checks") {
  const auto& rules = client::probed_rules();
  std::set<std::string_view> names, short_names;
  for (const auto& rule : rules) {
    names.insert(rule.name);
    short_names.insert(rule.short_name);
    CHECK_FALSE(rule.meaning.empty());
  }
  CHECK(names.size() == rules.size());
  CHECK(short_names.size() == rules.size());
  const auto checks = client::probe_rules({"127.0.0.1", client::testing::unused_port(), "/"}, 1s);
  CHECK(std::equal(rules.begin(), rules.end(), checks.begin(), checks.end(),
                   [](const auto& rule, const Check& check) { return rule.name == check.name; }));
}

TEST_CASE("what a quick probe looks at has the names of the rules") {
  const Server server(echo_with({}));
  std::set<std::string_view> names;
  for (const auto& rule : client::probed_rules()) names.insert(rule.name);
  for (const Check& check : client::probe_conformance(server.target(), 5s))
    CHECK(names.count(check.name) == 1);
}

TEST_CASE("a server that breaks a rule fails it and no other") {
  Flaws flaws;
  std::set<std::string> expected;
  std::chrono::milliseconds limit = 20s;  // Shorter where a check ends by it.
  SECTION("binary comes back as text") {
    flaws.binary_as_text = true;
    expected = {"binary_is_binary", "fragments", "size_0",     "size_1",     "size_125",
                "size_126",         "size_127",  "size_65535", "size_65536", "size_1048576"};
  }
  SECTION("only the first fragment comes back") {
    flaws.first_fragment_only = true;
    flaws.utf8_unchecked = true;
    expected = {"fragments", "ping_between_fragments", "utf8_cut", "invalid_utf8"};
  }
  SECTION("text that is not UTF-8 comes back") {
    flaws.utf8_unchecked = true;
    expected = {"invalid_utf8"};
  }
  SECTION("pings are not answered") {
    flaws.pings_ignored = true;
    limit = 2s;
    expected = {"ping", "ping_between_fragments"};
  }
  SECTION("our close is answered with another code") {
    flaws.wrong_close_code = true;
    expected = {"close_code"};
  }
  SECTION("our close is not answered") {
    flaws.close_ignored = true;
    limit = 2s;
    expected = {"close_code"};
  }
  SECTION("the connection stays after the closing handshake") {
    flaws.stays_after_close = true;
    limit = 2s;
    expected = {"close_code"};
  }
  SECTION("messages above 126 bytes are too large") {
    flaws.largest = 126;
    expected = {"binary_is_binary", "fragments", "size_127", "size_65535", "size_65536", "size_1048576"};
  }
  SECTION("messages above 65,536 bytes are too large") {
    flaws.largest = 65536;
    expected = {"fragments", "size_1048576"};
  }
  SECTION("a byte is wrong in one size") {
    flaws.spoiled_size = 127;
    expected = {"size_127"};
  }
  SECTION("no other path is known") {
    flaws.root_only = true;
    expected = {"any_path_and_origin"};
  }
  SECTION("another Origin is rejected") {
    flaws.own_origin_only = true;
    expected = {"any_path_and_origin"};
  }
  CHECK(broken_rules(Server(echo_with(flaws)), limit) == expected);
}

TEST_CASE("a server that takes permessage-deflate from whoever offers it breaks the rule against it") {
  const Server server([](Peer& peer) {
    const std::string head = peer.read_request();
    const bool offered = !client::testing::header_of(head, "Sec-WebSocket-Extensions").empty();
    peer.write(client::testing::switching_protocols(
        head, offered ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : ""));
    client::testing::converse(peer, {});
  });
  CHECK(broken_rules(server, 20s) == std::set<std::string>{"no_deflate"});
}

TEST_CASE("rules that are tried on a server that does not answer are given up at a stop") {
  const Server server([](Peer& peer) { peer.read_request(), peer.read_request(); });
  std::stop_source stop;
  stop.request_stop();
  const auto began = std::chrono::steady_clock::now();
  const auto checks = client::probe_rules(server.target(), 60s, stop.get_token());
  CHECK(std::chrono::steady_clock::now() - began < 30s);
  CHECK(checks.size() == client::probed_rules().size());
}

TEST_CASE("no rule is kept by nobody, and none takes longer than the limit") {
  const Server server([](Peer& peer) { peer.read_request(), peer.read_request(); });
  const auto began = std::chrono::steady_clock::now();
  const auto broken = broken_rules(server, 300ms);
  CHECK(std::chrono::steady_clock::now() - began < 2s);
  CHECK(broken.size() == client::probed_rules().size());
}
