#include "orchestrator/conformance/crowd.hpp"

#include <cstddef>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/load/load.hpp"
#include "orchestrator/util/quantities.hpp"

namespace wsbench::conformance {

using namespace std::chrono_literals;
using event::Reason;

namespace {

constexpr auto kConnectLimit = 20s;
constexpr auto kEchoLimit = 20s;
/// Each client sends once, at its own time within this.
constexpr auto kSending = 250ms;
constexpr auto kLook = 50ms;
/// All clients connect within a few milliseconds, so the server needs a backlog.
constexpr std::uint32_t kAtOnce = 1'000'000;

/// Events of these clients are not wanted: it never has a block for them.
class NoSink final : public event::Sink {
 public:
  std::unique_ptr<event::Block> acquire() noexcept override { return nullptr; }
  void submit(std::unique_ptr<event::Block> /*block*/) noexcept override {}
};

client::Plan plan_for(const client::Target& target, std::uint32_t clients) {
  client::Plan plan;
  plan.target = target;
  plan.clients = clients;
  plan.ramp_per_second = kAtOnce;
  plan.interval = kSending;
  plan.measuring = kSending;
  plan.connect_timeout = kConnectLimit;
  plan.drain_limit = kEchoLimit;
  plan.close_limit = 1s;
  return plan;
}

/// ": 12 reset, 3 connection_timeout", of those that did not end by our own close.
std::string endings(const client::Snapshot& totals) {
  std::vector<std::string> parts;
  for (std::size_t i = 1; i < totals.ended.size(); ++i) {
    const auto reason = static_cast<Reason>(i);
    // What becomes of our close is another rule's business.
    if (reason == Reason::completed || reason == Reason::close_unanswered || totals.ended[i] == 0) continue;
    parts.push_back(fmt::format("{} {}", util::format_count(totals.ended[i]), event::name(reason)));
  }
  return parts.empty() ? std::string() : fmt::format(": {}", fmt::join(parts, ", "));
}

std::string failure_of(const client::Snapshot& totals, std::uint32_t clients) {
  if (totals.established < clients) {
    return fmt::format("{} of {} clients could connect{}", util::format_count(totals.established),
                       util::format_count(clients), endings(totals));
  }
  if (totals.received < clients) {
    return fmt::format("{} of {} clients got their echo{}", util::format_count(totals.received),
                       util::format_count(clients), endings(totals));
  }
  return {};
}

}  // namespace

std::uint64_t files_for(std::uint32_t clients) noexcept {
  constexpr std::uint64_t kBeside = 200;  // logs, event loops, pipes to supervisord
  return clients + kBeside;
}

tl::expected<std::string, std::string> try_crowd(const client::Target& target, std::uint32_t clients,
                                                 const std::stop_token& stop) {
  NoSink sink;
  const auto load = client::Load::start(plan_for(target, clients), sink);
  if (!load) return tl::unexpected(load.error().message);
  while (!(*load)->wait_for(kLook)) {
    if (stop.stop_requested()) (*load)->stop();
  }
  const auto totals = (*load)->wait().totals;
  const auto ours = totals.ended[static_cast<std::size_t>(Reason::out_of_files)] +
                    totals.ended[static_cast<std::size_t>(Reason::out_of_ports)];
  if (ours > 0) {
    return tl::unexpected(fmt::format("this machine has no files or no ports for {} clients{}",
                                      util::format_count(clients), endings(totals)));
  }
  return failure_of(totals, clients);
}

}  // namespace wsbench::conformance
