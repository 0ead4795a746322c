#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "client/load/load.hpp"
#include "client/load/payload.hpp"
#include "tests/client/load/loads.hpp"

// Servers that do wrong on purpose and count what they did: it must cost exactly that.

using namespace std::chrono_literals;
using namespace wsbench;
using client::Mode;
using client::PayloadSource;
using client::Plan;
using client::Summary;
using client::testing::CollectingSink;
using client::testing::due_of;
using client::testing::ended;
using client::testing::Peer;
using client::testing::plan_for;
using client::testing::ReceivedFrame;
using client::testing::run;
using client::testing::Server;
using event::Kind;
using event::Phase;
using event::Reason;

namespace {

/// Is given each message of a connection and its number there, from 0, and answers as it likes.
using Answer = std::function<void(Peer&, const ReceivedFrame&, std::uint32_t)>;

Server::Script answering(Answer answer) {
  return [answer = std::move(answer)](Peer& peer) {
    peer.shake_hands();
    for (std::uint32_t number = 0;; ++number) {
      const ReceivedFrame frame = peer.read_frame();
      if (frame.opcode == 8) return peer.write_frame(8, frame.payload);
      answer(peer, frame, number);
    }
  };
}

Plan patient_plan(const Server& server, Mode mode = Mode::open) {
  Plan plan = plan_for(server);
  plan.mode = mode;
  plan.measuring = 400ms;
  plan.interval = 10ms;
  plan.drain_limit = 300ms;  // What is lost is waited for.
  return plan;
}

struct Counts {
  std::size_t sent, received, reordered, duplicated, altered, foreign;
};

Counts counts_of(const CollectingSink& sink) {
  std::size_t reordered = 0;
  const auto received = sink.of(Kind::recv_message);
  for (const auto& echo : received) reordered += echo.event.value == event::kReordered;
  return {sink.of(Kind::send_message).size(),
          received.size(),
          reordered,
          sink.of(Kind::duplicate_echo).size(),
          sink.of(Kind::altered_echo).size(),
          sink.of(Kind::foreign_message).size()};
}

std::string payload_of(const Plan& plan, std::uint32_t client, std::uint32_t sequence) {
  const PayloadSource source(plan.payload_bytes, plan.seed);
  std::string payload(plan.payload_bytes, '\0');
  source.write(payload.data(), client, sequence);
  return payload;
}

}  // namespace

TEST_CASE("a server that leaves out every seventh echo loses those, and its clients go on") {
  std::atomic<std::size_t> left_out{0};
  const Server server(answering([&](Peer& peer, const ReceivedFrame& frame, std::uint32_t number) {
    if (number % 7 == 6) {
      ++left_out;
    } else {
      peer.write_frame(frame.opcode, frame.payload);
    }
  }));
  CollectingSink sink;
  const Plan plan = patient_plan(server);
  const Summary summary = run(plan, sink);
  const Counts counts = counts_of(sink);
  CHECK(counts.sent == 400);
  CHECK(left_out == 50);  // five of each client's forty
  CHECK(counts.received == counts.sent - left_out);
  CHECK(counts.reordered + counts.duplicated + counts.altered + counts.foreign == 0);
  CHECK(summary.totals.measured_received == counts.received);
  CHECK(ended(summary, Reason::completed) == 10);
  CHECK(sink.of(Kind::not_sent).empty());
}

TEST_CASE("a server that repeats every fifth echo has each message answered once") {
  const auto mode = GENERATE(Mode::open, Mode::closed);
  std::atomic<std::size_t> repeated{0};
  const Server server(answering([&](Peer& peer, const ReceivedFrame& frame, std::uint32_t number) {
    peer.write_frame(frame.opcode, frame.payload);
    if (number % 5 != 4) return;
    peer.write_frame(frame.opcode, frame.payload);
    ++repeated;
  }));
  CollectingSink sink;
  const Summary summary = run(patient_plan(server, mode), sink);
  const Counts counts = counts_of(sink);
  CHECK(counts.received == counts.sent);
  CHECK(repeated > 50);
  // The repetition of a client's last message may find it closing.
  CHECK(counts.duplicated <= repeated);
  CHECK(counts.duplicated + 10 >= repeated);
  CHECK(counts.reordered + counts.altered + counts.foreign == 0);
  CHECK(ended(summary, Reason::completed) == 10);
}

TEST_CASE("a server that swaps every pair of echoes loses none: the first of each comes late") {
  const Server server([](Peer& peer) {
    peer.shake_hands();
    std::optional<std::string> held;
    for (;;) {
      const auto frame = peer.read_frame();
      if (frame.opcode == 8) return peer.write_frame(8, frame.payload);
      if (!held) {
        held = frame.payload;
        continue;
      }
      peer.write_frame(1, frame.payload);
      peer.write_frame(1, *std::exchange(held, std::nullopt));
    }
  });
  CollectingSink sink;
  const Summary summary = run(patient_plan(server), sink);
  const Counts counts = counts_of(sink);
  CHECK(counts.sent == 400);
  CHECK(counts.received == 400);
  CHECK(counts.reordered == 200);
  CHECK(counts.duplicated + counts.altered + counts.foreign == 0);
  CHECK(summary.totals.measured_received == 400);
  for (const auto& [info, event] : sink.of(Kind::recv_message))
    REQUIRE((event.value == event::kReordered) == (event.sequence % 2 == 0));
  CHECK(ended(summary, Reason::completed) == 10);
}

TEST_CASE("a server that alters every sixth echo, wherever, loses those, and a closed loop goes on") {
  const auto mode = GENERATE(Mode::open, Mode::closed);
  const std::string way =
      GENERATE("the filler", "the client", "the sequence number", "shorter", "longer", "binary");
  std::atomic<std::size_t> altered{0};
  const Server server(answering([&](Peer& peer, const ReceivedFrame& frame, std::uint32_t number) {
    std::string payload = frame.payload;
    unsigned opcode = frame.opcode;
    if (number % 6 == 5 && number < 60) {
      ++altered;
      if (way == "the filler") payload.back() = payload.back() == 'x' ? 'y' : 'x';
      if (way == "the client") payload[3] = payload[3] == 'x' ? 'y' : 'x';
      if (way == "the sequence number") payload[6] = payload[6] == 'x' ? 'y' : 'x';
      if (way == "shorter") payload.pop_back();
      if (way == "longer") payload += "!";
      if (way == "binary") opcode = 2;
    }
    peer.write_frame(opcode, payload);
  }));
  CollectingSink sink;
  const Summary summary = run(patient_plan(server, mode), sink);
  const Counts counts = counts_of(sink);
  CAPTURE(way);
  CHECK(altered >= 60);  // of each client's forty messages, or more in a closed loop
  CHECK(counts.altered == altered);
  CHECK(counts.received == counts.sent - altered);
  CHECK(counts.reordered + counts.duplicated + counts.foreign == 0);
  CHECK(ended(summary, Reason::completed) == 10);
}

TEST_CASE("an echo that comes right after it came altered is one too many") {
  const Server server(answering([&](Peer& peer, const ReceivedFrame& frame, std::uint32_t number) {
    if (number == 3) peer.write_frame(1, frame.payload + "?");
    peer.write_frame(1, frame.payload);
  }));
  CollectingSink sink;
  run(patient_plan(server), sink);
  const Counts counts = counts_of(sink);
  CHECK(counts.received == 390);
  CHECK(counts.altered == 10);
  CHECK(counts.duplicated == 10);
}

TEST_CASE("what is no echo of the client's messages answers nothing, and ends nothing") {
  Plan plan;
  const std::string way = GENERATE("greeting", "another client's", "a message to come", "empty", "binary");
  const Server server([&](Peer& peer) {
    peer.shake_hands();
    const auto intrude = [&](std::uint32_t number) {
      if (way == "greeting") peer.write_frame(1, "welcome to this server");
      if (way == "another client's") peer.write_frame(1, payload_of(plan, 777, number));
      if (way == "a message to come") peer.write_frame(1, payload_of(plan, 0, number + 5000));
      if (way == "empty") peer.write_frame(1, "");
      if (way == "binary") peer.write_frame(2, std::string(300, '\xFF'));
    };
    intrude(0);
    for (std::uint32_t number = 1;; ++number) {
      const auto frame = peer.read_frame();
      if (frame.opcode == 8) return peer.write_frame(8, frame.payload);
      if (number % 8 == 0 && number <= 40) intrude(number);
      peer.write_frame(1, frame.payload);
    }
  });
  CollectingSink sink;
  plan = patient_plan(server, GENERATE(Mode::open, Mode::closed));
  plan.clients = 1;
  const Summary summary = run(plan, sink);
  const Counts counts = counts_of(sink);
  CAPTURE(way);
  CHECK(counts.sent >= 40);
  CHECK(counts.received == counts.sent);
  CHECK(counts.foreign == 6);
  CHECK(counts.reordered + counts.duplicated + counts.altered == 0);
  CHECK(ended(summary, Reason::completed) == 1);
}

TEST_CASE("clients that are never answered again lose their messages, and only theirs") {
  const auto mode = GENERATE(Mode::open, Mode::closed);
  std::atomic<std::size_t> unanswered{0};
  // Clients are told by the head of their messages: 0 to 2 are mute from their sixth message on.
  const Server server(answering([&](Peer& peer, const ReceivedFrame& frame, std::uint32_t number) {
    const auto head = PayloadSource::head_of(frame.payload);
    if (head && head->client < 3 && number >= 5) {
      ++unanswered;
    } else {
      peer.write_frame(1, frame.payload);
    }
  }));
  CollectingSink sink;
  const Summary summary = run(patient_plan(server, mode), sink);
  const Counts counts = counts_of(sink);
  CHECK(unanswered == (mode == Mode::open ? 3 * 35 : 3));
  CHECK(counts.received == counts.sent - unanswered);
  std::map<std::uint32_t, std::size_t> received;
  for (const auto& [info, event] : sink.of(Kind::recv_message)) ++received[event.client];
  for (std::uint32_t client = 0; client < 10; ++client) {
    CAPTURE(client);
    if (client < 3) CHECK(received[client] == 5);
    if (client >= 3) CHECK(received[client] >= 40);
  }
  CHECK(ended(summary, Reason::completed) == 10);
}

TEST_CASE("a closed loop has one message of a client under way, whatever comes of its warm-up late") {
  // The first echo of each connection is given only with the tenth.
  const Server server([](Peer& peer) {
    peer.shake_hands();
    std::string first;
    for (int number = 0;; ++number) {
      const auto frame = peer.read_frame();
      if (frame.opcode == 8) return peer.write_frame(8, frame.payload);
      if (number == 0) {
        first = frame.payload;
        continue;
      }
      if (number == 10) peer.write_frame(1, first);
      peer.write_frame(1, frame.payload);
    }
  });
  CollectingSink sink;
  Plan plan = patient_plan(server, Mode::closed);
  plan.warm_up = 100ms;
  plan.drain_limit = 100ms;
  const Summary summary = run(plan, sink);
  CHECK(summary.backlog_at_start == 10);
  std::map<std::uint32_t, std::pair<std::uint32_t, bool>> last;  // of each client: sequence, answered
  for (const auto& [info, event] : sink.all()) {
    if (info.phase != Phase::measuring) continue;
    auto& [sequence, answered] = last[event.client];
    if (event.kind == Kind::send_message) {
      if (sequence > 0) REQUIRE(answered);
      REQUIRE(event.sequence == sequence + 1);
      sequence = event.sequence;
      answered = false;
    } else if (event.kind == Kind::recv_message && event.sequence == sequence) {
      answered = true;
    }
  }
  const Counts counts = counts_of(sink);
  CHECK(counts.sent == counts.received);
  CHECK(counts.reordered == 10);
  CHECK(counts.duplicated == 0);
}
