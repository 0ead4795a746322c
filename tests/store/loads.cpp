#include "tests/store/loads.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <random>
#include <utility>

namespace wsbench::loads {

namespace {

using event::Duration;
using event::Event;
using event::Kind;
using event::Time;

std::uint64_t nanoseconds(Duration duration) {
  return static_cast<std::uint64_t>(duration.count());
}

}  // namespace

std::vector<Event> open_loop(const Load& load) {
  std::mt19937_64 random(load.seed);
  std::uniform_int_distribution<Duration::rep> place(0, load.interval.count() - 1);
  std::vector<std::pair<Duration, std::uint32_t>> order;
  for (std::uint32_t client = 0; client < load.clients; ++client)
    order.emplace_back(Duration(place(random)), client);
  std::sort(order.begin(), order.end());

  std::lognormal_distribution<double> spread(0.0, 0.3);
  std::uniform_int_distribution<int> send_cost(3000, 9000);
  std::vector<Event> events;
  const Time begin = kBegin + load.start;
  Time free = begin;
  for (std::uint32_t turn = 0; turn * load.interval < load.length; ++turn) {
    for (const auto& [offset, client] : order) {
      const Duration due = turn * load.interval + offset;
      if (due >= load.length) break;
      const Time sent = std::max(begin + due, free) + Duration(send_cost(random));
      free = sent;
      const auto sequence = load.first_sequence + turn;
      events.push_back({sent, nanoseconds(sent - (begin + due)), client, sequence, Kind::send_message});
      const Duration back(
          static_cast<Duration::rep>(static_cast<double>(load.latency.count()) * spread(random)));
      events.push_back({sent + back, 0, client, sequence, Kind::recv_message});
    }
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.time < b.time; });
  return events;
}

std::vector<Event> closed_loop(const Load& load) {
  std::mt19937_64 random(load.seed);
  std::exponential_distribution<double> service(1.0 / static_cast<double>(load.service_time.count()));
  std::lognormal_distribution<double> way(0.0, 0.3);
  std::uniform_int_distribution<int> turn(800, 2500);

  struct Echo {
    Time arrives;
    std::uint32_t client, sequence;
    bool operator>(const Echo& other) const { return arrives > other.arrives; }
  };
  std::priority_queue<Echo, std::vector<Echo>, std::greater<>> under_way;
  std::vector<Event> events;
  const Time begin = kBegin + load.start;
  Time server_free = begin, client_free = begin;
  const auto send = [&](std::uint32_t client, std::uint32_t sequence, Time due) {
    client_free = std::max(client_free, due) + Duration(turn(random));
    events.push_back({client_free, nanoseconds(client_free - due), client, sequence, Kind::send_message});
    server_free = std::max(server_free, client_free) + Duration(static_cast<Duration::rep>(service(random)));
    const Duration back(static_cast<Duration::rep>(20000.0 * way(random)));
    under_way.push({server_free + back, client, sequence});
  };
  for (std::uint32_t client = 0; client < load.clients; ++client) send(client, load.first_sequence, begin);
  while (!under_way.empty()) {
    const Echo echo = under_way.top();
    under_way.pop();
    client_free = std::max(client_free, echo.arrives) + Duration(turn(random));
    events.push_back({client_free, 0, echo.client, echo.sequence, Kind::recv_message});
    if (client_free < begin + load.length) send(echo.client, echo.sequence + 1, client_free);
  }
  return events;
}

std::vector<std::unique_ptr<event::Block>> blocks_of(const std::vector<Event>& events,
                                                     event::BlockInfo info) {
  std::vector<std::unique_ptr<event::Block>> blocks;
  for (const Event& event : events) {
    if (blocks.empty() || blocks.back()->full()) {
      blocks.push_back(std::make_unique<event::Block>());
      blocks.back()->info = info;
      ++info.number;
    }
    blocks.back()->append(event);
  }
  return blocks;
}

}  // namespace wsbench::loads
