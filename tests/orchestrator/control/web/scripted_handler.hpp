#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "orchestrator/control/web/web_server.hpp"

namespace wsbench::control::web::testing {

/// A handler whose parts a test sets before the server starts. It says back what it was asked: method, path,
/// query and body, a line each.
struct ScriptedHandler : WebHandler {
  std::function<std::optional<Response>(const Request&)> on_refuse;
  std::function<void(const Request&, std::unique_ptr<Answer>)> on_handle;
  std::function<std::string(int)> on_greeting;  ///< of which greeting, from 1
  std::atomic<int> greetings{0};

  std::optional<Response> refuse(const Request& request) override {
    return on_refuse ? on_refuse(request) : std::nullopt;
  }
  void handle(const Request& request, std::unique_ptr<Answer> answer) override {
    if (on_handle) return on_handle(request, std::move(answer));
    Response response;
    response.body = request.method + "\n" + request.path + "\n" + request.query + "\n" + request.body + "\n";
    answer->send(std::move(response));
  }
  std::string greeting() override {
    const int number = ++greetings;
    return on_greeting ? on_greeting(number) : "hello " + std::to_string(number);
  }
};

/// Limits that a test does not wait for, on a port that is free.
inline WebServerOptions options_for_tests() {
  WebServerOptions options;
  options.port = 0;
  return options;
}

inline std::unique_ptr<WebServer> serve(WebHandler& handler,
                                        const WebServerOptions& options = options_for_tests()) {
  auto server = WebServer::start(options, handler);
  if (!server) throw std::runtime_error(server.error());
  return std::move(*server);
}

}  // namespace wsbench::control::web::testing
