#pragma once

#include <chrono>
#include <string>

#include "orchestrator/results/round_result.hpp"

namespace wsbench::test {

/// A completed round whose every gate passes: 100 clients, 1,000 messages in 10 s, p99 as given.
inline results::RoundResult completed_round(const std::string& contestant, std::chrono::microseconds p99,
                                            std::uint16_t round = 0) {
  using namespace std::chrono_literals;
  results::RoundResult r;
  r.contestant = contestant;
  r.round = round;
  r.state = results::TurnState::completed;
  r.requested = r.attempted = r.established = 100;
  r.ended[static_cast<std::size_t>(event::Reason::completed)] = 100;
  r.due = r.sent = r.received = 1000;
  r.measured = 10s;
  r.message_rate = 100;
  r.clients_connected = 100;
  r.latency = {1000, 0, 20us, p99 / 2, p99 / 2, p99 / 2, p99, p99, p99, p99};
  r.service_time = r.latency;
  r.handshake = {100, 0, 100us, 150us, 150us, 180us, 190us, 200us, 200us, 200us};
  r.lag = {1000, 0, 0us, 10us, 10us, 10us, 20us, 50us, 60us, 70us};
  r.client_cpu_share = 0.1;
  return r;
}

}  // namespace wsbench::test
