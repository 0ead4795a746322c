#include "orchestrator/control/control_server.hpp"

#include <utility>

#include "orchestrator/control/dashboard/assets.hpp"
#include "orchestrator/control/dispatcher.hpp"
#include "orchestrator/control/feed_publisher.hpp"
#include "orchestrator/control/web/listen_address.hpp"
#include "orchestrator/control/web/web_server.hpp"

namespace wsbench::control {

using web::Access;

/// In the order in which they need each other, and so end.
struct ControlServer::Parts {
  Access access;
  Dispatcher dispatcher;
  std::unique_ptr<web::WebServer> server;
  std::unique_ptr<FeedPublisher> feed;
  std::string url;

  Parts(Access who, state::Host& host)
      : access(std::move(who)),
        dispatcher({host, [this](const web::Request& request) { return access.refuse(request); },
                    dashboard::find_asset}) {}
};

ControlServer::ControlServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

// The web server before the dispatcher: who asks while it ends is told nothing, rather than something wrong.
ControlServer::~ControlServer() = default;

tl::expected<std::unique_ptr<ControlServer>, std::string> ControlServer::start(
    const ControlSettings& settings, state::Host& host, const state::Board& board) {
  const auto& address = settings.access.listen_address;
  if (auto allowed = web::check_listen(address, !settings.access.password.empty()); !allowed)
    return tl::unexpected(allowed.error());
  auto access = Access::make(settings.access);
  if (!access) return tl::unexpected(access.error());
  auto parts = std::make_unique<Parts>(std::move(*access), host);
  web::WebServerOptions options;
  options.address = address;
  options.port = settings.port;
  auto server = web::WebServer::start(options, parts->dispatcher);
  if (!server) return tl::unexpected(server.error());
  parts->server = std::move(*server);
  parts->url = "http://" + web::display({address, parts->server->port()});
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
