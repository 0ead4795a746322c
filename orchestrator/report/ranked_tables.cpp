#include "orchestrator/report/ranked_tables.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orchestrator/machine/description.hpp"
#include "orchestrator/results/ranking.hpp"
#include "orchestrator/util/quantities.hpp"
#include "orchestrator/util/text_lines.hpp"
#include "orchestrator/util/text_table.hpp"

namespace wsbench::report {

using results::Nanoseconds;
using results::RankedContestant;
using results::SuiteResult;
using util::TextTable;

namespace {

using Align = TextTable::Align;

/// A quantile: "-" when nothing was measured, "lost" when its rank falls among messages that never came back.
std::string quantile(const results::Quantiles& q, const std::optional<Nanoseconds>& value) {
  if (value) return util::format_duration(*value);
  return q.lost > 0 ? "lost" : "-";
}

std::string rank_text(const RankedContestant& standing, const std::vector<RankedContestant>& all) {
  if (!standing.rank) return "-";
  const auto sharing =
      std::count_if(all.begin(), all.end(), [&](const auto& other) { return other.rank == standing.rank; });
  return fmt::format("{}{}", *standing.rank, sharing > 1 ? "=" : "");
}

std::string latency_table(const std::vector<RankedContestant>& ranked, bool colour) {
  TextTable table({{"rank", Align::right},
                   {"contestant", Align::left},
                   {"p50"},
                   {"p95"},
                   {"p99"},
                   {"p99.9"},
                   {"max"},
                   {"sent"},
                   {"received"},
                   {"lost"},
                   {"msg/s"},
                   {"client lag p99"}});
  for (const auto& s : ranked) {
    const auto& q = s.latency;
    if (s.requested == 0) {
      table.add({"-", s.name, "-", "-", "-", "-", "-", "-", "-", "-", "-", "-"});
      continue;
    }
    table.add({rank_text(s, ranked), s.name, quantile(q, q.p50), quantile(q, q.p95), quantile(q, q.p99),
               quantile(q, q.p999), quantile(q, q.max), util::format_count(s.sent),
               util::format_count(s.received), util::format_count(s.lost),
               util::format_count(static_cast<std::uint64_t>(s.message_rate)),
               s.lag_p99 ? util::format_duration(*s.lag_p99) : "-"});
  }
  return table.render(colour);
}

std::string connection_table(const std::vector<RankedContestant>& ranked, bool colour) {
  TextTable table({{"rank", Align::right},
                   {"contestant", Align::left},
                   {"requested"},
                   {"established"},
                   {"timeouts"},
                   {"handshake p50"},
                   {"p99"},
                   {"RSS"},
                   {"CPU"},
                   {"outcome", Align::left}});
  for (const auto& s : ranked) {
    const bool any = s.requested > 0;
    const auto outcome =
        s.state == results::TurnState::completed && !s.rank ? "invalid" : std::string(name(s.state));
    table.add({rank_text(s, ranked), s.name, any ? util::format_count(s.requested) : "-",
               any ? util::format_count(s.established) : "-", any ? util::format_count(s.timeouts) : "-",
               quantile(s.handshake, s.handshake.p50), quantile(s.handshake, s.handshake.p99),
               s.rss_peak_bytes ? util::format_bytes(*s.rss_peak_bytes) : "-",
               s.cpu_share ? fmt::format("{:.0f} %", 100 * *s.cpu_share) : "-", outcome});
  }
  return table.render(colour);
}

/// The last lines, indented as a quotation; control bytes, which would move the cursor, shown as '?'.
std::string quoted_end(const std::string& text) {
  constexpr std::size_t kLines = 5;
  std::string quoted;
  for (auto& line : util::last_lines(text, kLines)) {
    std::replace_if(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; },
        '?');
    quoted += "    | " + line + "\n";
  }
  return quoted;
}

/// What the server did to messages other than answer or lose them, and what was not asked of it at all.
std::string misbehaviour(const RankedContestant& s) {
  std::vector<std::string> parts;
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) parts.push_back(fmt::format("{} {}", util::format_count(count), what));
  };
  add(s.reordered, "echoes came after that of a later message");
  add(s.altered, "echoes came altered (counted as lost)");
  add(s.duplicated, "echoes came once more");
  add(s.foreign, "messages were no echo");
  add(s.due - s.sent, "messages fell due for clients that could not send");
  if (s.stuck_clients) add(*s.stuck_clients, "clients were stuck: connected, and not answered any more");
  if (s.waiting_share.value_or(0) >= 0.0001) {
    parts.push_back(fmt::format("{:.2f} % of the clients' time was spent waiting for echoes that never came",
                                100 * *s.waiting_share));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string notes(const SuiteResult& suite, const std::vector<RankedContestant>& ranked) {
  std::string text;
  for (const auto& s : ranked) {
    if (!s.note.empty()) text += fmt::format("  {}: {}\n", s.name, s.note);
    if (const auto what = misbehaviour(s); !what.empty()) text += fmt::format("  {}: {}\n", s.name, what);
  }
  for (const auto& contestant : suite.contestants) {
    for (const auto& round : contestant.rounds) {
      if (round.wall_clock_stepped)
        text += fmt::format("  {}: the wall clock was set in round {}: how late the client read is unknown\n",
                            contestant.name, round.round);
    }
    for (const auto& round : contestant.rounds) {
      for (const auto& check : round.conformance) {
        if (!check.passed)
          text += fmt::format("  {}: does not pass \"{}\": {}\n", contestant.name, check.name, check.detail);
      }
      if (round.failure && !round.failure->stderr_tail.empty()) {
        text += fmt::format("  {}: its stderr ends:\n", contestant.name);
        text += quoted_end(round.failure->stderr_tail);
      }
      if (!round.conformance.empty() || round.failure) break;
    }
  }
  return text.empty() ? text : "\nNotes\n" + text;
}

std::string how_to_read(const SuiteResult& suite, client::Mode mode, int rounds) {
  std::string text = fmt::format(
      "Ranked by {}. Latencies count from when a message was due; lost messages count as the longest.\n",
      results::rank_criterion(mode));
  if (mode == client::Mode::closed) {
    text +=
        "Closed loop: a client that is not answered sends nothing more, so that its wait is one message "
        "among thousands, however long; clients that were stuck are told in the notes.\n";
  }
  const auto is_exact = [](const results::ContestantResult& contestant) {
    return std::all_of(contestant.rounds.begin(), contestant.rounds.end(),
                       [](const results::RoundResult& round) { return round.latency.exact; });
  };
  if (!std::all_of(suite.contestants.begin(), suite.contestants.end(), is_exact)) {
    text += fmt::format(
        "Quantiles of more than {} messages are upper bounds, at most 0.1 % above the exact value.\n",
        util::format_count(store::Distribution::kExact));
  }
  if (rounds == 1) {
    text +=
        "One round: which differences are real cannot be told; \"rounds\": 5 gives ties where there are "
        "any.\n";
  } else {
    text += fmt::format(
        "{} rounds: medians of them, of connections and messages the sums; contestants whose 95 % intervals "
        "overlap share a rank (=).\n",
        rounds);
  }
  if (suite.floor) {
    const auto& q = suite.floor->latency;
    text += fmt::format("Floor of the instrument (null echo server): p50 {}, p99 {}, client lag p99 {}{}.\n",
                        quantile(q, q.p50), quantile(q, q.p99),
                        suite.floor->lag.p99 ? util::format_duration(*suite.floor->lag.p99) : "-",
                        suite.floor->valid()
                            ? ""
                            : fmt::format(" - NOT VALID: {}", fmt::join(suite.floor->missed_gates(), "; ")));
  }
  return text;
}

const char* incomplete(const SuiteResult& suite) {
  if (suite.complete) return "";
  // `wsbench test` has no supervisord, and cannot be resumed.
  return suite.manifest.supervisord.empty()
             ? " (ended early)"
             : " (not complete: it is under way, or `wsbench run` with --resume goes on)";
}

std::string dead_times(const SuiteResult& suite) {
  std::vector<std::pair<Nanoseconds, std::string>> times;
  for (const auto& contestant : suite.contestants) {
    for (const auto& round : contestant.rounds) {
      if (round.state == results::TurnState::completed && round.own_start > Nanoseconds{0})
        times.emplace_back(round.dead_time, contestant.name);
    }
  }
  if (times.empty()) return "";
  std::vector<double> nanoseconds;
  for (const auto& [time, contestant] : times) nanoseconds.push_back(static_cast<double>(time.count()));
  const Nanoseconds median(std::llround(results::median(std::move(nanoseconds))));
  const auto& longest = *std::max_element(times.begin(), times.end());
  return fmt::format(
      "Dead time per contestant (beyond its own start, supervisord's stop and the load): median {}, largest "
      "{} ({}).\n",
      util::format_duration(median), util::format_duration(longest.first), longest.second);
}

}  // namespace

std::string render_report(const SuiteResult& suite, bool colour) {
  const auto& manifest = suite.manifest;
  const auto mode =
      manifest.config.value("mode", "open") == "closed" ? client::Mode::closed : client::Mode::open;
  const int rounds = manifest.config.value("rounds", 1);
  const auto ranked = rank(suite.contestants, mode);

  std::string text = fmt::format("{}{}\n", manifest.suite, incomplete(suite));
  text += fmt::format("Load: {}\n", manifest.load);
  text += fmt::format("Client: {}\n", machine::describe_machine(manifest.client_machine));
  if (manifest.same_machine) {
    text += fmt::format("One machine for both: {}\n", manifest.pinning);
  } else {
    text += fmt::format("Contestants: {}\n", machine::describe_machine(manifest.server_machine));
  }
  text += "\n" + latency_table(ranked, colour) + "\n" + connection_table(ranked, colour);
  text += notes(suite, ranked) + "\n" + how_to_read(suite, mode, rounds) + dead_times(suite);
  return text;
}

}  // namespace wsbench::report
