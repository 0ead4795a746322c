// WebSocket echo server on Boost.Beast: Asio's coroutines on one io_context.
//
// server [THREADS]: so many threads run it; without the argument one per core that it may run on.

#include <sys/resource.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;

constexpr int kBacklog = 4096;
constexpr std::size_t kMessageBytes = 1 << 20;

asio::awaitable<void> echo(tcp::socket socket) try {
  socket.set_option(tcp::no_delay(true));
  websocket::stream<tcp::socket> client(std::move(socket));
  client.set_option(websocket::stream_base::timeout{
      websocket::stream_base::none(), websocket::stream_base::none(), /*keep_alive_pings=*/false});
  client.auto_fragment(false);
  client.read_message_max(kMessageBytes);
  co_await client.async_accept(asio::use_awaitable);

  beast::flat_buffer buffer;
  for (;;) {
    co_await client.async_read(buffer, asio::use_awaitable);
    client.text(client.got_text());
    co_await client.async_write(buffer.data(), asio::use_awaitable);
    buffer.consume(buffer.size());
  }
} catch (const boost::system::system_error&) {
  // the client has closed, or is gone
}

asio::awaitable<void> accept_clients(tcp::acceptor& acceptor) {
  for (;;) {
    const auto executor = asio::make_strand(acceptor.get_executor());
    try {
      auto socket = co_await acceptor.async_accept(executor, asio::use_awaitable);
      asio::co_spawn(executor, echo(std::move(socket)), asio::detached);
    } catch (const boost::system::system_error& error) {
      std::cerr << "cpp-beast: accept: " << error.what() << '\n';  // out of files; the next may find one
    }
  }
}

std::string from_environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void listen(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  acceptor.open(endpoint.protocol());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  acceptor.bind(endpoint);
  acceptor.listen(kBacklog);
}

void listen(tcp::acceptor& acceptor) {
  const std::string address = from_environment("ADDRESS", "");
  const auto port = static_cast<std::uint16_t>(std::stoi(from_environment("PORT", "8000")));
  if (!address.empty()) return listen(acceptor, {asio::ip::make_address(address), port});
  // The IPv6 wildcard takes IPv4 too; a kernel without IPv6 has only the other.
  try {
    listen(acceptor, {tcp::v6(), port});
  } catch (const boost::system::system_error&) {
    acceptor.close();
    listen(acceptor, {tcp::v4(), port});
  }
}

unsigned cores() {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<unsigned>(CPU_COUNT(&set)) : 1;
}

}  // namespace

int main(int argc, char** argv) try {
  raise_file_limit();
  const unsigned threads = argc > 1 ? static_cast<unsigned>(std::stoi(argv[1])) : cores();

  asio::io_context context(static_cast<int>(threads));
  tcp::acceptor acceptor(context);
  listen(acceptor);
  asio::co_spawn(context, accept_clients(acceptor), asio::detached);

  std::vector<std::jthread> others;
  for (unsigned i = 1; i < threads; ++i) others.emplace_back([&context] { context.run(); });
  context.run();
} catch (const std::exception& error) {
  std::cerr << "cpp-beast: " << error.what() << '\n';
  return EXIT_FAILURE;
}
