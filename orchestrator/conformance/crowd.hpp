#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include <tl/expected.hpp>

#include "client/plan.hpp"

namespace wsbench::conformance {

/// Has that many clients connect at the same moment, and each send a message, which must come back to it.
/// Empty, or why not all of them were served; bounded in time, and ended early by the stop. The error: this
/// machine cannot carry the load.
tl::expected<std::string, std::string> try_crowd(const client::Target& target, std::uint32_t clients,
                                                 const std::stop_token& stop);

/// Open files that a process needs for so many clients.
std::uint64_t files_for(std::uint32_t clients) noexcept;

}  // namespace wsbench::conformance
