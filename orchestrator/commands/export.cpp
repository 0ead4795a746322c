#include "orchestrator/commands/export.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/export_database.hpp"
#include "orchestrator/commands/exporting.hpp"
#include "orchestrator/exports/progress_bar.hpp"
#include "orchestrator/exports/tables.hpp"
#include "orchestrator/exports/zstd_sink.hpp"

// `wsbench export` and `wsbench stats`: a run's tables as files, a directory per contestant.

namespace wsbench::commands {

namespace {

using exports::Error;
using exports::Format;
using exports::Result;
using exports::Sink;
using exports::Table;

constexpr std::array kAllTables{Table::counts, Table::handshake_times, Table::message_latencies,
                                Table::events};

tl::unexpected<Error> usage(std::string message) {
  return tl::unexpected(Error{Error::Kind::usage, std::move(message)});
}

/// Which tables to write, in which format, and where.
struct Plan {
  std::vector<Table> tables;
  Format format;
  std::filesystem::path out;    ///< a directory, unless:
  bool to_stdout = false;       ///< one table of one contestant
  bool to_single_file = false;  ///< likewise
};

Result<Plan> make_plan(const ExportOptions& options, const Chosen& chosen) {
  Plan plan;
  plan.to_stdout = options.out == "-";
  const auto named = exports::parse_format(options.out.filename().native());
  plan.to_single_file = named && options.out.has_extension() && !std::filesystem::is_directory(options.out);
  plan.format = *exports::parse_format(options.format.empty() ? "csv" : options.format);
  if (plan.to_single_file) {
    if (!options.format.empty() && *named != plan.format)
      return usage(fmt::format("{} is not named like {}", options.out.string(), options.format));
    plan.format = *named;
  }
  for (const Table table : kAllTables) {
    const bool wanted = options.tables.empty() || std::find(options.tables.begin(), options.tables.end(),
                                                            exports::name(table)) != options.tables.end();
    if (!wanted) continue;
    if (exports::has_format(table, plan.format.kind))
      plan.tables.push_back(table);
    else if (!options.tables.empty())
      return usage(fmt::format("there is no {}.{}: it is no table of durations", exports::name(table),
                               exports::name(plan.format)));
  }
  if ((plan.to_stdout || plan.to_single_file) && (plan.tables.size() != 1 || chosen.contestants.size() != 1))
    return usage(fmt::format("{} holds one table of one contestant: name both (--table, CONTESTANT)",
                             plan.to_stdout ? "the standard output" : options.out.string()));
  plan.out = options.out.empty() ? chosen.run->directory() / "stats" : options.out;
  return plan;
}

Result<std::unique_ptr<Sink>> open_sink(const Plan& plan, const std::filesystem::path& path) {
  std::unique_ptr<Sink> sink;
  if (plan.to_stdout) {
    sink = exports::make_stream_sink(STDOUT_FILENO, "the standard output");
  } else {
    auto file = exports::make_file_sink(path);
    if (!file) return file;
    sink = std::move(*file);
  }
  return plan.format.zstd ? exports::make_zstd_sink(std::move(sink)) : std::move(sink);
}

Result<void> make_directory(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!error) return {};
  return tl::unexpected(
      Error{Error::Kind::write, fmt::format("{} cannot be made: {}", directory.string(), error.message())});
}

/// The directory of a contestant, which has its name.
Result<std::filesystem::path> directory_of(const Plan& plan, const std::string& contestant) {
  if (contestant.find('/') != std::string::npos || contestant == "." || contestant == "..")
    return usage(
        fmt::format("the contestant {} cannot be a directory's name: give a file (--out)", contestant));
  return plan.out / contestant;
}

class Exporter {
 public:
  Exporter(const Chosen& chosen, const Plan& plan, const std::stop_token& stop)
      : chosen_(chosen), plan_(plan), stop_(stop), bar_(stderr) {}

  Result<void> run() {
    if (plan_.to_stdout || plan_.to_single_file)
      return write(chosen_.contestants.front(), plan_.tables.front(), plan_.out);
    for (const auto& contestant : chosen_.contestants) {
      const auto directory = directory_of(plan_, contestant);
      if (!directory) return tl::unexpected(directory.error());
      if (auto made = make_directory(*directory); !made) return made;
      for (const Table table : plan_.tables) {
        const auto file = fmt::format("{}.{}", exports::name(table), exports::name(plan_.format));
        if (auto written = write(contestant, table, *directory / file); !written) return written;
      }
      bar_.clear();
      fmt::print("{}\n", directory->string());
      std::fflush(stdout);
    }
    return {};
  }

 private:
  Result<void> write(const std::string& contestant, Table table, const std::filesystem::path& path) {
    const auto sink = open_sink(plan_, path);
    if (!sink) return tl::unexpected(sink.error());
    bar_.begin(fmt::format("{}.{} of {}", exports::name(table), exports::name(plan_.format), contestant),
               store::estimate_blocks(*chosen_.run, contestant));
    const auto course = [this](const store::Reading& reading) {
      bar_.update(reading.found);
      return !stop_.stop_requested();
    };
    auto written = exports::write_table({*chosen_.run, contestant}, table, plan_.format.kind, **sink, course);
    bar_.clear();
    return written ? (*sink)->finish() : written;
  }

  const Chosen& chosen_;
  const Plan& plan_;
  const std::stop_token& stop_;
  exports::ProgressBar bar_;
};

Result<void> export_tables(const ExportOptions& options, const Chosen& chosen, const std::stop_token& stop) {
  const auto plan = make_plan(options, chosen);
  if (!plan) return tl::unexpected(plan.error());
  return Exporter(chosen, *plan, stop).run();
}

}  // namespace

int export_command(const ExportOptions& options, const std::stop_token& stop) {
  const auto chosen = choose(options.run, options.contestants);
  if (!chosen) return fail(chosen.error());
  const auto done =
      options.to.empty() ? export_tables(options, *chosen, stop) : export_to_database(options, *chosen, stop);
  return done ? static_cast<int>(kSuccess) : fail(done.error());
}

}  // namespace wsbench::commands
