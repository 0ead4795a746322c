#include <sched.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/client/collecting_sink.hpp"
#include "tests/client/load/loads.hpp"
#include "tests/support/truth/server.hpp"

// How late a client reads, held against a server that knows when it sent. Client and server have a CPU each
// where there are two. What is told of a read must agree with the server whatever else the machine does; so
// these bounds hold on a busy one.

using namespace std::chrono_literals;
using namespace wsbench;
using client::Mode;
using client::Plan;
using client::Summary;
using client::testing::CollectingSink;
using event::Duration;
using event::Kind;
using event::Phase;
using event::ReadLag;
using event::Time;
namespace truth = test::truth;

namespace {

/// The CPUs that this process may use, of the first and the last.
std::pair<int, int> two_cpus() {
  static const auto cpus = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    REQUIRE(::sched_getaffinity(0, sizeof set, &set) == 0);
    std::vector<int> found;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) found.push_back(cpu);
    }
    return std::pair(found.front(), found.back());
  }();
  return cpus;
}

void stay_on(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

/// Threads at the client's priority, on its CPU, that want all of it.
class BusyLoops {
 public:
  explicit BusyLoops(int count) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([](const std::stop_token& stop) {
        stay_on(two_cpus().second);
        while (!stop.stop_requested()) continue;
      });
    }
  }

 private:
  std::vector<std::jthread> threads_;
};

/// What was told of a read, and what the server knows of the echo that it brought.
struct Sample {
  ReadLag told;
  Time stamp;        ///< when the kernel had the echo, as it was told
  Time server_read;  ///< when the server had read the message
  Time server_sent;  ///< right before it gave the echo to its kernel
};

struct Measured {
  Summary summary;
  std::vector<Sample> samples;  ///< of the measuring phase
  std::size_t echoes = 0;       ///< likewise
};

using MessageId = std::pair<std::uint32_t, std::uint32_t>;

std::map<MessageId, truth::Record> records_of(const truth::Log& log) {
  std::map<MessageId, truth::Record> records;
  for (const auto& record : log.records()) records[{record.message.client, record.message.sequence}] = record;
  return records;
}

Time time_of(truth::Time time) {
  const Time now = event::Clock::now();
  return now + (time.time_since_epoch() - event::Clock::monotonic(now));
}

/// A second of measuring against a server that echoes at once.
Measured measure(Plan plan) {
  truth::Server server{truth::Behaviour{}};
  plan.target = {"127.0.0.1", server.port(), "/"};
  plan.transport = client::testing::transport_under_test();
  plan.ramp_per_second = 10000;
  plan.connect_timeout = plan.drain_limit = plan.close_limit = 10s;
  plan.warm_up = 200ms;
  plan.measuring = 1s;
  plan.cpus = {two_cpus().second};
  CollectingSink sink;
  Measured measured;
  {
    const std::jthread serving([&](const std::stop_token& stop) {
      stay_on(two_cpus().first);
      server.run(stop);
    });
    measured.summary = client::testing::run(plan, sink);
  }
  const auto records = records_of(server.log());
  std::map<std::pair<std::uint32_t, Time>, std::uint32_t> last_echo;  // of those that were read at once
  for (const auto& [info, echo] : sink.of(Kind::recv_message)) {
    last_echo[{echo.client, echo.time}] = echo.sequence;
    measured.echoes += info.phase == Phase::measuring;
  }
  for (const auto& [info, event] : sink.of(Kind::read_lag)) {
    if (info.phase != Phase::measuring) continue;
    const ReadLag told = ReadLag::unpack(event.value, event.sequence);
    const auto& record = records.at({event.client, last_echo.at({event.client, event.time})});
    measured.samples.push_back(
        {told, event.time + told.after - told.lag, time_of(record.read), time_of(record.sent)});
  }
  return measured;
}

/// A load in which a client has 50 ms for an echo, or one in which the next message waits for it.
Plan plan_of(Mode mode) {
  Plan plan;
  plan.mode = mode;
  plan.clients = 40;
  plan.interval = 50ms;
  plan.sampled_one_in = 1;
  return plan;
}

template <typename Of>
Duration quantile(const std::vector<Sample>& samples, double q, Of of) {
  std::vector<Duration> values;
  std::transform(samples.begin(), samples.end(), std::back_inserter(values), of);
  std::sort(values.begin(), values.end());
  return values.at(static_cast<std::size_t>(q * static_cast<double>(values.size() - 1)));
}

Duration lag_of(const Sample& sample) {
  return sample.told.lag;
}

/// That the kernel had each echo when the server says that it sent it.
void check_stamps(const std::vector<Sample>& samples) {
  std::size_t close = 0;
  for (const Sample& sample : samples) {
    REQUIRE(sample.stamp >= sample.server_sent - 10us);  // The error of reading two clocks.
    close += sample.stamp <= sample.server_sent + 500us;
  }
  // Between its clock and its send() the server may lose its CPU, or the kernel take its time; seldom.
  CHECK(close >= samples.size() * 9 / 10);
}

}  // namespace

TEST_CASE("what is told of a read agrees with the server that sent, in open and closed loops") {
  const auto mode = GENERATE(Mode::open, Mode::closed);
  const Measured measured = measure(plan_of(mode));
  CHECK(measured.summary.totals.measured_received == measured.summary.totals.measured_sent);
  // Of several echoes in one read only the last has a sample.
  CHECK(measured.samples.size() <= measured.echoes);
  CHECK(measured.samples.size() >= measured.echoes / 2);
  check_stamps(measured.samples);
}

TEST_CASE(
    "a client that others keep from its CPU is told to read late, which the server is not to blame for") {
  const auto mode = GENERATE(Mode::open, Mode::closed);
  if (two_cpus().first == two_cpus().second) {
    WARN("a server with the client's CPU is starved with it");
    return;
  }
  const Duration quiet = quantile(measure(plan_of(mode)).samples, 0.5, lag_of);
  const BusyLoops others(10);
  const Measured starved = measure(plan_of(mode));
  check_stamps(starved.samples);
  const Duration lag_p99 = quantile(starved.samples, 0.99, lag_of);
  const Duration server_p50 =
      quantile(starved.samples, 0.5, [](const Sample& s) { return s.server_sent - s.server_read; });
  CHECK(lag_p99 >= 2ms);  // Ten others have their turns first, of some milliseconds each.
  CHECK(lag_p99 >= 3 * quiet);
  CHECK(lag_p99 >= 10 * server_p50);
  // All of that is in what is told of latencies, but for the rest of the turn in which an echo was read.
  const Duration in_latency_p99 =
      quantile(starved.samples, 0.99, [](const Sample& s) { return s.told.in_latency(); });
  CHECK(in_latency_p99 >= lag_p99 / 2);

  const client::ShardUse& use = starved.summary.shards.at(0);
  if (use.run_queue_wait) CHECK(*use.run_queue_wait >= use.wall / 10);
}

TEST_CASE("of the reads of a load a share is told, where that is enough") {
  Plan plan = plan_of(Mode::open);
  plan.interval = 10ms;
  plan.sampled_one_in = 4;
  const Measured measured = measure(plan);
  CHECK(measured.samples.size() >= measured.echoes / 40);
  CHECK(measured.samples.size() <= measured.echoes / 3);
}

TEST_CASE("nothing is sampled where that is asked for") {
  Plan plan = plan_of(Mode::open);
  plan.sampled_one_in = 0;
  CHECK(measure(plan).samples.empty());
}
