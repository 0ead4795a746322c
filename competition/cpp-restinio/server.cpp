// WebSocket echo server on RESTinio, one thread. RESTinio listens with SOMAXCONN, 4096, and hands over
// frames: fragments are joined and pings answered here.

#include <sys/resource.h>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <unordered_map>
#include <utility>

#include <restinio/all.hpp>
#include <restinio/websocket/websocket.hpp>

namespace {

namespace ws = restinio::websocket::basic;

constexpr std::size_t kConcurrentAccepts = 64;

class Echo {
 public:
  void accept(const restinio::request_handle_t& request) {
    const ws::ws_handle_t handle = ws::upgrade<restinio::default_single_thread_traits_t>(
        *request, ws::activation_t::delayed,
        [this](const ws::ws_handle_t& from, const ws::message_handle_t& frame) { on_frame(from, *frame); });
    clients_.emplace(handle->connection_id(), Client{handle, {}});
    activate(*handle);
  }

 private:
  struct Client {
    ws::ws_handle_t handle;  // what keeps the connection alive
    ws::message_t message;   // what has come of a fragmented one
  };

  void on_frame(const ws::ws_handle_t& from, const ws::message_t& frame) {
    switch (frame.opcode()) {
      case ws::opcode_t::text_frame:
      case ws::opcode_t::binary_frame:
        if (frame.is_final()) {
          from->send_message(frame);
          break;
        }
        clients_.at(from->connection_id()).message = frame;
        break;
      case ws::opcode_t::continuation_frame:
        join(clients_.at(from->connection_id()), frame);
        break;
      case ws::opcode_t::ping_frame:
        from->send_message(ws::final_frame, ws::opcode_t::pong_frame, frame.payload());
        break;
      case ws::opcode_t::connection_close_frame:  // RESTinio has answered it, or makes it up for a lost
                                                  // client
        clients_.erase(from->connection_id());
        break;
      default:
        break;
    }
  }

  static void join(Client& client, const ws::message_t& frame) {
    client.message.payload() += frame.payload();
    if (!frame.is_final()) return;
    client.message.set_final_flag(ws::final_frame);
    client.handle->send_message(std::move(client.message));
    client.message = {};
  }

  std::unordered_map<restinio::connection_id_t, Client> clients_;
};

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

void run(const std::string& address, std::uint16_t port) {
  Echo echo;
  restinio::run(restinio::on_this_thread<restinio::default_single_thread_traits_t>()
                    .address(address)
                    .port(port)
                    .concurrent_accepts_count(kConcurrentAccepts)
                    .socket_options_setter([](restinio::socket_options_t& options) {
                      options.set_option(restinio::asio_ns::ip::tcp::no_delay(true));
                    })
                    .request_handler([&echo](const restinio::request_handle_t& request) {
                      if (request->header().connection() != restinio::http_connection_header_t::upgrade) {
                        return restinio::request_rejected();
                      }
                      echo.accept(request);
                      return restinio::request_accepted();
                    }));
}

}  // namespace

int main() try {
  raise_file_limit();
  const std::string address = from_environment("ADDRESS", "0.0.0.0");
  const auto port = static_cast<std::uint16_t>(std::stoi(from_environment("PORT", "8000")));
  run(address, port);
} catch (const std::exception& error) {
  std::cerr << "cpp-restinio: " << error.what() << '\n';
  return EXIT_FAILURE;
}
