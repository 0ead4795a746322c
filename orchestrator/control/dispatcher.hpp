#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/control/assets.hpp"
#include "orchestrator/control/errands.hpp"
#include "orchestrator/control/followers.hpp"
#include "orchestrator/control/host.hpp"
#include "orchestrator/control/routes.hpp"
#include "orchestrator/control/rpc_method.hpp"
#include "orchestrator/control/web_server.hpp"

namespace wsbench::control {

struct DispatcherParts {
  Host& host;  ///< must outlive the dispatcher
  std::function<std::optional<Response>(const Request&)> refuse;
  std::function<const Asset*(std::string_view path)> find_asset;
};

struct DispatcherLimits {
  std::size_t errands = 64;    ///< that wait beside the one that is being run
  std::size_t followers = 32;  ///< of logs
  std::chrono::milliseconds follow_interval{1000};
};

/// Answers every request from a Host: what takes time on a thread for errands, followed logs from another.
/// Outlives the web server. Thread-safe.
class Dispatcher final : public WebHandler {
 public:
  explicit Dispatcher(DispatcherParts parts, const DispatcherLimits& limits = {});
  /// Waits for what is being answered: as long as the Host's slowest call takes.
  ~Dispatcher() override;

  std::optional<Response> refuse(const Request& request) override;
  void handle(const Request& request, std::unique_ptr<Answer> answer) override;
  std::string greeting() override;

  /// Nothing that takes time is begun any more, followers of logs are let go. Does not wait.
  void stop();

 private:
  void handle_rpc(const Request& request, std::unique_ptr<Answer> answer);
  void follow_log(const Request& request, std::unique_ptr<Answer> answer);
  void run_route(const Request& request, RouteMatch match, std::unique_ptr<Answer> answer);
  Response healthz() const;
  Response asset(const Request& request) const;

  DispatcherParts parts_;
  const MethodTable methods_ = control_methods();
  Followers followers_;
  Errands errands_;  // the last member, and so the first to end: errands use all others
};

}  // namespace wsbench::control
