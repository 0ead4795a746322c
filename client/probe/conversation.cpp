#include "client/probe/conversation.hpp"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <exception>
#include <memory>
#include <system_error>
#include <utility>

#include "client/probe/describe.hpp"
#include "client/transport/address.hpp"
#include "client/websocket/ending.hpp"

namespace wsbench::client {

using event::Clock;
using event::Duration;
using event::Ending;
using event::Reason;
using event::Time;

namespace {

constexpr Duration kPoliteWait = std::chrono::milliseconds{100};
constexpr std::size_t kLargest = std::size_t{1} << 20U;

class Conversation final : private WebSocket::Listener {
 public:
  Conversation(const Exchange& exchange, const ExchangeLimits& limits, Time last_deadline)
      : exchange_(exchange), limits_(limits), last_deadline_(last_deadline) {}

  void begin(Dialer& dialer) {
    wait(limits_.handshake);
    socket_ = dialer.dial(*this, nullptr, transport::Stamps::no);
  }

  bool done() const noexcept { return state_ == State::done; }
  Time deadline() const noexcept { return deadline_; }

  void expire() {
    switch (state_) {
      case State::connecting:
        fail({Reason::connection_timeout, 0}, "no answer to the handshake in time");
        break;
      case State::waiting:
        fail({Reason::connection_timeout, 0}, "came not in time: " + missing());
        break;
      case State::closing:
        if (exchange_.close_must_be_answered) {
          fail({Reason::close_unanswered, 0}, "our close frame was not answered");
        } else {
          finish();
        }
        break;
      case State::done:
        break;
    }
  }

  void stop() { fail({Reason::stopped, 0}, "stopped"); }

  ExchangeOutcome outcome() && { return std::move(outcome_); }

 private:
  enum class State { connecting, waiting, closing, done };

  void wait(Duration limit) { deadline_ = std::min(Clock::now() + limit, last_deadline_); }

  void on_open(Time /*time*/) noexcept override {
    opened_ = true;
    state_ = State::waiting;
    wait(limits_.answer);
    for (const Frame& frame : exchange_.sent) {
      if (state_ == State::waiting) socket_.send(frame.opcode, frame.payload, frame.last);
    }
    close_when_all_came();
  }

  void on_message(std::string_view payload, Opcode opcode, Time /*time*/) noexcept override {
    if (state_ != State::waiting) return;
    if (!exchange_.echo || echo_came_) {
      fail({Reason::unexpected_message, 0}, "unexpected message: " + describe(opcode, payload));
      return;
    }
    const Frame& expected = *exchange_.echo;
    if (opcode != expected.opcode || payload != expected.payload) {
      const bool same_looks = opcode == expected.opcode && payload.size() == expected.payload.size();
      fail({Reason::echo_mismatch, 0}, "expected " + describe(expected.opcode, expected.payload) + ", came " +
                                           (same_looks ? "other bytes" : describe(opcode, payload)));
      return;
    }
    echo_came_ = true;
    close_when_all_came();
  }

  void on_pong(std::string_view payload) noexcept override {
    if (state_ != State::waiting || !exchange_.pong || pong_came_) return;
    if (payload != *exchange_.pong) {
      fail({Reason::protocol_error, 0}, "the pong has not the bytes of the ping");
      return;
    }
    pong_came_ = true;
    close_when_all_came();
  }

  void on_end(const Ending& ending, bool /*by_close_frame*/, Time /*time*/) noexcept override {
    if (state_ == State::done) return;
    if (state_ == State::closing) {
      if (!exchange_.close_must_be_answered || ending.status == exchange_.close_code) {
        finish();
      } else if (ending.reason == Reason::completed) {
        fail(ending, "our close with code " + std::to_string(exchange_.close_code) + " was answered with " +
                         std::to_string(ending.status));
      } else {
        fail(ending, "our close frame was not answered: " + describe(ending));
      }
      return;
    }
    const std::string before = state_ == State::waiting ? ", before it came: " + missing() : std::string();
    fail(ending, describe(ending) + before);
  }

  void on_gone() noexcept override {}

  std::string missing() const {
    if (exchange_.pong && !pong_came_) return "the pong";
    return "the echo of " + describe(exchange_.echo->opcode, exchange_.echo->payload);
  }

  void close_when_all_came() {
    if (state_ != State::waiting) return;
    if ((exchange_.echo && !echo_came_) || (exchange_.pong && !pong_came_)) return;
    state_ = State::closing;
    if (!exchange_.close_must_be_answered) wait(std::min<Duration>(limits_.answer, kPoliteWait));
    socket_.close(exchange_.close_code);
  }

  void fail(Ending ending, std::string detail) {
    outcome_ = tl::unexpected(ExchangeFailure{ending, std::move(detail), opened_});
    finish();
  }

  void finish() {
    state_ = State::done;
    socket_.abort();
  }

  const Exchange& exchange_;
  const ExchangeLimits& limits_;
  Time last_deadline_;
  Time deadline_{};
  WebSocket socket_;
  State state_ = State::connecting;
  bool opened_ = false;
  bool echo_came_ = false;
  bool pong_came_ = false;
  ExchangeOutcome outcome_;
};

std::vector<ExchangeOutcome> all_failed(std::size_t count, Ending ending, const std::string& detail) {
  return std::vector<ExchangeOutcome>(count, tl::unexpected(ExchangeFailure{ending, detail, false}));
}

std::vector<ExchangeOutcome> hold(transport::Loop& loop, Dialer& dialer,
                                  std::deque<Conversation>& conversations, const std::stop_token& stop) {
  for (Conversation& conversation : conversations) conversation.begin(dialer);
  constexpr Duration kPoll = std::chrono::milliseconds{1};
  const auto on_wake = [&] {
    const Time now = Clock::now();
    bool all_done = true;
    for (Conversation& conversation : conversations) {
      if (!conversation.done() && stop.stop_requested()) conversation.stop();
      if (!conversation.done() && conversation.deadline() <= now) conversation.expire();
      all_done = all_done && conversation.done();
    }
    if (all_done) {
      loop.stop();
    } else {
      loop.wake_at(now + kPoll);
    }
  };
  loop.wake_at(Clock::now() + kPoll);
  loop.run(on_wake);
  std::vector<ExchangeOutcome> outcomes;
  for (Conversation& conversation : conversations) outcomes.push_back(std::move(conversation).outcome());
  return outcomes;
}

}  // namespace

std::vector<ExchangeOutcome> converse(const Target& target, const std::vector<Exchange>& exchanges,
                                      const ExchangeLimits& limits, const std::stop_token& stop) {
  const auto route = transport::find_route(target.host, target.port);
  if (!route) return all_failed(exchanges.size(), {Reason::unreachable, 0}, route.error());
  try {
    const auto loop = transport::make_loop(transport::Kind::epoll);
    Dialer dialer(*loop, target, route->peer,
                  static_cast<std::uint64_t>(Clock::now().time_since_epoch().count()), kLargest);
    std::deque<Conversation> conversations;
    const Time last_deadline = Clock::now() + limits.total;
    for (const Exchange& exchange : exchanges) conversations.emplace_back(exchange, limits, last_deadline);
    return hold(*loop, dialer, conversations, stop);
  } catch (const std::system_error& error) {
    return all_failed(exchanges.size(), ending_of_errno(error.code().value()), error.what());
  } catch (const std::exception& error) {
    return all_failed(exchanges.size(), ending_of_errno(ENOMEM), error.what());
  }
}

}  // namespace wsbench::client
