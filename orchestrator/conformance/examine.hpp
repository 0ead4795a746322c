#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string_view>

#include <tl/expected.hpp>

#include "client/plan.hpp"
#include "orchestrator/conformance/conformance.hpp"
#include "orchestrator/contestants/contestant.hpp"
#include "orchestrator/contestants/contestant_info.hpp"
#include "rpc/supervisor.hpp"

namespace wsbench::conformance {

/// What every contestant is examined with. The supervisor must outlive it.
struct ExaminationContext {
  rpc::Supervisor& supervisor;
  client::Target target;       ///< where the contestants listen
  std::uint64_t server_files;  ///< open files that the contestants may have
  std::stop_token stop;
  std::function<void(std::string_view contestant, std::string_view step)> on_step;
};

/// Starts a contestant, tries the rules, and stops it, whatever comes. The error: supervisord does not
/// answer, or this machine cannot carry the clients.
tl::expected<Conformance, contestants::InfrastructureError> examine(const ExaminationContext& context,
                                                                    const contestants::ContestantInfo& info);

}  // namespace wsbench::conformance
