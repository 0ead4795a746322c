// WebSocket echo server: websocketpp's stock Asio server, one thread.

#include <sys/resource.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/server.hpp>

namespace {

using Server = websocketpp::server<websocketpp::config::asio>;

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

void listen(Server& server) {
  const std::string address = from_environment("ADDRESS", "");
  const std::string port = from_environment("PORT", "8000");
  if (!address.empty()) {
    server.listen(address, port);
    return;
  }
  // The IPv6 wildcard takes IPv4 too; a kernel without IPv6 has only the other.
  const auto number = static_cast<std::uint16_t>(std::stoi(port));
  websocketpp::lib::error_code error;
  server.listen(number, error);
  if (error) server.listen(websocketpp::lib::asio::ip::tcp::v4(), number);
}

}  // namespace

int main() try {
  raise_file_limit();

  Server server;
  server.clear_access_channels(websocketpp::log::alevel::all);
  server.clear_error_channels(websocketpp::log::elevel::all);
  server.init_asio();
  server.set_reuse_addr(true);
  server.set_listen_backlog(4096);
  // Not the socket_init handler: on a server that one sees the socket before it is open.
  server.set_tcp_post_init_handler([&server](websocketpp::connection_hdl connection) {
    websocketpp::lib::asio::error_code ignored;  // the client may be gone already
    auto& socket = server.get_con_from_hdl(connection)->get_socket();
    socket.set_option(websocketpp::lib::asio::ip::tcp::no_delay(true), ignored);
  });
  server.set_message_handler([&server](websocketpp::connection_hdl connection, Server::message_ptr message) {
    websocketpp::lib::error_code ignored;  // the client may be gone already
    server.send(connection, message->get_payload(), message->get_opcode(), ignored);
  });
  listen(server);
  server.start_accept();
  server.run();
} catch (const std::exception& error) {
  std::cerr << "cpp-websocketpp: " << error.what() << '\n';
  return EXIT_FAILURE;
}
