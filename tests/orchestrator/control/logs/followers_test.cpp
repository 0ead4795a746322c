#include "orchestrator/control/logs/followers.hpp"

#include <atomic>
#include <optional>

#include <catch2/catch.hpp>

#include "tests/orchestrator/control/recording_answer.hpp"

using namespace std::chrono_literals;
using namespace wsbench::control::logs;
using namespace wsbench::control::state;
using wsbench::test::Record;
using wsbench::test::RecordingStream;

namespace {

/// A log, its follower, and what the follower's reader was sent.
struct Fixture {
  std::string log = "old\n";
  std::optional<Refusal> refusal;
  bool repeats_old_bytes = true;  ///< as supervisord does; its typed client does not
  std::shared_ptr<Record> record = std::make_shared<Record>();

  TailLog tail = [this](std::int64_t offset, std::int64_t length) -> tl::expected<LogWindow, Refusal> {
    if (refusal) return tl::unexpected(*refusal);
    const auto size = static_cast<std::int64_t>(log.size());
    if (offset >= size) return LogWindow{"", size, false};
    const auto begin = std::max<std::int64_t>(size - length, repeats_old_bytes ? 0 : offset);
    return LogWindow{log.substr(static_cast<std::size_t>(begin)), size, size > offset + length};
  };

  LogFollower follower() { return {std::make_unique<RecordingStream>(record), tail, 4}; }
  std::string sent() { return record->streamed(""); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a follower sends what has been added, once") {
  repeats_old_bytes = GENERATE(true, false);
  auto one = follower();
  CHECK(one.poll());
  CHECK(sent().empty());
  log += "new\n";
  CHECK(one.poll());
  CHECK(one.poll());
  CHECK(sent() == "new\n");
  log += "newer\n";
  CHECK(one.poll());
  CHECK(sent() == "new\nnewer\n");
}

TEST_CASE_METHOD(Fixture, "a log that was truncated is followed from its start, and that is said") {
  auto one = follower();
  log = "x\n";
  CHECK(one.poll());
  CHECK(sent() == "==> File truncated <==\nx\n");
}

TEST_CASE_METHOD(Fixture, "a log that grows too fast is followed with a gap, and that is said") {
  auto one = follower();
  log += std::string(100'000, 'a') + "\n";
  CHECK(one.poll());
  CHECK(sent() ==
        "==> " + std::to_string(100'001 - 65'536) + " bytes skipped <==\n" + std::string(65'535, 'a') + "\n");
}

TEST_CASE_METHOD(Fixture, "a log that cannot be read for a while is followed on, which is said once") {
  auto one = follower();
  refusal = Refusal{Refusal::Kind::failed, "supervisord does not answer"};
  for (int i = 0; i < 3; ++i) CHECK(one.poll());
  refusal.reset();
  log += "new\n";
  CHECK(one.poll());
  CHECK(sent() == "==> supervisord does not answer <==\nnew\n");
}

TEST_CASE_METHOD(Fixture, "a log that is gone ends its follower, and so does a reader that is gone") {
  auto one = follower();
  refusal = Refusal{Refusal::Kind::not_found, "the suite is no longer listed"};
  CHECK_FALSE(one.poll());
  CHECK(sent() == "==> the suite is no longer listed <==\n");
  refusal.reset();
  record->hang_up();
  CHECK_FALSE(one.poll());
}

namespace {

/// A stream's record and a follower of a log that never grows.
struct Silent {
  std::shared_ptr<Record> record = std::make_shared<Record>();
  LogFollower follower(std::atomic<int>* polls = nullptr) {
    return {std::make_unique<RecordingStream>(record),
            [polls](std::int64_t, std::int64_t) {
              if (polls != nullptr) ++*polls;
              return LogWindow{};
            },
            0};
  }
};

}  // namespace

TEST_CASE("followers are polled again and again, and their number is bounded") {
  std::atomic<int> polls{0};
  Silent first, second, third;
  Followers followers(2, 1ms);
  REQUIRE(followers.add(first.follower(&polls)));
  REQUIRE(followers.add(second.follower()));
  CHECK(followers.is_full());
  CHECK_FALSE(followers.add(third.follower()));
  CHECK(third.record->is_over());
  const auto limit = std::chrono::steady_clock::now() + 10s;
  while (polls < 3 && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
  CHECK(polls >= 3);
}

TEST_CASE("a reader that goes away makes room for another") {
  Silent first, second;
  Followers followers(1, 1ms);
  REQUIRE(followers.add(first.follower()));
  first.record->hang_up();
  CHECK(first.record->is_over());
  const auto limit = std::chrono::steady_clock::now() + 10s;
  while (followers.is_full() && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
  CHECK(followers.add(second.follower()));
}

TEST_CASE("when followers are stopped every reader is let go, and none is taken any more") {
  Silent first, second;
  Followers followers(8, 1h);
  REQUIRE(followers.add(first.follower()));
  followers.stop();
  CHECK(first.record->is_over());
  CHECK_FALSE(followers.add(second.follower()));
  CHECK(followers.is_full());
}
