#include "client/transport/stamps.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "client/transport/descriptor.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using client::transport::Descriptor;
using client::transport::ReadSampler;
using client::transport::Stamping;
using event::Clock;
using event::Time;

namespace {

/// Both ends of a TCP connection on loopback, of which `reader` asks for stamps.
class Connection {
 public:
  Connection() {
    const int on = 1;
    ::setsockopt(writer.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    client::transport::ask_for_stamps(reader.get());
  }

 private:
  static int make_listener() {
    const int file = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool is_bound = ::bind(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    REQUIRE((is_bound && ::listen(file, 1) == 0));
    return file;
  }

  int connect() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    REQUIRE(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    const int file = ::socket(AF_INET, SOCK_STREAM, 0);
    REQUIRE(::connect(file, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    return file;
  }

  const Descriptor listener_{make_listener(), "listen"};

 public:
  const Descriptor writer{connect(), "connect"};
  const Descriptor reader{::accept(listener_.get(), nullptr, nullptr), "accept"};
};

void send(const Connection& connection, std::string_view bytes) {
  REQUIRE(::send(connection.writer.get(), bytes.data(), bytes.size(), 0) ==
          static_cast<ssize_t>(bytes.size()));
}

std::string_view receive(ReadSampler& sampler, const Connection& connection, Time read_at) {
  static std::array<char, 64> buffer;
  const ssize_t got = sampler.receive(connection.reader.get(), buffer.data(), buffer.size(), read_at);
  REQUIRE(got >= 0);
  return {buffer.data(), static_cast<std::size_t>(got)};
}

/// The kernel needs a moment from the first socket that asks on.
void wait_for_stamps(const Connection& connection) {
  const Time limit = Clock::now() + 10s;
  for (ReadSampler sampler; Clock::now() < limit; std::this_thread::sleep_for(1ms)) {
    send(connection, "?");
    receive(sampler, connection, Clock::now());
    if (sampler.take(connection.reader.get())) return;
  }
  FAIL("the kernel does not stamp what it receives");
}

}  // namespace

TEST_CASE("a read is told with the time from when the kernel had the bytes") {
  const Stamping stamping;
  const Connection connection;
  wait_for_stamps(connection);
  ReadSampler sampler;
  const auto wait = GENERATE(0ms, 1ms, 30ms);
  const Time before_send = Clock::now();
  send(connection, "hello");  // On loopback the kernel has the bytes before that returns.
  const Time after_send = Clock::now();
  std::this_thread::sleep_for(wait);
  const Time read_at = Clock::now();
  std::this_thread::sleep_for(wait);
  const Time before_read = Clock::now();
  CHECK(receive(sampler, connection, read_at) == "hello");
  const Time after_read = Clock::now();
  const auto told = sampler.take(connection.reader.get());
  REQUIRE(told);
  // Two clocks, each read apart from the other.
  CHECK(told->lag >= before_read - after_send - 1us);
  CHECK(told->lag <= after_read - before_send + 1us);
  CHECK(told->after >= before_read - read_at);
  CHECK(told->after <= after_read - read_at);
  CHECK_FALSE(sampler.take(connection.reader.get()));  // Once.
}

TEST_CASE("bytes that came after the loop had looked have a lag that is in no latency") {
  const Stamping stamping;
  const Connection connection;
  wait_for_stamps(connection);
  ReadSampler sampler;
  const Time read_at = Clock::now();
  std::this_thread::sleep_for(10ms);
  send(connection, "late");
  receive(sampler, connection, read_at);
  const auto told = sampler.take(connection.reader.get());
  REQUIRE(told);
  CHECK(told->in_latency() <= -9ms);
}

TEST_CASE("a read with which the peer's end came is not told: the end was stamped, not the bytes") {
  const Stamping stamping;
  const Connection connection;
  wait_for_stamps(connection);
  ReadSampler sampler;
  send(connection, "last words");
  std::this_thread::sleep_for(20ms);
  ::shutdown(connection.writer.get(), SHUT_WR);
  pollfd ended{connection.reader.get(), POLLRDHUP, 0};
  REQUIRE(::poll(&ended, 1, 5000) == 1);
  CHECK(receive(sampler, connection, Clock::now()) == "last words");
  CHECK_FALSE(sampler.take(connection.reader.get()));
  CHECK(receive(sampler, connection, Clock::now()).empty());
  CHECK_FALSE(sampler.take(connection.reader.get()));
}

TEST_CASE("a read without a stamp is not told, nor what was read before it") {
  const Stamping stamping;
  const Connection connection;
  wait_for_stamps(connection);
  ReadSampler sampler;
  send(connection, "hello");
  receive(sampler, connection, Clock::now());
  sampler.note(msghdr{}, Clock::now());
  CHECK_FALSE(sampler.take(connection.reader.get()));
}

TEST_CASE("one read in so many is told, at irregular distances") {
  const Connection connection;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timespec))> control{};
  msghdr message{};
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const head = CMSG_FIRSTHDR(&message);
  *head = {CMSG_LEN(sizeof(timespec)), SOL_SOCKET, SCM_TIMESTAMPNS};
  ReadSampler sampler;
  const std::uint32_t one_in = GENERATE(1U, 2U, 10U, 32U);
  sampler.tell_one_in(one_in);
  std::vector<std::uint32_t> distances{0};
  for (std::uint32_t read = 0; read < 1000 * one_in; ++read) {
    ++distances.back();
    sampler.note(message, Clock::now());
    if (sampler.take(connection.reader.get())) distances.push_back(0);
  }
  const auto told = distances.size() - 1;
  CHECK(told > 900);
  CHECK(told < 1100);
  distances.pop_back();
  const auto [shortest, longest] = std::minmax_element(distances.begin(), distances.end());
  CHECK(*shortest == 1);
  CHECK(*longest == 2 * one_in - 1);
}
