#include "client/load/client.hpp"

#include <cassert>
#include <cerrno>
#include <exception>

#include "client/websocket/ending.hpp"

namespace wsbench::client {

using event::Ending;
using event::Kind;
using event::Reason;

namespace {

/// What a client may have waiting because the server does not read, in bytes. The kernel holds some besides.
constexpr std::size_t kMostUnsent = std::size_t{1} << 20U;

/// How long the server may take to close TCP after the closing handshake. It is the server that should, so
/// that TIME_WAIT is its.
constexpr event::Duration kLinger = std::chrono::seconds{1};

constexpr std::uint16_t kNormalClosure = 1000;

}  // namespace

void Client::connect() noexcept {
  const event::Time now = event::Clock::now();
  state_ = State::connecting;
  ++context_.connecting;
  ++context_.figures.counts.attempted;
  record(Kind::ws_init, now, 0);
  auto& sources = context_.sources;
  transport::Source* const source = sources.empty() ? nullptr : &sources[id_ % sources.size()];
  try {
    socket_ = context_.dialer.dial(*this, source);
    context_.connect_deadlines.push_back({now + context_.plan.connect_timeout, this});
  } catch (const std::exception&) {
    end(ending_of_errno(ENOMEM));
  }
}

void Client::send(event::Time due) noexcept {
  assert(open());
  if (const auto unsent = socket_.unsent(); unsent > 0 && unsent + context_.scratch.size() > kMostUnsent) {
    end({Reason::send_queue_full, 0});
    return;
  }
  try {
    outstanding_.push(due);
  } catch (const std::exception&) {
    end(ending_of_errno(ENOMEM));
    return;
  }
  Counts& counts = context_.figures.counts;
  ++counts.outstanding;
  ++counts.sent;
  const std::uint32_t sequence = next_sequence_++;
  context_.payloads.write(context_.scratch.data(), id_, sequence);
  const event::Time now = event::Clock::now();
  if (measured(due)) {
    ++counts.measured_sent;
    context_.figures.lag.record(now - due);
  }
  // Before the bytes go: an error ends the client from within.
  record(Kind::send_message, now, static_cast<std::uint64_t>((now - due).count()), sequence);
  try {
    socket_.send(Opcode::text, context_.scratch);
  } catch (const std::exception&) {
    if (open()) end(ending_of_errno(ENOMEM));
  }
}

void Client::close() noexcept {
  assert(open());
  state_ = State::closing;
  ++context_.closing;
  try {
    socket_.close(kNormalClosure);
  } catch (const std::exception&) {
    if (closing()) end(ending_of_errno(ENOMEM));
  }
}

void Client::end(const Ending& ending) noexcept {
  on_end(ending, false, event::Clock::now());
  socket_.abort();
  on_gone();
}

void Client::on_open(event::Time time) noexcept {
  state_ = State::open;
  --context_.connecting;
  ++context_.figures.counts.established;
  ++context_.figures.counts.open;
  record(Kind::ws_onopen, time, 0);
}

void Client::on_message(std::string_view payload, Opcode opcode, event::Time time) noexcept {
  if (!open()) return;
  if (outstanding_.empty()) {
    end({Reason::unexpected_message, 0});
    return;
  }
  const std::uint32_t sequence = next_sequence_ - outstanding_.size();
  if (opcode != Opcode::text || !context_.payloads.matches(payload, id_, sequence)) {
    end({Reason::echo_mismatch, 0});
    return;
  }
  const event::Time due = outstanding_.pop();
  Counts& counts = context_.figures.counts;
  --counts.outstanding;
  ++counts.received;
  if (measured(due)) {
    ++counts.measured_received;
    context_.figures.latency.record(time - due);
  }
  record(Kind::recv_message, time, 0, sequence);
  if (time < context_.echo_until) send(time);
}

void Client::on_end(const Ending& ending, bool by_close_frame, event::Time time) noexcept {
  Counts& counts = context_.figures.counts;
  if (connecting()) {
    --context_.connecting;
  } else {
    --counts.open;
  }
  if (closing()) --context_.closing;
  state_ = State::ended;
  ++counts.ended[static_cast<std::size_t>(ending.reason)];
  counts.outstanding -= outstanding_.size();
  outstanding_.clear();
  record(by_close_frame ? Kind::ws_onclose : Kind::exit, time, ending.packed());
  if (by_close_frame) context_.linger_deadlines.push_back({time + kLinger, this});
}

void Client::record(Kind kind, event::Time time, std::uint64_t value, std::uint32_t sequence) noexcept {
  context_.recorder.record({time, value, id_, sequence, kind});
}

}  // namespace wsbench::client
