#pragma once

#include <cstddef>
#include <cstdint>

#include "client/load/load.hpp"
#include "tests/client/collecting_sink.hpp"
#include "tests/client/server.hpp"

// What the tests of whole loads share.

namespace wsbench::client::testing {

/// The transport that the tests of this run are for: the environment's WSBENCH_TEST_TRANSPORT, else what a
/// user gets. One that this machine forbids is told and replaced by the latter.
transport::Kind transport_under_test();

/// What a server does with a connection when it has no flaws.
void honest_echo(Peer& peer);

/// Ten clients against the server, a message each every 50 ms, for 500 ms.
Plan plan_for(const Server& server);

/// Runs a load to its end, of which the test fails when it does not come within 20 s.
Summary run(const Plan& plan, CollectingSink& sink);

std::size_t ended(const Summary& summary, event::Reason reason);

event::Time due_of(const event::Event& send);

/// Every client's events by kind: that each began once, opened once and ended once, and that echoes pair with
/// sends.
void check_histories(const CollectingSink& sink, std::uint32_t clients);

}  // namespace wsbench::client::testing
