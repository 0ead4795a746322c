#include "orchestrator/control/control_server.hpp"

#include <utility>

#include "orchestrator/control/assets.hpp"
#include "orchestrator/control/dispatcher.hpp"
#include "orchestrator/control/feed_publisher.hpp"
#include "orchestrator/control/listen_address.hpp"
#include "orchestrator/control/web_server.hpp"

namespace wsbench::control {

/// In the order in which they need each other, and so end.
struct ControlServer::Parts {
  Access access;
  Dispatcher dispatcher;
  std::unique_ptr<WebServer> server;
  std::unique_ptr<FeedPublisher> feed;
  std::string url;

  Parts(Access who, Host& host)
      : access(std::move(who)),
        dispatcher({host, [this](const Request& request) { return access.refuse(request); }, find_asset}) {}
};

ControlServer::ControlServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

// The web server before the dispatcher: who asks while it ends is told nothing, rather than something wrong.
ControlServer::~ControlServer() = default;

tl::expected<std::unique_ptr<ControlServer>, std::string> ControlServer::start(
    const ControlSettings& settings, Host& host, const Board& board) {
  const auto& address = settings.access.listen_address;
  if (auto allowed = check_listen(address, !settings.access.password.empty()); !allowed)
    return tl::unexpected(allowed.error());
  auto access = Access::make(settings.access);
  if (!access) return tl::unexpected(access.error());
  auto parts = std::make_unique<Parts>(std::move(*access), host);
  WebServerOptions options;
  options.address = address;
  options.port = settings.port;
  auto server = WebServer::start(options, parts->dispatcher);
  if (!server) return tl::unexpected(server.error());
  parts->server = std::move(*server);
  parts->url = "http://" + display({address, parts->server->port()});
  parts->feed = std::make_unique<FeedPublisher>(board, host, *parts->server);
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(parts)));
}

std::uint16_t ControlServer::port() const noexcept {
  return parts_->server->port();
}

const std::string& ControlServer::url() const noexcept {
  return parts_->url;
}

}  // namespace wsbench::control
