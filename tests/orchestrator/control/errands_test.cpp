#include "orchestrator/control/errands.hpp"

#include <sched.h>

#include <atomic>
#include <future>
#include <memory>
#include <vector>

#include <catch2/catch.hpp>

using wsbench::control::Errands;

namespace {

/// An errand that holds the thread until it is let go.
class Gate {
 public:
  Errands::Errand errand() {
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

TEST_CASE("errands are run in order, on a thread that gives way to all others") {
  std::vector<int> order;
  int policy = -1;
  std::promise<void> done;
  Errands errands;
  REQUIRE(errands.post([&] { policy = ::sched_getscheduler(0); }));
  for (int i = 0; i < 5; ++i) REQUIRE(errands.post([&order, i] { order.push_back(i); }));
  REQUIRE(errands.post([&done] { done.set_value(); }));
  done.get_future().wait();
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4});
  CHECK(policy == SCHED_IDLE);
}

TEST_CASE("no more errands wait than there is room for") {
  Gate gate;
  std::atomic<int> run{0};
  {
    Errands errands(2);
    REQUIRE(errands.post(gate.errand()));
    gate.wait_entered();
    CHECK_FALSE(errands.is_full());
    CHECK(errands.post([&run] { ++run; }));
    CHECK(errands.post([&run] { ++run; }));
    CHECK(errands.is_full());
    CHECK_FALSE(errands.post([&run] { ++run; }));
    std::promise<void> done;
    gate.open();
    while (!errands.post([&done] { done.set_value(); })) {
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
    Errands errands;
    REQUIRE(errands.post(gate.errand()));
    gate.wait_entered();
    REQUIRE(errands.post([&run, captured] { ++run; }));
    CHECK(captured.use_count() == 2);
    errands.stop();
    CHECK(captured.use_count() == 1);
    CHECK_FALSE(errands.post([&run] { ++run; }));
    CHECK(errands.is_full());
    gate.open();
  }
  CHECK(run == 0);
}
