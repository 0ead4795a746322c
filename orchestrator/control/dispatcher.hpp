#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/control/api/routes.hpp"
#include "orchestrator/control/dashboard/assets.hpp"
#include "orchestrator/control/logs/background_tasks.hpp"
#include "orchestrator/control/logs/followers.hpp"
#include "orchestrator/control/state/host.hpp"
#include "orchestrator/control/web/web_server.hpp"
#include "orchestrator/control/xmlrpc/rpc_method.hpp"

namespace wsbench::control {

struct DispatcherParts {
  state::Host& host;  ///< must outlive the dispatcher
  std::function<std::optional<web::Response>(const web::Request&)> refuse;
  std::function<const dashboard::Asset*(std::string_view path)> find_asset;
};

struct DispatcherLimits {
  std::size_t background_tasks = 64;  ///< that wait beside the one that is being run
  std::size_t followers = 32;         ///< of logs
  std::chrono::milliseconds follow_interval{1000};
};

/// Answers every request from a Host: what takes time on a thread for background_tasks, followed logs from
/// another. Outlives the web server. Thread-safe.
class Dispatcher final : public web::WebHandler {
 public:
  explicit Dispatcher(DispatcherParts parts, const DispatcherLimits& limits = {});
  /// Waits for what is being answered: as long as the Host's slowest call takes.
  ~Dispatcher() override;

  std::optional<web::Response> refuse(const web::Request& request) override;
  void handle(const web::Request& request, std::unique_ptr<web::Answer> answer) override;
  std::string greeting() override;

  /// Nothing that takes time is begun any more, followers of logs are let go. Does not wait.
  void stop();

 private:
  void handle_rpc(const web::Request& request, std::unique_ptr<web::Answer> answer);
  void follow_log(const web::Request& request, std::unique_ptr<web::Answer> answer);
  void run_route(const web::Request& request, api::RouteMatch match, std::unique_ptr<web::Answer> answer);
  web::Response healthz() const;
  web::Response asset(const web::Request& request) const;

  DispatcherParts parts_;
  const xmlrpc::MethodTable methods_ = xmlrpc::control_methods();
  logs::Followers followers_;
  logs::BackgroundTasks
      background_tasks_;  // the last member, and so the first to end: background_tasks use all others
};

}  // namespace wsbench::control
