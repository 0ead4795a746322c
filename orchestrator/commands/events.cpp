#include "orchestrator/commands/events.hpp"

#include <unistd.h>

#include <utility>

#include <fmt/format.h>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/exporting.hpp"
#include "orchestrator/exports/moment.hpp"
#include "orchestrator/exports/tables.hpp"
#include "orchestrator/results/run_documents.hpp"

// `wsbench events`: a query, whose rows go to the standard output.

namespace wsbench::commands {

namespace {

event::KindSet kinds_of(const std::vector<event::Kind>& kinds) {
  unsigned set = kinds.empty() ? event::kAllKinds : 0U;
  for (const event::Kind kind : kinds) set |= 1U << static_cast<unsigned>(kind);
  return static_cast<event::KindSet>(set);
}

class Query {
 public:
  Query(const EventsOptions& options, const std::stop_token& stop)
      : options_(options), stop_(stop), from_(moment(options.from)), to_(moment(options.to)) {}

  /// Refuses a query that nothing can match.
  exports::Result<void> check(const Chosen& chosen) const {
    const auto senseless = [](std::string why) {
      return tl::unexpected(exports::Error{exports::Error::Kind::usage, std::move(why)});
    };
    if (from_ && to_ && from_->relative == to_->relative && from_->offset >= to_->offset)
      return senseless(fmt::format("--from {} is not before --to {}", options_.from, options_.to));
    if (!options_.round) return {};
    const auto manifest = results::read_manifest(*chosen.run);
    if (!manifest) return tl::unexpected(manifest.error());
    for (const results::Turn& turn : manifest->turns)
      if (turn.round == *options_.round) return {};
    return senseless(fmt::format("there is no round {}: the first is 0", *options_.round));
  }

  exports::Result<void> run(const Chosen& chosen, exports::TextWriter& writer) const {
    const auto format = options_.json ? exports::RowFormat::json_lines : exports::RowFormat::csv;
    bool first = true;
    for (const auto& contestant : chosen.contestants) {
      exports::EventRows rows(format, contestant);
      if (first) rows.header(writer);
      first = false;
      const exports::ContestantEvents source{*chosen.run, contestant};
      const auto rounds = store::rounds_of(source.run, contestant, options_.round);
      if (!rounds) return tl::unexpected(rounds.error());
      for (const std::uint16_t round : *rounds) {
        if (auto written = run_round(source, round, rows, writer); !written) return written;
      }
    }
    return writer.finish();
  }

 private:
  static std::optional<exports::Moment> moment(const std::string& text) {
    return text.empty() ? std::nullopt : exports::parse_moment(text);
  }

  exports::Result<void> run_round(const exports::ContestantEvents& source, std::uint16_t round,
                                  exports::EventRows& rows, exports::TextWriter& writer) const {
    store::Filter filter;
    filter.where.round = round;
    filter.where.phase = options_.phase;
    filter.client = options_.client;
    filter.kinds = kinds_of(options_.kinds);
    if (from_ || to_) {
      const auto origin = store::measuring_began(source.run, source.contestant, round);
      if (!origin) return tl::unexpected(origin.error());
      if (from_) filter.where.from = from_->at(**origin);
      if (to_) filter.where.to = to_->at(**origin);
    }
    const auto written = exports::write_events(
        source, filter, rows, writer, [this](const store::Reading&) { return !stop_.stop_requested(); });
    return writer.failed() ? writer.finish() : written;
  }

  const EventsOptions& options_;
  const std::stop_token& stop_;
  const std::optional<exports::Moment> from_, to_;
};

}  // namespace

int events_command(const EventsOptions& options, const std::stop_token& stop) {
  const auto chosen = choose(options.run, options.contestants);
  if (!chosen) return fail(chosen.error());
  const Query query(options, stop);
  if (const auto sensible = query.check(*chosen); !sensible) return fail(sensible.error());
  const auto sink = exports::make_stream_sink(STDOUT_FILENO, "the standard output");
  exports::TextWriter writer(*sink);
  const auto done = query.run(*chosen, writer);
  return done ? static_cast<int>(kSuccess) : fail(done.error());
}

}  // namespace wsbench::commands
