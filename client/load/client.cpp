#include "client/load/client.hpp"

#include <cassert>
#include <cerrno>
#include <exception>

#include "client/websocket/ending.hpp"

namespace wsbench::client {

using event::Ending;
using event::Kind;
using event::NotSent;
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
    const auto stamps = context_.sampling.samples(id_) ? transport::Stamps::yes : transport::Stamps::no;
    socket_ = context_.dialer.dial(listener(), source, stamps);
    context_.connect_deadlines.push_back({now + context_.plan.connect_timeout, this});
  } catch (const std::exception&) {
    end(ending_of_errno(ENOMEM));
  }
}

/// Who listens for it. Throws std::bad_alloc.
WebSocket::Listener& Client::listener() {
  WebSocket::Listener& self = *this;
  if (!context_.sampling.samples(id_)) return self;
  return context_.sampled.emplace_back(self, id_, context_.recorder);
}

void Client::send(event::Time due) noexcept {
  assert(open());
  if (const auto unsent = socket_.unsent(); unsent > 0 && unsent + context_.scratch.size() > kMostUnsent) {
    leave_unsent(NotSent::send_queue_full, due);
    end({Reason::send_queue_full, 0});
    return;
  }
  try {
    outstanding_.push(due);
  } catch (const std::exception&) {
    leave_unsent(NotSent::ended, due);
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
  established_ = true;
  --context_.connecting;
  ++context_.figures.counts.established;
  ++context_.figures.counts.open;
  record(Kind::ws_onopen, time, 0);
}

void Client::on_message(std::string_view payload, Opcode opcode, event::Time time) noexcept {
  if (!open()) return;
  Echo echo{oldest_waiting()};
  if (outstanding_.empty() || opcode != Opcode::text ||
      !context_.payloads.matches(payload, id_, echo.sequence)) [[unlikely]] {
    const auto other = take_other(payload, opcode, time);
    if (!other) return;
    echo = *other;
  } else {
    echo.due = outstanding_.pop();
  }
  Counts& counts = context_.figures.counts;
  --counts.outstanding;
  ++counts.received;
  if (measured(echo.due)) {
    ++counts.measured_received;
    context_.figures.latency.record(time - echo.due);
  }
  record(Kind::recv_message, time, echo.order, echo.sequence);
  go_on(echo.due, time);
}

/// A message other than the echo that is due next: the server has left echoes out, reordered, repeated or
/// altered them, or says something of its own. It costs the messages that it is about, not the client. Tells
/// which message it answers, if it is the echo of any that waits; else all is done.
std::optional<Client::Echo> Client::take_other(std::string_view payload, Opcode opcode,
                                               event::Time time) noexcept {
  const auto sequence = sequence_of(payload);
  if (!sequence) {
    record(Kind::foreign_message, time, 0);
    return std::nullopt;
  }
  std::optional<event::Time> due = context_.overtaken.take(id_, *sequence);
  const std::uint64_t order = due ? event::kReordered : 0;
  try {
    if (due) {
      --context_.figures.counts.overtaken;
    } else {
      due = take_overtaking(*sequence);
    }
  } catch (const std::exception&) {
    end(ending_of_errno(ENOMEM));
    return std::nullopt;
  }
  if (!due) {
    record(Kind::duplicate_echo, time, 0, *sequence);
    return std::nullopt;
  }
  if (opcode == Opcode::text && context_.payloads.matches(payload, id_, *sequence)) {
    return Echo{*sequence, *due, order};
  }
  --context_.figures.counts.outstanding;
  record(Kind::altered_echo, time, 0, *sequence);
  go_on(*due, time);
  return std::nullopt;
}

/// The message of which this is an echo, altered or not, by its head; if that is damaged, the one whose echo
/// is due next. None when it is no echo of ours.
std::optional<std::uint32_t> Client::sequence_of(std::string_view payload) const noexcept {
  const PayloadSource& payloads = context_.payloads;
  const auto head = PayloadSource::head_of(payload);
  const bool is_ours = head && head->client == (id_ & PayloadSource::kHeadMask);
  if (is_ours && next_sequence_ > 0) {
    const std::uint32_t latest = next_sequence_ - 1;
    const std::uint32_t ago = (latest - head->sequence) & PayloadSource::kHeadMask;
    if (ago <= latest && payloads.resembles(payload, id_, latest - ago)) return latest - ago;
  }
  const bool is_anothers = head && !is_ours && payloads.matches(payload, head->client, head->sequence);
  if (is_anothers || outstanding_.empty() || !payloads.tells_by_filler()) return std::nullopt;
  const std::uint32_t next = oldest_waiting();
  return payloads.resembles(payload, id_, next) ? std::optional(next) : std::nullopt;
}

/// When a waiting message was due, which is taken out; the ones before it are overtaken. None when it does
/// not wait. Throws std::bad_alloc.
std::optional<event::Time> Client::take_overtaking(std::uint32_t sequence) {
  if (sequence - oldest_waiting() >= outstanding_.size()) return std::nullopt;
  for (std::uint32_t oldest = oldest_waiting(); oldest != sequence; ++oldest) {
    context_.overtaken.add(id_, oldest, outstanding_.front());
    outstanding_.pop();
    ++context_.figures.counts.overtaken;
  }
  return outstanding_.pop();
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
  const std::size_t overtaken = context_.overtaken.forget(id_);
  counts.overtaken -= overtaken;
  counts.outstanding -= outstanding_.size() + overtaken;
  outstanding_.clear();
  record(by_close_frame ? Kind::ws_onclose : Kind::exit, time, ending.packed());
  if (by_close_frame) context_.linger_deadlines.push_back({time + kLinger, this});
}

/// A message that is due and cannot go: the client ends with it.
void Client::leave_unsent(NotSent reason, event::Time due) noexcept {
  if (measured(due)) record(Kind::not_sent, event::Clock::now(), event::Unsent{reason, 1}.packed());
}

void Client::record(Kind kind, event::Time time, std::uint64_t value, std::uint32_t sequence) noexcept {
  context_.recorder.record({time, value, id_, sequence, kind});
}

}  // namespace wsbench::client
