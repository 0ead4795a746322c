#include "tests/support/truth/connection.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace wsbench::test::truth {

Connection::~Connection() {
  ::close(descriptor_);
}

bool Connection::receive() {
  std::array<char, 65536> buffer;
  const auto got = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  input_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

bool Connection::send(const Answer& answer) {
  if (state != State::closing) {  // Nothing may follow a close.
    output_ += answer.bytes;
    accepted_ += answer.bytes.size();
    if (answer.record) waiting_.push_back({accepted_, *answer.record, answer.outcome});
  }
  if (answer.farewell) {
    state = State::closing;
    is_ending_ = is_ending_ || answer.farewell == Farewell::end_of_stream;
  }
  if (answer.farewell != Farewell::reset) return flush();
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  return false;
}

bool Connection::flush() {
  while (!output_.empty()) {
    const auto now = Clock::now();  // The client may have the bytes before send() returns.
    const auto put = ::send(descriptor_, output_.data(), output_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0) return errno == EAGAIN || errno == EINTR;
    gone_ += static_cast<std::uint64_t>(put);
    output_.erase(0, static_cast<std::size_t>(put));
    for (; !waiting_.empty() && waiting_.front().end <= gone_; waiting_.pop_front()) {
      Record& record = log_.at(waiting_.front().record);
      record.sent = now;
      record.outcome = waiting_.front().outcome;
    }
  }
  if (is_ending_) ::shutdown(descriptor_, SHUT_WR);
  return true;
}

}  // namespace wsbench::test::truth
