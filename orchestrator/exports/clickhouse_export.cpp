#include "orchestrator/exports/clickhouse_export.hpp"

#include <chrono>
#include <sstream>
#include <thread>

#include <fmt/format.h>

namespace wsbench::exports {

namespace {

constexpr int kAttempts = 6;
constexpr std::chrono::milliseconds kFirstPause{200};  ///< doubled from one attempt to the next

tl::unexpected<Error> remote(std::string message) {
  return tl::unexpected(Error{Error::Kind::remote, std::move(message)});
}

/// Calls `attempt` until it succeeds, fails for good, or has failed often enough.
template <typename Attempt>
auto with_retries(Attempt&& attempt) {
  auto pause = kFirstPause;
  for (int number = 1;; ++number, pause *= 2) {
    auto outcome = attempt(number);
    if (outcome || !outcome.error().is_passing || number == kAttempts) return outcome;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

Result<std::string> ClickHouseExport::ask(const std::string& sql) {
  auto answer = with_retries([&](int) { return client_.query(sql); });
  if (!answer) return remote(answer.error().message);
  return std::move(*answer);
}

Result<void> ClickHouseExport::create_table() {
  return ask(clickhouse_ddl(client_.target())).map([](const std::string&) {});
}

Result<ClickHouseExport::Known> ClickHouseExport::known(std::string_view contestant) {
  const auto answer = ask(fmt::format(
      "SELECT round, batch, count() FROM {} WHERE run = {} AND contestant = {} GROUP BY round, batch",
      client_.target().qualified_table(), sql_literal(run_), sql_literal(contestant)));
  if (!answer) return tl::unexpected(answer.error());
  Known known;
  std::istringstream lines(*answer);
  std::uint64_t rows = 0;
  for (std::pair<std::uint16_t, std::uint32_t> batch; lines >> batch.first >> batch.second >> rows;)
    known[batch] = rows;
  return known;
}

Result<void> ClickHouseExport::send(const RowBinary& rows, std::string_view contestant, std::uint16_t round,
                                    std::uint32_t batch) {
  const auto sql = fmt::format("INSERT INTO {} ({}) FORMAT RowBinary", client_.target().qualified_table(),
                               kRowBinaryColumns);
  const auto count = fmt::format(
      "SELECT count() FROM {} WHERE run = {} AND contestant = {} AND round = {} AND batch = {}",
      client_.target().qualified_table(), sql_literal(run_), sql_literal(contestant), round, batch);
  const auto id = fmt::format("wsbench-{}-{}-{}-{}", run_, contestant, round, batch);
  const auto sent = with_retries([&](int attempt) -> tl::expected<void, Refusal> {
    if (attempt > 1) {
      // Only the answer may have been lost: ask whether the batch arrived.
      const auto there = client_.query(count);
      if (!there) return tl::unexpected(there.error());
      if (*there == fmt::format("{}\n", rows.rows())) return {};
    }
    return client_.insert(sql, rows.bytes(), id);
  });
  if (!sent) return remote(sent.error().message);
  return {};
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
    if (!known_.empty()) return others();
    return inserted_;
  }

 private:
  Result<void> finish_batch() {
    if (rows_.rows() == 0) return {};
    const auto there = known_.find({round_, batch_});
    if (there == known_.end()) {
      if (auto sent = to_.send(rows_, contestant_, round_, batch_); !sent) return sent;
      inserted_.rows += rows_.rows();
    } else if (there->second == rows_.rows()) {
      inserted_.skipped += rows_.rows();
      known_.erase(there);
    } else {
      return others();
    }
    rows_.clear();
    return {};
  }

  /// The round was measured afresh since: what is there is no part of it.
  tl::unexpected<Error> others() const {
    const auto& target = to_.client_.target();
    return remote(fmt::format(
        "{} has rows of {} of {} that this run does not have: take them out (ALTER TABLE {} DROP PARTITION "
        "{}) "
        "and export again",
        target.display(), contestant_, to_.run_, target.qualified_table(), sql_literal(to_.run_)));
  }

  ClickHouseExport& to_;
  const std::string contestant_;
  Known known_;  ///< those that have not come yet
  RowBinary rows_;
  std::uint16_t round_ = 0;
  std::uint32_t batch_ = 0;
  Inserted inserted_;
};

Result<Inserted> ClickHouseExport::insert(const Source& source, const Course& course) {
  auto there = known(source.contestant);
  if (!there) return tl::unexpected(there.error());
  Batches batches(*this, source.contestant, std::move(*there));
  Result<void> sent;
  bool stopped = false;
  const auto read =
      store::scan_timeline(source.run, source.contestant, {}, [&](const store::Stretch& stretch) {
        stopped = !course(stretch.reading);
        if (!stopped) sent = batches.add(stretch.events);
        return !stopped && sent.has_value();
      });
  if (!read) return tl::unexpected(read_error(read.error()));
  if (stopped) return tl::unexpected(Error{Error::Kind::interrupted, "interrupted: the next export goes on"});
  if (!sent) return tl::unexpected(sent.error());
  return batches.finish();
}

}  // namespace wsbench::exports
