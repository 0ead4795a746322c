#include "tests/support/truth/server.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "tests/support/truth/frames.hpp"

namespace wsbench::test::truth {

namespace {

constexpr std::size_t kLongestHead = 8192;
/// After a stall thousands are due at once: as many are sent before sockets are read again.
constexpr int kMostAtOnce = 16;
constexpr std::string_view kGoingAway = "\x03\xE9";  // close code 1001

}  // namespace

void Server::run(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { poller_.wake(); });
  while (!stop.stop_requested()) turn();
}

void Server::turn() {
  const auto next = agenda_.empty() ? Time::max() : agenda_.begin()->first;
  if (is_paused()) {
    poller_.set_timer(std::min(next, *first_ + behaviour_.pause.end()));
    poller_.wait_for_timer();
  } else {
    poller_.set_timer(next);
    for (const epoll_event& event : poller_.wait()) {
      if (is_paused()) break;  // It began meanwhile. Epoll will tell again of what is left.
      if (event.data.u64 == Poller::kListener) {
        accept_all();
      } else if (const auto found = connections_.find(event.data.u64); found != connections_.end()) {
        serve(*found->second, event.events);
      }
      send_due();
    }
  }
  send_due();
}

bool Server::is_paused() const {
  return behaviour_.pause.length > Nanoseconds{0} && first_ &&
         behaviour_.pause.contains(Clock::now() - *first_);
}

void Server::accept_all() {
  while (const auto descriptor = poller_.accept()) {
    const auto number = accepted_++;
    connections_.emplace(number, std::make_unique<Connection>(*descriptor, number, log_));
    poller_.add(*descriptor, number);
  }
}

void Server::serve(Connection& connection, std::uint32_t events) {
  bool is_alive = (events & EPOLLOUT) == 0 || connection.flush();
  if (is_alive && (events & ~std::uint32_t{EPOLLOUT}) != 0) {
    is_alive = connection.receive();
    const auto read = Clock::now();
    if (is_alive && connection.state == Connection::State::handshake)
      is_alive = take_handshake(connection, read);
    if (is_alive && connection.state != Connection::State::handshake)
      is_alive = take_frames(connection, read);
  }
  settle(connection, is_alive);
}

bool Server::take_handshake(Connection& connection, Time read) {
  auto& input = connection.input();
  const auto end = input.find("\r\n\r\n");
  if (end == std::string::npos) return input.size() < kLongestHead;
  const auto head = std::string_view(input).substr(0, end + 2);
  agenda_.emplace(read + behaviour_.handshake_delay, Answer{connection.number(), handshake_answer(head)});
  input.erase(0, end + 4);
  connection.state = Connection::State::open;
  return true;
}

bool Server::take_frames(Connection& connection, Time read) {
  auto& input = connection.input();
  std::size_t done = 0;
  for (;;) {
    const auto frame = take_frame(input.data() + done, input.size() - done);
    if (frame.is_wrong) return false;
    if (frame.size == 0) break;
    done += frame.size;
    // Whatever is answered at once is answered in the order in which it came.
    if (frame.opcode == kText || frame.opcode == kBinary) {
      take_message(connection, frame, read);
    } else if (frame.opcode == kPing) {
      agenda_.emplace(read, Answer{connection.number(), frame_of(kPong, frame.payload)});
    } else if (frame.opcode == kClose) {
      const bool is_answered = behaviour_.close_is_answered && connection.state == Connection::State::open;
      auto bytes = is_answered ? frame_of(kClose, frame.payload) : std::string();
      agenda_.emplace(read, Answer{connection.number(), std::move(bytes), Farewell::end_of_stream});
    }
  }
  input.erase(0, done);
  return true;
}

void Server::take_message(Connection& connection, const Frame& frame, Time read) {
  const auto named = name_in(frame.payload);
  Answer answer{connection.number(), frame_of(frame.opcode, frame.payload)};
  if (!named && !behaviour_.every_message) {
    agenda_.emplace(read, std::move(answer));
    return;
  }
  if (!first_) first_ = read;
  const auto message = named.value_or(MessageName{connection.number(), connection.messages});
  ++connection.messages;
  if (connection.state == Connection::State::closing) {
    log_.add({read, {}, connection.number(), message, Outcome::closed});
    return;
  }
  const auto fate = fates_.decide(message, read - *first_);
  if (fate.outcome == Outcome::altered && !frame.payload.empty())
    answer.bytes.back() = static_cast<char>(answer.bytes.back() ^ 1);
  answer.record = log_.add({read, {}, connection.number(), message, Outcome::unsent});
  answer.outcome = fate.outcome;
  answer_by_fate(connection, std::move(answer), read + fate.delay);
}

void Server::answer_by_fate(Connection& connection, Answer answer, Time wanted) {
  switch (answer.outcome) {
    case Outcome::dropped:
    case Outcome::muted:
      log_.at(*answer.record).outcome = answer.outcome;
      return;
    case Outcome::closed: {
      Record& record = log_.at(*answer.record);
      record.outcome = answer.outcome;
      const bool is_said = behaviour_.farewell == Farewell::close_frame;
      auto bytes = is_said ? frame_of(kClose, kGoingAway) : std::string();
      agenda_.emplace(record.read, Answer{connection.number(), std::move(bytes), behaviour_.farewell});
      return;
    }
    case Outcome::swapped:
      if (!connection.held) {
        connection.held = std::move(answer);
        return;
      }
      answer.outcome = Outcome::echoed;  // It changes places with the one before it already.
      break;
    case Outcome::duplicated:
      answer.bytes += std::string(answer.bytes);
      break;
    default:
      break;
  }
  const auto due = time_to_send(wanted);
  agenda_.emplace(due, std::move(answer));
  if (connection.held) agenda_.emplace(due, *std::exchange(connection.held, std::nullopt));
}

Time Server::time_to_send(Time wanted) {
  if (behaviour_.stall.contains(wanted - *first_)) wanted = *first_ + behaviour_.stall.end();
  if (behaviour_.rate <= 0) return wanted;
  const auto due = std::max(wanted, next_slot_);
  next_slot_ = due + Nanoseconds(static_cast<Nanoseconds::rep>(1e9 / behaviour_.rate));
  return due;
}

void Server::send_due() {
  for (int sent = 0; sent < kMostAtOnce; ++sent) {
    if (agenda_.empty() || agenda_.begin()->first > Clock::now()) return;
    const auto answer = std::move(agenda_.extract(agenda_.begin()).mapped());
    const auto found = connections_.find(answer.connection);
    if (found != connections_.end()) settle(*found->second, found->second->send(answer));
  }
}

/// After anything was done with a connection: forgets a broken one, and waits for room where some is wanted.
void Server::settle(Connection& connection, bool is_alive) {
  if (!is_alive) {
    connections_.erase(connection.number());
  } else if (connection.has_output() != connection.is_watched_for_output) {
    connection.is_watched_for_output = connection.has_output();
    poller_.change(connection.descriptor(), connection.number(), connection.has_output());
  }
}

}  // namespace wsbench::test::truth
