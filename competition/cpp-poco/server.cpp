// WebSocket echo server on POCO: its HTTPServer, which has a thread for each connection.

#include <Poco/Buffer.h>
#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/WebSocket.h>
#include <Poco/ThreadPool.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

namespace {

namespace net = Poco::Net;
using net::WebSocket;

constexpr int kBacklog = 4096;
constexpr int kMessageBytes = 1 << 20;
constexpr int kThreads = 12000;  // POCO has no more connections than threads
constexpr int kStackBytes = 128 * 1024;

class Echo : public net::HTTPRequestHandler {
 public:
  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override try {
    WebSocket client(request, response);
    client.setMaxPayloadSize(kMessageBytes);
    client.setReceiveTimeout(Poco::Timespan());
    while (take_frame(client)) {
    }
  } catch (const Poco::Exception&) {
    // the client is gone, or has broken the protocol; WebSocket has answered a request that is no handshake
  }

 private:
  /// POCO hands over frames: fragments are joined, and pings answered here. False at the end.
  bool take_frame(WebSocket& client) {
    int flags = 0;
    const std::size_t before = message_.size();
    const int size = client.receiveFrame(message_, flags);  // appends
    // An empty fragment looks like the end of the connection, but only the end comes again and again.
    const bool is_end = size == 0 && flags == 0;
    if (is_end && may_be_ended_) return false;
    may_be_ended_ = is_end;
    const int opcode = flags & WebSocket::FRAME_OP_BITMASK;
    const char* payload = message_.begin() + before;
    switch (opcode) {
      case WebSocket::FRAME_OP_PING:
        client.sendFrame(payload, size, WebSocket::FRAME_FLAG_FIN | WebSocket::FRAME_OP_PONG);
        message_.resize(before);
        return true;
      case WebSocket::FRAME_OP_PONG:
        message_.resize(before);
        return true;
      case WebSocket::FRAME_OP_CLOSE:
        client.sendFrame(payload, size, WebSocket::FRAME_FLAG_FIN | WebSocket::FRAME_OP_CLOSE);
        return false;
      default:
        break;
    }
    if (opcode != WebSocket::FRAME_OP_CONT) opcode_ = opcode;
    if (message_.size() > kMessageBytes) return false;
    if ((flags & WebSocket::FRAME_FLAG_FIN) == 0) return true;
    client.sendFrame(message_.begin(), static_cast<int>(message_.size()),
                     WebSocket::FRAME_FLAG_FIN | opcode_);
    message_.resize(0);
    return true;
  }

  Poco::Buffer<char> message_{0};  // what has come of it
  int opcode_ = 0;                 // its kind
  bool may_be_ended_ = false;
};

class EchoFactory : public net::HTTPRequestHandlerFactory {
 public:
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest& /*request*/) override {
    return new Echo;  // HTTPServer deletes it
  }
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

}  // namespace

int main() try {
  raise_file_limit();
  const std::string address = from_environment("ADDRESS", "0.0.0.0");
  const auto port = static_cast<std::uint16_t>(std::stoi(from_environment("PORT", "8000")));

  net::ServerSocket listener;
  listener.bind(net::SocketAddress(address, port), /*reuseAddress=*/true);
  listener.listen(kBacklog);
  Poco::ThreadPool threads(16, kThreads, /*idleTime=*/60, kStackBytes);
  net::HTTPServerParams::Ptr parameters(new net::HTTPServerParams);
  parameters->setMaxThreads(kThreads);
  parameters->setMaxQueued(kBacklog);
  net::HTTPServer server(new EchoFactory, threads, listener, parameters);
  server.start();
  for (;;) pause();
} catch (const std::exception& error) {
  std::cerr << "cpp-poco: " << error.what() << '\n';
  return EXIT_FAILURE;
}
