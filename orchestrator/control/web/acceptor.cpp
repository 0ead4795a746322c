#include "orchestrator/control/web/acceptor.hpp"

#include <cerrno>
#include <chrono>
#include <ctime>
#include <utility>

#include "orchestrator/control/web/http_text.hpp"

namespace wsbench::control::web {

namespace {

using asio::ip::tcp;

// Before accept() is tried again without descriptors. It fails at once, so trying on would be all that is
// done.
constexpr std::chrono::milliseconds kPause{100};

std::string text_of(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string host = endpoint.address().is_v6() ? "[" + address + "]" : address;
  return host + ":" + std::to_string(endpoint.port());
}

bool is_out_of_means(const asio::error_code& error) {
  const int value = error.value();
  return value == EMFILE || value == ENFILE || value == ENOMEM || value == ENOBUFS;
}

/// As good as a word: whoever is quick enough to have asked reads it, and nobody is waited for.
void turn_away(tcp::socket socket) {
  Response response;
  response.status = 503;
  response.body = "There are too many connections.\n";
  const std::string answer =
      response_head(response, Framing::length, response.body.size(), std::time(nullptr)) + response.body;
  asio::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(answer), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace

Acceptor::Acceptor(asio::io_context& loop, ConnectionSlots& slots, Admitted admitted)
    : slots_(slots), admitted_(std::move(admitted)), acceptor_(loop), timer_(loop) {}

tl::expected<std::uint16_t, std::string> Acceptor::listen(const std::string& address, std::uint16_t port) {
  asio::error_code error;
  const auto numeric = asio::ip::make_address(address, error);
  if (error) return tl::unexpected(address + " is no numeric address");
  const tcp::endpoint wanted(numeric, port);
  acceptor_.open(wanted.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(wanted, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use) {
    return tl::unexpected(text_of(wanted) + " is in use by another program; is a wsbench there already?");
  }
  if (error) return tl::unexpected("cannot listen on " + text_of(wanted) + ": " + error.message());
  return acceptor_.local_endpoint(error).port();
}

void Acceptor::accept() {
  acceptor_.async_accept([this](asio::error_code error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (is_out_of_means(error)) return accept_later();
    accept();
    if (!error) admit(std::move(socket));
  });
}

void Acceptor::accept_later() {
  timer_.expires_after(kPause);
  timer_.async_wait([this](asio::error_code cancelled) {
    if (!cancelled && acceptor_.is_open()) accept();
  });
}

void Acceptor::admit(Socket socket) {
  asio::error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return;  // It has gone again.
  auto slot = slots_.take();
  if (!slot) return turn_away(std::move(socket));
  socket.set_option(tcp::no_delay(true), error);
  admitted_(std::move(socket), text_of(peer), std::move(*slot));
}

void Acceptor::close() {
  asio::error_code ignored;
  acceptor_.close(ignored);
  timer_.cancel();
}

}  // namespace wsbench::control::web
