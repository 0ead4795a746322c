#include "orchestrator/exports/clickhouse_export.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <stop_token>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <tl/expected.hpp>

#include "orchestrator/util/sleep.hpp"

namespace wsbench::exports {
namespace {

using std::chrono::milliseconds;

constexpr int kAttempts = 6;
constexpr milliseconds kFirstPause{200};  ///< doubled from one attempt to the next
/// How long the server may take for an insert whose connection broke, and how often it is asked.
constexpr milliseconds kIdleTimeout = std::chrono::minutes{2}, kPollInterval{250};

constexpr const char* kNotNumbers = "the answer must be rows of numbers: is this ClickHouse?";
constexpr const char* kInterruptedMessage = "interrupted: the next export goes on from here";

tl::unexpected<Error> failure(const rpc::Error& error) {
  if (error.kind == rpc::Error::Kind::interrupted)
    return tl::unexpected(Error(Error::Kind::interrupted, kInterruptedMessage));
  return tl::unexpected(Error(Error::Kind::remote, error.message));
}

bool may_pass(const rpc::Error& error) {
  return error.kind != rpc::Error::Kind::interrupted && error.kind != rpc::Error::Kind::fault;
}

rpc::Error permanent(const ClickHouseTarget& target, std::string_view what) {
  return {.kind = rpc::Error::Kind::fault, .message = fmt::format("{}: {}", target.display(), what)};
}

/// Calls `attempt` until it succeeds, fails for good or kAttempts times, or a stop is asked for.
template <typename Attempt>
auto with_retries(const std::stop_token& stop, Attempt&& attempt) -> decltype(attempt(1)) {
  auto pause = kFirstPause;
  for (int number = 1;; ++number, pause *= 2) {
    auto outcome = attempt(number);
    if (outcome || !may_pass(outcome.error()) || number == kAttempts) return outcome;
    util::sleep_unless_stopped(stop, pause);
    if (stop.stop_requested())
      return tl::unexpected(rpc::Error{.kind = rpc::Error::Kind::interrupted, .message = {}});
  }
}

std::string id_prefix(std::string_view run, std::string_view contestant) {
  return fmt::format("wsbench-{}-{}-", run, contestant);
}

}  // namespace

Result<void> ClickHouseExport::create_table() {
  const auto made =
      with_retries(client_.stop(), [&](int) { return client_.query(clickhouse_ddl(client_.target())); });
  if (!made) return failure(made.error());
  return {};
}

tl::expected<ClickHouseExport::KnownBatches, rpc::Error> ClickHouseExport::find_batches(
    const std::string& condition) {
  const auto answer = client_.query(
      fmt::format("SELECT round, batch, count(), min(time_ns), max(time_ns), sum(client), sum(value) FROM {} "
                  "WHERE {} GROUP BY round, batch",
                  client_.target().qualified_table(), condition));
  if (!answer) return tl::unexpected(answer.error());
  KnownBatches known;
  std::istringstream lines(*answer);
  std::pair<std::uint16_t, std::uint32_t> batch;
  Fingerprint there;
  while (lines >> batch.first >> batch.second >> there.rows >> there.first_ns >> there.last_ns >>
         there.clients >> there.values)
    known[batch] = there;
  if (!lines.eof()) return tl::unexpected(permanent(client_.target(), kNotNumbers));
  return known;
}

tl::expected<void, rpc::Error> ClickHouseExport::wait_until_idle(const std::string& condition) {
  const auto sql = fmt::format("SELECT count() FROM system.processes WHERE {}", condition);
  for (auto waited = milliseconds{0};; waited += kPollInterval) {
    const auto running = client_.query(sql);
    if (!running) return tl::unexpected(running.error());
    if (*running == "0\n") return {};
    if (running->find_first_not_of("0123456789\n") != std::string::npos)
      return tl::unexpected(permanent(client_.target(), kNotNumbers));
    if (waited >= kIdleTimeout)
      return tl::unexpected(permanent(
          client_.target(),
          fmt::format("the server still runs an earlier insert of {}: export again when it is done", run_)));
    util::sleep_unless_stopped(client_.stop(), kPollInterval);
  }
}

Result<ClickHouseExport::KnownBatches> ClickHouseExport::batches_of(std::string_view contestant) {
  // Inserts of an export that was killed may still run.
  const auto of_this_run =
      fmt::format("position(query_id, {}) = 1", sql_literal(id_prefix(run_, contestant)));
  auto there = with_retries(client_.stop(), [&](int) {
    return wait_until_idle(of_this_run).and_then([&] {
      return find_batches(
          fmt::format("run = {} AND contestant = {}", sql_literal(run_), sql_literal(contestant)));
    });
  });
  if (!there) return failure(there.error());
  return std::move(*there);
}

Result<void> ClickHouseExport::send(const RowBinary& rows, const BatchName& name) {
  const auto sql = fmt::format("INSERT INTO {} ({}) FORMAT RowBinary", client_.target().qualified_table(),
                               kRowBinaryColumns);
  const auto id = fmt::format("{}{}-{}", id_prefix(run_, name.contestant), name.round, name.batch);
  const auto this_batch =
      fmt::format("run = {} AND contestant = {} AND round = {} AND batch = {}", sql_literal(run_),
                  sql_literal(name.contestant), name.round, name.batch);
  bool is_foreign = false;
  const auto sent = with_retries(client_.stop(), [&](int attempt) -> tl::expected<void, rpc::Error> {
    if (attempt > 1) {
      // Perhaps only the answer was lost: ask whether the batch arrived.
      const auto there = wait_until_idle(fmt::format("query_id = {}", sql_literal(id))).and_then([&] {
        return find_batches(this_batch);
      });
      if (!there) return tl::unexpected(there.error());
      is_foreign = !there->empty() && there->begin()->second != rows.fingerprint();
      if (!there->empty()) return {};
    }
    return client_.insert(sql, rows.bytes(), id);
  });
  if (!sent) return failure(sent.error());
  if (is_foreign) return tl::unexpected(foreign_rows(name.contestant));
  return {};
}

/// The table has rows of a round that has been measured again since.
Error ClickHouseExport::foreign_rows(std::string_view contestant) const {
  const auto& target = client_.target();
  return {Error::Kind::remote,
          fmt::format("{} has rows of {} of {} that this run does not have: remove them (ALTER TABLE {} DROP "
                      "PARTITION {}) and export again",
                      target.display(), contestant, run_, target.qualified_table(), sql_literal(run_))};
}

/// Gathers the rows of each batch and sends it, unless the table has it.
class ClickHouseExport::Batches {
 public:
  Batches(ClickHouseExport& to, std::string_view contestant, KnownBatches known)
      : to_(to), contestant_(contestant), known_(std::move(known)), rows_(to.run_, contestant) {}

  Result<void> add(std::span<const store::Placed> events) {
    for (const store::Placed& placed : events) {
      const std::uint16_t round = placed.block->info.round;
      if (round != round_ || rows_.rows() == kRowsInBatch) {
        if (auto done = finish_batch(); !done) return done;
        batch_ = round == round_ ? batch_ + 1 : 0;
        round_ = round;
      }
      rows_.append(placed, batch_);
    }
    return {};
  }

  Result<Inserted> finish() {
    if (auto done = finish_batch(); !done) return tl::unexpected(done.error());
    if (!known_.empty()) return tl::unexpected(to_.foreign_rows(contestant_));
    return inserted_;
  }

 private:
  Result<void> finish_batch() {
    if (rows_.rows() == 0) return {};
    const auto there = known_.find({round_, batch_});
    if (there == known_.end()) {
      if (auto sent = to_.send(rows_, {contestant_, round_, batch_}); !sent) return sent;
      inserted_.rows += rows_.rows();
    } else if (there->second == rows_.fingerprint()) {
      inserted_.skipped += rows_.rows();
      known_.erase(there);
    } else {
      return tl::unexpected(to_.foreign_rows(contestant_));
    }
    rows_.clear();
    return {};
  }

  ClickHouseExport& to_;
  const std::string contestant_;
  KnownBatches known_;  ///< of them, those that were not met yet
  RowBinary rows_;
  std::uint16_t round_ = 0;
  std::uint32_t batch_ = 0;
  Inserted inserted_;
};

Result<Inserted> ClickHouseExport::insert(const ContestantEvents& source,
                                          const std::optional<std::set<std::uint16_t>>& only,
                                          const ProgressCallback& on_progress) {
  auto there = batches_of(source.contestant);
  if (!there) return tl::unexpected(there.error());
  Batches batches(*this, source.contestant, std::move(*there));
  Result<void> sent;
  bool stopped = false;
  const auto read =
      store::scan_timeline(source.run, source.contestant, {}, [&](const store::Stretch& stretch) {
        stopped = !on_progress(stretch.reading);
        if (stopped || stretch.events.empty()) return !stopped;
        if (!only || only->contains(stretch.events.front().block->info.round))
          sent = batches.add(stretch.events);
        return sent.has_value();
      });
  if (!read) return tl::unexpected(read.error());
  if (stopped) return tl::unexpected(Error{Error::Kind::interrupted, kInterruptedMessage});
  if (!sent) return tl::unexpected(sent.error());
  return batches.finish();
}

}  // namespace wsbench::exports
