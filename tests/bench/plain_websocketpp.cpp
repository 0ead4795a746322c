#include <algorithm>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <websocketpp/client.hpp>
#include <websocketpp/config/asio_no_tls_client.hpp>

#include "tests/bench/bare_client.hpp"

namespace wsbench::bench {

namespace {

using event::Clock;
using Endpoint = websocketpp::client<websocketpp::config::asio_client>;

class PlainWebsocketpp {
 public:
  explicit PlainWebsocketpp(const Task& task) : task_(task), load_(task) {
    endpoint_.clear_access_channels(websocketpp::log::alevel::all);
    endpoint_.clear_error_channels(websocketpp::log::elevel::all);
    endpoint_.init_asio();
    handles_.resize(task.clients);
  }

  Cost run() {
    while (begun_ < std::min(task_.clients, kMostConnecting)) connect(begun_++);
    endpoint_.run();
    if (failed_) throw std::runtime_error("a connection failed");
    return load_.finish(Clock::now());
  }

 private:
  void connect(std::uint32_t id) {
    std::error_code error;
    const auto connection =
        endpoint_.get_connection("ws://127.0.0.1:" + std::to_string(task_.port) + "/", error);
    if (error) throw std::system_error(error);
    connection->set_open_handler(
        [this, id](const websocketpp::connection_hdl& handle) { opened(id, handle); });
    connection->set_message_handler(
        [this, id](const auto& /*handle*/, const auto& /*message*/) { echoed(id); });
    connection->set_fail_handler([this](const auto& /*handle*/) {
      failed_ = true;
      endpoint_.stop();
    });
    endpoint_.connect(connection);
  }

  void opened(std::uint32_t id, const websocketpp::connection_hdl& handle) {
    handles_[id] = handle;
    auto& socket = endpoint_.get_con_from_hdl(handle)->get_raw_socket();
    socket.set_option(asio::ip::tcp::no_delay(true));
    reset_at_exit(socket.native_handle());
    ++open_;
    if (begun_ < task_.clients) connect(begun_++);
    if (open_ < task_.clients) return;
    load_.begin(Clock::now());
    for (std::uint32_t each = 0; each < task_.clients; ++each) send(each);
  }

  void echoed(std::uint32_t id) {
    const event::Time now = Clock::now();
    load_.turn(now);
    load_.received(id, now);
    if (load_.over(now)) {
      endpoint_.stop();
    } else {
      send(id);
    }
  }

  void send(std::uint32_t id) {
    endpoint_.send(handles_[id], "abcdefghijklmnopqrst", 20, websocketpp::frame::opcode::text);
  }

  const Task task_;
  BareLoad load_;
  Endpoint endpoint_;
  std::vector<websocketpp::connection_hdl> handles_;
  std::uint32_t begun_ = 0;
  std::uint32_t open_ = 0;
  bool failed_ = false;
};

}  // namespace

Cost run_plain_websocketpp(const Task& task) {
  return PlainWebsocketpp(task).run();
}

}  // namespace wsbench::bench
