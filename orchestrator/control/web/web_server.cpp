#include "orchestrator/control/web/web_server.hpp"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <exception>
#include <string>
#include <thread>
#include <utility>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include "orchestrator/control/web/acceptor.hpp"
#include "orchestrator/control/web/connection_slots.hpp"
#include "orchestrator/control/web/exchange.hpp"
#include "orchestrator/control/web/feed.hpp"
#include "orchestrator/control/web/mailbox.hpp"
#include "orchestrator/control/web/web_config.hpp"
#include "orchestrator/control/web/web_request.hpp"

namespace wsbench::control::web {

namespace {

using asio::ip::tcp;
using std::chrono::milliseconds;
using websocketpp::connection_hdl;

constexpr milliseconds kGrace{250};  // for the last answers, when the server ends
constexpr milliseconds kGraceStep{5};

Response plain(int status, std::string text) {
  Response response;
  response.status = status;
  response.body = std::move(text) + "\n";
  return response;
}

/// Starts a thread that no signal is delivered to.
std::thread start_without_signals(void (*run)(void*), void* argument) {
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(run, argument);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

class WebServer::Impl {
 public:
  Impl(const WebServerOptions& options, WebHandler& handler);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  tl::expected<void, std::string> start();
  std::uint16_t port() const noexcept { return port_; }
  void publish(std::shared_ptr<const std::string> text);

 private:
  void set_handlers();
  void run() noexcept;
  void stop();
  void stop_soon(std::chrono::steady_clock::time_point deadline);

  void admit(tcp::socket socket, std::string peer, ConnectionSlots::Slot slot);

  void answer_http(const WebConnectionPtr& connection);
  bool admit_reader(const WebConnectionPtr& connection);
  std::optional<Response> refusal_of_reader(const WebConnection& connection);
  void handle(const Request& request, const std::shared_ptr<Exchange>& exchange);
  std::optional<Response> refusal(const Request& request) noexcept;
  std::shared_ptr<Exchange> take_over(WebConnection& connection);

  WebConnectionPtr connection_of(const connection_hdl& handle) {
    return std::static_pointer_cast<WebConnection>(handle.lock());
  }

  const WebServerOptions options_;
  WebHandler& handler_;
  std::uint16_t port_ = 0;
  ConnectionSlots slots_;  // outlives everything that the loop holds
  // Not told that it has one thread: it would then run what that thread posts later than what others do, and
  // a stream's begin after its end.
  asio::io_context loop_;
  Exchange::Owner exchanges_;
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>(loop_);
  Acceptor acceptor_;
  asio::steady_timer timer_{loop_};  // of the end
  WebEndpoint endpoint_;
  Feed feed_;
  std::thread thread_;
};

WebServer::Impl::Impl(const WebServerOptions& options, WebHandler& handler)
    : options_(options),
      handler_(handler),
      slots_(options.max_connections),
      acceptor_(loop_, slots_,
                [this](tcp::socket socket, std::string peer, ConnectionSlots::Slot slot) {
                  admit(std::move(socket), std::move(peer), std::move(slot));
                }),
      feed_(loop_, options, [this] {
        try {
          return handler_.greeting();
        } catch (const std::exception&) {
          return std::string();
        }
      }) {}

tl::expected<void, std::string> WebServer::Impl::start() {
  const auto port = acceptor_.listen(options_.address, options_.port);
  if (!port) return tl::unexpected(port.error());
  port_ = *port;
  endpoint_.init_asio(&loop_);
  set_handlers();
  acceptor_.accept();
  thread_ = start_without_signals([](void* self) { static_cast<Impl*>(self)->run(); }, this);
  return {};
}

void WebServer::Impl::set_handlers() {
  endpoint_.set_max_http_body_size(options_.max_body);
  endpoint_.set_http_handler([this](connection_hdl handle) { answer_http(connection_of(handle)); });
  endpoint_.set_validate_handler(
      [this](connection_hdl handle) { return admit_reader(connection_of(handle)); });
  endpoint_.set_open_handler([this](connection_hdl handle) {
    const auto connection = connection_of(handle);
    connection->deadline->cancel();
    feed_.join(connection);
  });
  // However a connection ends, its deadline would hold it until then.
  endpoint_.set_fail_handler([this](connection_hdl handle) { connection_of(handle)->deadline->cancel(); });
  endpoint_.set_close_handler([this](connection_hdl handle) { feed_.leave(*connection_of(handle)); });
  endpoint_.set_message_handler(
      [this](connection_hdl handle, const auto&) { feed_.heard(*connection_of(handle)); });
  endpoint_.set_ping_handler(
      [this](connection_hdl handle, const std::string&) { return feed_.heard(*connection_of(handle)); });
  endpoint_.set_pong_handler(
      [this](connection_hdl handle, const std::string&) { feed_.heard_pong(*connection_of(handle)); });
}

void WebServer::Impl::run() noexcept {
  ::pthread_setname_np(::pthread_self(), "wsbench-web");
  // Without it the server would still be right, only less considerate.
  const sched_param none{};
  ::sched_setscheduler(0, SCHED_IDLE, &none);
  for (;;) {
    try {
      loop_.run();
      return;
    } catch (const std::exception&) {
      // What was thrown (there was no memory) has cost the connection that it came from.
    }
  }
}

void WebServer::Impl::admit(tcp::socket socket, std::string peer, ConnectionSlots::Slot slot) {
  const WebConnectionPtr connection = endpoint_.get_connection();
  connection->slot = std::move(slot);
  connection->peer = std::move(peer);
  connection->get_raw_socket() = std::move(socket);
  connection->deadline = connection->set_timer(
      static_cast<long>(options_.exchange_limit.count()), [connection](const auto& cancelled) {
        if (!cancelled) connection->terminate(make_error_code(websocketpp::error::open_handshake_timeout));
      });
  connection->start();
}

/// The socket and the slot go from websocketpp to an Exchange. websocketpp then finds its connection closed
/// and says nothing more.
std::shared_ptr<Exchange> WebServer::Impl::take_over(WebConnection& connection) {
  Exchange::Form form;
  form.is_body_wanted = connection.get_request().get_method() != "HEAD";
  form.is_chunkable = connection.get_request().get_version() != "HTTP/1.0";
  ExchangeLimits limits;
  limits.answer = options_.exchange_limit;
  limits.slowest_reader = options_.slowest_reader;
  limits.stream_stall = options_.stream_stall;
  auto exchange = std::make_shared<Exchange>(std::move(connection.get_raw_socket()),
                                             std::move(*connection.slot), form, limits, exchanges_);
  connection.slot.reset();
  connection.terminate(websocketpp::lib::error_code());
  exchanges_.insert(exchange);
  exchange->start();
  return exchange;
}

void WebServer::Impl::answer_http(const WebConnectionPtr& connection) {
  const auto exchange = take_over(*connection);
  auto request = read_request(connection->get_request(), connection->peer);
  if (!request) return exchange->send(std::move(request.error()));
  handle(*request, exchange);
}

void WebServer::Impl::handle(const Request& request, const std::shared_ptr<Exchange>& exchange) {
  if (auto refused = refusal(request)) return exchange->send(std::move(*refused));
  try {
    handler_.handle(request, make_answer(mailbox_, exchange, options_.stream_backlog));
  } catch (const std::exception&) {
    // The answer went with it, and answers for itself.
  }
}

/// False: it has been answered otherwise.
bool WebServer::Impl::admit_reader(const WebConnectionPtr& connection) {
  auto refused = refusal_of_reader(*connection);
  if (refused) take_over(*connection)->send(std::move(*refused));
  return !refused;
}

std::optional<Response> WebServer::Impl::refusal_of_reader(const WebConnection& connection) {
  auto request = read_request(connection.get_request(), connection.peer);
  if (!request) return std::move(request.error());
  if (auto refused = refusal(*request)) return refused;
  if (request->path != "/ws") return plain(404, "The feed is at /ws.");
  if (feed_.is_full()) return plain(503, "The feed has too many readers.");
  return std::nullopt;
}

std::optional<Response> WebServer::Impl::refusal(const Request& request) noexcept {
  try {
    return handler_.refuse(request);
  } catch (const std::exception&) {
    return plain(500, "The request was not answered.");
  }
}

void WebServer::Impl::publish(std::shared_ptr<const std::string> text) {
  mailbox_->post([this, text = std::move(text)] { feed_.publish(*text); });
}

/// Nobody new; answers under way may be finished; then the loop ends.
void WebServer::Impl::stop() {
  acceptor_.close();
  feed_.close();
  const auto exchanges = exchanges_;
  for (const auto& exchange : exchanges) exchange->wind_up();
  stop_soon(std::chrono::steady_clock::now() + kGrace);
}

void WebServer::Impl::stop_soon(std::chrono::steady_clock::time_point deadline) {
  if (slots_.empty() || std::chrono::steady_clock::now() >= deadline) return loop_.stop();
  timer_.expires_after(kGraceStep);
  timer_.async_wait([this, deadline](asio::error_code) { stop_soon(deadline); });
}

WebServer::Impl::~Impl() {
  if (thread_.joinable()) {
    mailbox_->post([this] { stop(); });
    thread_.join();
  }
  mailbox_->close();
}

WebServer::WebServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

WebServer::~WebServer() = default;

tl::expected<std::unique_ptr<WebServer>, std::string> WebServer::start(const WebServerOptions& options,
                                                                       WebHandler& handler) {
  auto impl = std::make_unique<Impl>(options, handler);
  if (auto started = impl->start(); !started) return tl::unexpected(started.error());
  return std::unique_ptr<WebServer>(new WebServer(std::move(impl)));
}

std::uint16_t WebServer::port() const noexcept {
  return impl_->port();
}

void WebServer::publish(std::shared_ptr<const std::string> text) {
  impl_->publish(std::move(text));
}

}  // namespace wsbench::control::web
