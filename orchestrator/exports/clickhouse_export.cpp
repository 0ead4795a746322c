#include "orchestrator/exports/clickhouse_export.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <sstream>
#include <stop_token>

#include <fmt/format.h>

namespace wsbench::exports {

namespace {

using std::chrono::milliseconds;

constexpr int kAttempts = 6;
constexpr milliseconds kFirstPause{200};  ///< doubled from one attempt to the next
/// How long the server may be at an insert whose connection broke, and how often it is asked.
constexpr milliseconds kPatience = std::chrono::minutes{2}, kBetweenLooks{250};

constexpr const char* kInterruptedMessage = "interrupted: the next export goes on";

Error error_of(const Refusal& refusal) {
  if (refusal.kind == Refusal::Kind::interrupted) return {Error::Kind::interrupted, kInterruptedMessage};
  return {Error::Kind::remote, refusal.message};
}

/// False when a stop was asked for.
bool sleep_for(milliseconds pause, const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any().wait_for(lock, stop, pause, [] { return false; });
  return !stop.stop_requested();
}

Refusal interruption() {
  return {Refusal::Kind::interrupted, kInterruptedMessage};
}

/// Calls `attempt` until it succeeds, fails for good, has failed often enough, or a stop is asked for.
template <typename Attempt>
auto with_retries(const std::stop_token& stop, Attempt&& attempt) -> decltype(attempt(1)) {
  auto pause = kFirstPause;
  for (int number = 1;; ++number, pause *= 2) {
    auto outcome = attempt(number);
    if (outcome || outcome.error().kind != Refusal::Kind::passing || number == kAttempts) return outcome;
    if (!sleep_for(pause, stop)) return tl::unexpected(interruption());
  }
}

std::string id_prefix(std::string_view run, std::string_view contestant) {
  return fmt::format("wsbench-{}-{}-", run, contestant);
}

}  // namespace

Result<void> ClickHouseExport::create_table() {
  const auto made =
      with_retries(client_.stop(), [&](int) { return client_.query(clickhouse_ddl(client_.target())); });
  if (!made) return tl::unexpected(error_of(made.error()));
  return {};
}

tl::expected<ClickHouseExport::Known, Refusal> ClickHouseExport::look_up(const std::string& condition) {
  const auto answer = client_.query(
      fmt::format("SELECT round, batch, count(), min(time_ns), max(time_ns), sum(client), sum(value) FROM {} "
                  "WHERE {} GROUP BY round, batch",
                  client_.target().qualified_table(), condition));
  if (!answer) return tl::unexpected(answer.error());
  Known known;
  std::istringstream lines(*answer);
  std::pair<std::uint16_t, std::uint32_t> batch;
  Fingerprint there;
  while (lines >> batch.first >> batch.second >> there.rows >> there.first_ns >> there.last_ns >>
         there.clients >> there.values)
    known[batch] = there;
  return known;
}

tl::expected<void, Refusal> ClickHouseExport::await_end(const std::string& condition) {
  const auto sql = fmt::format("SELECT count() FROM system.processes WHERE {}", condition);
  for (auto waited = milliseconds{0};; waited += kBetweenLooks) {
    const auto at_work = client_.query(sql);
    if (!at_work) return tl::unexpected(at_work.error());
    if (*at_work == "0\n") return {};
    if (waited >= kPatience)
      return tl::unexpected(Refusal{Refusal::Kind::final,
                                    fmt::format("{}: the server is still at an insert of {} that was begun "
                                                "before: export again when it is done",
                                                client_.target().display(), run_)});
    if (!sleep_for(kBetweenLooks, client_.stop())) return tl::unexpected(interruption());
  }
}

Result<ClickHouseExport::Known> ClickHouseExport::known(std::string_view contestant) {
  // What an export that was killed has sent may yet arrive.
  const auto of_this_run =
      fmt::format("position(query_id, {}) = 1", sql_literal(id_prefix(run_, contestant)));
  auto there = with_retries(client_.stop(), [&](int) {
    return await_end(of_this_run).and_then([&] {
      return look_up(fmt::format("run = {} AND contestant = {}", sql_literal(run_), sql_literal(contestant)));
    });
  });
  if (!there) return tl::unexpected(error_of(there.error()));
  return std::move(*there);
}

Result<void> ClickHouseExport::send(const RowBinary& rows, const Name& name) {
  const auto sql = fmt::format("INSERT INTO {} ({}) FORMAT RowBinary", client_.target().qualified_table(),
                               kRowBinaryColumns);
  const auto id = fmt::format("{}{}-{}", id_prefix(run_, name.contestant), name.round, name.batch);
  const auto this_batch =
      fmt::format("run = {} AND contestant = {} AND round = {} AND batch = {}", sql_literal(run_),
                  sql_literal(name.contestant), name.round, name.batch);
  bool has_others = false;
  const auto sent = with_retries(client_.stop(), [&](int attempt) -> tl::expected<void, Refusal> {
    if (attempt > 1) {
      // Only the answer may have been lost: ask whether the batch arrived.
      const auto there = await_end(fmt::format("query_id = {}", sql_literal(id))).and_then([&] {
        return look_up(this_batch);
      });
      if (!there) return tl::unexpected(there.error());
      has_others = !there->empty() && there->begin()->second != rows.fingerprint();
      if (!there->empty()) return {};
    }
    return client_.insert(sql, rows.bytes(), id);
  });
  if (!sent) return tl::unexpected(error_of(sent.error()));
  if (has_others) return tl::unexpected(others(name.contestant));
  return {};
}

/// The round was measured afresh since: what is there is no part of it.
Error ClickHouseExport::others(std::string_view contestant) const {
  const auto& target = client_.target();
  return {
      Error::Kind::remote,
      fmt::format("{} has rows of {} of {} that this run does not have: take them out (ALTER TABLE {} DROP "
                  "PARTITION {}) and export again",
                  target.display(), contestant, run_, target.qualified_table(), sql_literal(run_))};
}

/// Gathers the rows of a batch, and sends it unless it is there.
class ClickHouseExport::Batches {
 public:
  Batches(ClickHouseExport& to, std::string_view contestant, Known known)
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
    if (!known_.empty()) return tl::unexpected(to_.others(contestant_));
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
      return tl::unexpected(to_.others(contestant_));
    }
    rows_.clear();
    return {};
  }

  ClickHouseExport& to_;
  const std::string contestant_;
  Known known_;  ///< those that have not come yet
  RowBinary rows_;
  std::uint16_t round_ = 0;
  std::uint32_t batch_ = 0;
  Inserted inserted_;
};

Result<Inserted> ClickHouseExport::insert(const Source& source,
                                          const std::optional<std::set<std::uint16_t>>& only,
                                          const Course& course) {
  auto there = known(source.contestant);
  if (!there) return tl::unexpected(there.error());
  Batches batches(*this, source.contestant, std::move(*there));
  Result<void> sent;
  bool stopped = false;
  const auto read =
      store::scan_timeline(source.run, source.contestant, {}, [&](const store::Stretch& stretch) {
        stopped = !course(stretch.reading);
        if (stopped || stretch.events.empty()) return !stopped;
        if (!only || only->contains(stretch.events.front().block->info.round))
          sent = batches.add(stretch.events);
        return sent.has_value();
      });
  if (!read) return tl::unexpected(read_error(read.error()));
  if (stopped) return tl::unexpected(Error{Error::Kind::interrupted, kInterruptedMessage});
  if (!sent) return tl::unexpected(sent.error());
  return batches.finish();
}

}  // namespace wsbench::exports
