#include "store/event/event.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace wsbench::event;

TEST_CASE("metrics have the names and numbers that docs/store.md gives them") {
  const std::vector<std::string> by_number{"unknown",
                                           "rss_bytes",
                                           "pss_bytes",
                                           "cpu_nanoseconds",
                                           "threads",
                                           "files",
                                           "connections",
                                           "processes",
                                           "pid",
                                           "run_queue_wait_nanoseconds",
                                           "machine_steal_nanoseconds",
                                           "machine_cpu_nanoseconds",
                                           "wall_clock_step_nanoseconds",
                                           "unknown"};
  for (std::size_t number = 0; number < by_number.size(); ++number)
    CHECK(name(static_cast<Metric>(number)) == by_number[number]);
}
