#include "orchestrator/control/logs/background_tasks.hpp"

#include <sched.h>

#include <atomic>
#include <future>
#include <memory>
#include <vector>

#include <catch2/catch.hpp>

using wsbench::control::logs::BackgroundTasks;

namespace {

/// An task that holds the thread until it is let go.
class Gate {
 public:
  BackgroundTasks::Task task() {
    return [this] {
      entered_.set_value();
      leave_.get_future().wait();
    };
  }
  void wait_entered() { entered_.get_future().wait(); }
  void open() { leave_.set_value(); }

 private:
  std::promise<void> entered_, leave_;
};

}  // namespace

TEST_CASE("background tasks are run in order, on a thread that gives way to all others") {
  std::vector<int> order;
  int policy = -1;
  std::promise<void> done;
  BackgroundTasks background_tasks;
  REQUIRE(background_tasks.post([&] { policy = ::sched_getscheduler(0); }));
  for (int i = 0; i < 5; ++i) REQUIRE(background_tasks.post([&order, i] { order.push_back(i); }));
  REQUIRE(background_tasks.post([&done] { done.set_value(); }));
  done.get_future().wait();
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4});
  CHECK(policy == SCHED_IDLE);
}

TEST_CASE("no more background tasks wait than there is room for") {
  Gate gate;
  std::atomic<int> run{0};
  {
    BackgroundTasks background_tasks(2);
    REQUIRE(background_tasks.post(gate.task()));
    gate.wait_entered();
    CHECK_FALSE(background_tasks.is_full());
    CHECK(background_tasks.post([&run] { ++run; }));
    CHECK(background_tasks.post([&run] { ++run; }));
    CHECK(background_tasks.is_full());
    CHECK_FALSE(background_tasks.post([&run] { ++run; }));
    std::promise<void> done;
    gate.open();
    while (!background_tasks.post([&done] { done.set_value(); })) {
    }
    done.get_future().wait();
  }
  CHECK(run == 2);
}

TEST_CASE("after stop what waits is dropped unrun, and nothing is taken any more") {
  Gate gate;
  std::atomic<int> run{0};
  auto captured = std::make_shared<int>(0);
  {
    BackgroundTasks background_tasks;
    REQUIRE(background_tasks.post(gate.task()));
    gate.wait_entered();
    REQUIRE(background_tasks.post([&run, captured] { ++run; }));
    CHECK(captured.use_count() == 2);
    background_tasks.stop();
    CHECK(captured.use_count() == 1);
    CHECK_FALSE(background_tasks.post([&run] { ++run; }));
    CHECK(background_tasks.is_full());
    gate.open();
  }
  CHECK(run == 0);
}
