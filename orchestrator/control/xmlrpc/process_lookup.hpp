#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "orchestrator/control/state/status.hpp"
#include "orchestrator/control/xmlrpc/rpc_method.hpp"

namespace wsbench::control::xmlrpc {

/// A job, and a contestant of it or none where the group is meant. They live as long as the status beside
/// them.
struct Found {
  std::shared_ptr<const state::Status> status;
  const state::JobStatus* job = nullptr;
  const state::ContestantStatus* contestant = nullptr;
};

/// What supervisord's names mean; fault BAD_NAME with the whole name when there is no such thing.
tl::expected<Found, Fault> find_process(const state::Host& host, std::string_view name);

/// The same, of a contestant: a group is fault BAD_NAME too.
tl::expected<Found, Fault> find_contestant_process(const state::Host& host, std::string_view name);

/// The same, of a group by its bare name.
tl::expected<Found, Fault> find_group(const state::Host& host, std::string_view group);

/// supervisord refuses every one of its methods while it ends (fault SHUTDOWN_STATE): makes these do so.
std::vector<Method> refused_while_stopping(std::vector<Method> methods);

}  // namespace wsbench::control::xmlrpc
