#include "orchestrator/suite/turn_runner.hpp"

#include <cassert>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "client/load/load.hpp"
#include "client/probe/probe.hpp"
#include "orchestrator/results/gates.hpp"
#include "orchestrator/suite/load_plan.hpp"
#include "orchestrator/suite/measured_load.hpp"
#include "orchestrator/util/quantities.hpp"
#include "store/fold/fold.hpp"

namespace wsbench::suite {

using contestants::InfrastructureError;
using contestants::TurnError;
using results::Nanoseconds;
using results::RoundResult;
using results::TurnState;

using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr auto kConformanceLimit = std::chrono::seconds{1};

/// One turn from `starting` to its end. Its members are what the steps hand on to each other.
class TurnRun {
 public:
  TurnRun(const SuiteContext& context, const TurnView& position, const client::Plan& plan)
      : context_(context),
        position_(position),
        plan_(plan),
        contestant_(context.supervisor, position.turn.contestant, plan.target, context.stop) {
    result_.contestant = position.turn.contestant;
    result_.round = position.turn.round;
    result_.requested = plan.clients;
    result_.began = event::Clock::now();
  }

  tl::expected<RoundResult, InfrastructureError> run() {
    try {
      if (auto outcome = measure(); !outcome) note(outcome.error());
    } catch (const std::exception& error) {
      // Out of threads or memory: the contestant is stopped all the same.
      note(InfrastructureError{error.what()});
    }
    if (failure_) contestant_.explain(*failure_);
    if (auto stopped = leave(); !stopped) note(stopped.error());
    if (auto summed_up = sum_up(); !summed_up) note(summed_up.error());
    if (infrastructure_) return tl::unexpected(*infrastructure_);
    return finish();
  }

 private:
  /// The journal first, then whoever watches, then the deed.
  tl::expected<void, TurnError> enter(TurnState state, std::string_view detail = {}) {
    assert(may_follow(result_.state, state));
    result_.state = state;
    const auto journalled = journal_turn(context_.run, position_.turn, state, detail);
    context_.observer.entered(view());
    if (!journalled) return tl::unexpected(InfrastructureError(journalled.error()));
    return {};
  }

  tl::expected<void, TurnError> measure() {
    if (auto entered = enter(TurnState::starting); !entered) return entered;
    if (auto cleared = contestant_.clear_the_way(); !cleared) return cleared;
    auto ready = contestant_.start(context_.config.start_timeout, plan_.connect_timeout);
    if (!ready) return tl::unexpected(ready.error());
    result_.own_start = *ready;

    if (auto entered = enter(TurnState::probing); !entered) return entered;
    result_.conformance = client::probe_conformance(plan_.target, kConformanceLimit);

    if (auto entered = enter(TurnState::warm_up); !entered) return entered;
    LoadWatch watch;
    watch.on_phase = [this](event::Phase phase) -> tl::expected<void, TurnError> {
      if (phase == event::Phase::measuring) return enter(TurnState::measuring);
      return {};
    };
    watch.on_second = [this] { return contestant_.check_alive(); };
    watch.on_sample = [this](const contestants::ServerSample& sample) {
      context_.observer.sampled(view(), sample);
    };
    watch.on_progress = [this](const client::Snapshot& snapshot) {
      context_.observer.progressed(view(), snapshot);
    };
    auto run = run_load({context_.run, plan_, result_.contestant,
                         context_.monitored ? &context_.supervisor : nullptr, context_.stop},
                        watch);
    if (!run) return tl::unexpected(run.error());
    load_ = std::move(*run);
    if (load_->ended_by) return tl::unexpected(*load_->ended_by);
    return {};
  }

  /// Keeps the first error of each kind: later ones follow from it.
  void note(const TurnError& error) {
    if (const auto* failure = std::get_if<results::Failure>(&error)) {
      if (!failure_) failure_ = *failure;
    } else if (const auto* infrastructure = std::get_if<InfrastructureError>(&error)) {
      if (!infrastructure_) infrastructure_ = *infrastructure;
    } else {
      cancelled_ = true;
    }
  }

  tl::expected<void, TurnError> leave() {
    auto entered = enter(TurnState::stopping);
    auto stopped = contestant_.stop();
    // A program that supervisord does not know needs no stopping.
    if (!stopped && failure_ && failure_->kind == results::FailureKind::unknown_contestant) return entered;
    result_.supervisord = contestant_.stop_time();
    if (!stopped) return stopped;
    return entered;
  }

  /// What the stored events tell of the load.
  tl::expected<void, TurnError> sum_up() {
    if (!load_) return {};
    if (auto taken = fold_load_into(result_, plan_, *load_, context_.run); !taken)
      return tl::unexpected(taken.error());
    if (!failure_ && !cancelled_) {
      if (auto failure = failure_under_load(result_)) {
        failure_ = std::move(failure);
        contestant_.explain(*failure_);
      }
    }
    if (!failure_ && !cancelled_) result_.gates = check_gates(result_, plan_);
    return {};
  }

  tl::expected<RoundResult, InfrastructureError> finish() {
    const auto end =
        cancelled_ ? (context_.control.skips(result_.contestant) ? TurnState::skipped : TurnState::cancelled)
        : failure_ ? TurnState::failed
                   : TurnState::completed;
    assert(may_follow(result_.state, end));
    result_.state = end;
    result_.failure = failure_;
    result_.dead_time = SteadyClock::now() - began_ - result_.own_start - result_.supervisord - result_.load;
    // The result first: a journalled end promises that it is there.
    auto saved = save_result(context_.run, result_);
    if (saved) saved = journal_turn(context_.run, position_.turn, end, failure_ ? failure_->message : "");
    if (!saved) return tl::unexpected(InfrastructureError(saved.error()));
    context_.observer.ended(view(), result_);
    return result_;
  }

  TurnView view() const {
    const Nanoseconds elapsed = SteadyClock::now() - began_;
    const auto whole = planned_duration(plan_) + context_.overhead;
    const auto left = std::max(whole - elapsed, Nanoseconds{0});
    const auto later = static_cast<Nanoseconds::rep>(position_.total - position_.index - 1);
    return {position_.index, position_.total, position_.turn, result_.state,
            plan_,           elapsed,         left,           left + later * whole};
  }

  const SuiteContext& context_;
  const TurnView& position_;
  const client::Plan& plan_;
  contestants::Contestant contestant_;
  const SteadyClock::time_point began_ = SteadyClock::now();
  RoundResult result_;
  std::optional<LoadRun> load_;
  std::optional<results::Failure> failure_;
  std::optional<InfrastructureError> infrastructure_;
  bool cancelled_ = false;
};

}  // namespace

tl::expected<RoundResult, InfrastructureError> run_turn(const SuiteContext& context, const TurnView& position,
                                                        const Installed& installed) {
  auto plan = context.plan;
  plan.round = position.turn.round;
  // Whatever an interrupted attempt at this very turn has left.
  auto prepared = context.run.add_contestant(position.turn.contestant);
  if (prepared) prepared = context.run.erase_events(position.turn.contestant, position.turn.round);
  if (!prepared) return tl::unexpected(InfrastructureError(prepared.error()));

  const bool skipped = context.control.skips(position.turn.contestant);
  if (skipped || (installed.known && !installed.installed)) {
    RoundResult result;
    result.contestant = position.turn.contestant;
    result.round = position.turn.round;
    result.requested = plan.clients;
    result.state = skipped ? TurnState::skipped : TurnState::not_installed;
    if (!skipped) result.package_hint = installed.packages;
    result.began = event::Clock::now();
    auto saved = save_result(context.run, result);
    if (saved) saved = journal_turn(context.run, position.turn, result.state, result.package_hint);
    if (!saved) return tl::unexpected(InfrastructureError(saved.error()));
    context.observer.ended(position, result);
    return result;
  }
  return TurnRun(context, position, plan).run();
}

}  // namespace wsbench::suite
