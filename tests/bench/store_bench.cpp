#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tests/bench/measuring.hpp"
#include "tests/bench/store_task.hpp"
#include "tests/store/temp_directory.hpp"

// What the store costs: recording events, beside what a row per event would cost, and folding them into
// statistics. Every figure is measured in a process of its own; all subjects in turn, over several rounds;
// what is told are the medians.

namespace {

using namespace wsbench;
using bench::Arrivals;
using bench::median;
using bench::StoreCost;
using bench::StoreTask;
using Work = std::function<StoreCost()>;

constexpr int kAttempts = 4;
constexpr std::chrono::minutes kLimit{10};  ///< that one measurement may take

std::optional<StoreCost> in_child(const Work& work) {
  return bench::in_child<StoreCost>("store_bench", kLimit, work);
}

std::optional<StoreCost> measure(const Work& work) {
  return bench::undisturbed<StoreCost>(kAttempts, [&] { return in_child(work); });
}

struct Subject {
  std::string name;
  Work work;
};
using Results = std::map<std::string, std::vector<StoreCost>>;

/// Every subject once a round. What fails is told on stderr, and missing in the results.
Results measure_all(const std::vector<Subject>& subjects, int rounds) {
  Results results;
  for (int round = 0; round < rounds; ++round)
    for (const Subject& subject : subjects)
      if (const auto cost = measure(subject.work)) results[subject.name].push_back(*cost);
  return results;
}

struct Options {
  std::uint64_t events = 10'000'000;
  std::uint64_t recorded = 2'000'000;
  std::uint64_t rows = 200'000;
  int rounds = 5;
  std::vector<std::string> only;
};

/// False when something could not be measured.
bool compare_recording(const Arrivals& arrivals, const Options& options, const std::filesystem::path& root) {
  int number = 0;
  const auto fresh = [&](std::uint64_t events) {
    return StoreTask{arrivals, events, root / fmt::format("record-{}", number++)};
  };
  const auto and_remove = [&](std::uint64_t events, auto&& record) {
    const StoreTask task = fresh(events);
    const StoreCost cost = record(task);
    std::filesystem::remove_all(task.directory);
    return cost;
  };
  const std::vector<Subject> subjects{
      {"a Put per event",
       [&] { return and_remove(options.rows, [](const auto& task) { return record_rows(task, 1); }); }},
      {"batches of 1,000",
       [&] { return and_remove(options.rows, [](const auto& task) { return record_rows(task, 1000); }); }},
      {"wsbench", [&] { return and_remove(options.recorded, bench::record_blocks); }}};
  const Results results = measure_all(subjects, options.rounds);
  fmt::print("\nrecording: {}\n{:<18} {:>8} {:>8} {:>9} {:>8} {:>9} {:>12} {:>8} {:>8}\n", arrivals.name, "",
             "ns CPU", "x Put", "x batches", "shard ns", "writer ns", "writer M ev/s", "bytes", "allocs");
  bool all = true;
  for (const Subject& subject : subjects) {
    const auto found = results.find(subject.name);
    all = all && found != results.end();
    if (found == results.end()) continue;
    const auto& costs = found->second;
    const double cpu = median(costs, &StoreCost::cpu_ns), writer = median(costs, &StoreCost::writer_ns);
    const auto ratio = [&](const char* to) {
      const auto reference = results.find(to);
      return reference == results.end()
                 ? std::string("-")
                 : fmt::format("{:.3f}", cpu / median(reference->second, &StoreCost::cpu_ns));
    };
    const bool has_writer = subject.name == "wsbench";
    fmt::print("{:<18} {:>8.1f} {:>8} {:>9} {:>8.1f} {:>9.1f} {:>12} {:>8.2f} {:>8.4f}\n", subject.name, cpu,
               ratio("a Put per event"), ratio("batches of 1,000"), cpu - writer, writer,
               has_writer ? fmt::format("{:.1f}", 1e3 / writer) : "-", median(costs, &StoreCost::bytes),
               median(costs, &StoreCost::allocations));
  }
  std::fflush(stdout);
  return all;
}

bool measure_folding(const Arrivals& arrivals, const Options& options, const std::filesystem::path& root) {
  const StoreTask whole{arrivals, options.events, root / "fold"};
  const StoreTask half{arrivals, options.events / 2, root / "fold-half"};
  for (const StoreTask& task : {whole, half})
    if (!in_child([&] { return record_blocks(task); })) return false;
  const Results results = measure_all({{"scan", [&] { return scan(whole); }},
                                       {"one", [&] { return fold(whole, 1); }},
                                       {"all", [&] { return fold(whole, 0); }},
                                       {"half", [&] { return fold(half, 0); }}},
                                      options.rounds);
  for (const StoreTask& task : {whole, half}) std::filesystem::remove_all(task.directory);
  if (results.size() != 4) return false;
  const auto& scanned = results.at("scan");
  const auto& one = results.at("one");
  const auto& all = results.at("all");
  const double cpu = median(one, &StoreCost::cpu_ns);
  const double peak = median(all, &StoreCost::peak_mb);
  const double slope =
      (peak - median(results.at("half"), &StoreCost::peak_mb)) / (0.5 * static_cast<double>(options.events));
  fmt::print("{:<22} {:>8.1f} {:>8.1f} {:>10.1f} {:>10.1f} {:>10.2f} {:>8.1f} {:>12.0f}\n", arrivals.name,
             median(scanned, &StoreCost::cpu_ns), cpu, 1e3 / cpu, 1e3 / median(all, &StoreCost::wall_ns),
             median(all, &StoreCost::wall_ns) * static_cast<double>(options.events) / 1e9, peak,
             peak + slope * (1e9 - static_cast<double>(options.events)));
  std::fflush(stdout);
  return true;
}

std::vector<Arrivals> all_arrivals() {
  std::vector<Arrivals> all;
  for (const std::uint32_t clients : {1000U, 10'000U}) {
    loads::Load load;
    load.clients = clients;
    all.push_back({fmt::format("open {} x 1/s", clients), load, false});
  }
  for (const std::uint32_t clients : {1000U, 10'000U}) {
    loads::Load load;
    load.clients = clients;
    all.push_back({fmt::format("closed {}", clients), load, true});
  }
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("What recording events costs, beside a row for each, and folding them into statistics");
  Options options;
  std::string directory;
  app.add_option("--events", options.events, "of the runs that are folded");
  app.add_option("--recorded", options.recorded, "events that are recorded");
  app.add_option("--rows", options.rows, "events of the references with a row for each");
  app.add_option("--rounds", options.rounds, "of which the medians are told");
  app.add_option("--only", options.only,
                 "parts (\"recording\", \"folding\") or loads whose names contain one of these");
  app.add_option("--directory", directory, "where runs are made, and removed (default: a temporary one)");
  CLI11_PARSE(app, argc, argv);

  const store::TempDirectory temp;
  const auto root =
      directory.empty() ? temp.path() : std::filesystem::path(directory) / temp.path().filename();
  std::filesystem::create_directories(root);
  const auto names = [&](const std::string& name) {
    return std::any_of(options.only.begin(), options.only.end(),
                       [&](const std::string& part) { return name.find(part) != std::string::npos; });
  };
  const auto arrivals = all_arrivals();
  const bool chooses_parts = names("recording") || names("folding");
  const bool chooses_loads =
      std::any_of(arrivals.begin(), arrivals.end(), [&](const Arrivals& one) { return names(one.name); });
  const auto wanted = [&](const std::string& part, const Arrivals& one) {
    return (!chooses_parts || names(part)) && (!chooses_loads || names(one.name));
  };
  bool all = true;
  for (const Arrivals& one : arrivals)
    if (wanted("recording", one)) all = compare_recording(one, options, root) && all;
  bool begun = false;
  for (const Arrivals& one : arrivals) {
    if (!wanted("folding", one)) continue;
    if (!begun)
      fmt::print(
          "\nfolding {} events from the page cache, {} CPUs\n{:<22} {:>8} {:>8} {:>10} {:>10} {:>10} "
          "{:>8} {:>12}\n",
          options.events, std::thread::hardware_concurrency(), "load", "scan ns", "fold ns", "M ev/s/core",
          "M ev/s all", "all s", "peak MB", "MB at 1e9");
    begun = true;
    all = measure_folding(one, options, root) && all;
  }
  std::filesystem::remove_all(root);
  bench::tell_disturbed();
  return all ? 0 : 1;
}
