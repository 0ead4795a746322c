#include "client/load/read_sampling.hpp"

#include <cstddef>
#include <vector>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using wsbench::client::Mode;
using wsbench::client::Plan;
using wsbench::client::ReadSampling;

namespace {

Plan plan_of(Mode mode, std::uint32_t clients, std::size_t threads = 1) {
  Plan plan;
  plan.mode = mode;
  plan.clients = clients;
  plan.threads = threads;
  plan.interval = 1s;
  plan.measuring = 600s;
  plan.warm_up = 60s;
  return plan;
}

/// How many clients of each shard are sampled.
std::vector<std::size_t> sampled(const Plan& plan) {
  const ReadSampling sampling(plan);
  std::vector<std::size_t> clients(plan.threads);
  for (std::uint32_t id = 0; id < plan.clients; ++id) clients[id % plan.threads] += sampling.samples(id);
  return clients;
}

}  // namespace

TEST_CASE("of many clients one in 32 is sampled, with all its reads, from every shard alike") {
  const auto mode = GENERATE(Mode::open, Mode::closed);
  const Plan plan = plan_of(mode, 12800, GENERATE(1, 2, 4));
  for (const std::size_t clients : sampled(plan)) CHECK(clients == 12800 / 32 / plan.threads);
  CHECK(ReadSampling(plan).reads() == 1);
}

TEST_CASE("of fewer clients 32 or more are sampled, and of their reads so many that it is one in 32 of all") {
  const auto mode = GENERATE(Mode::open, Mode::closed);
  const auto clients = GENERATE(as<std::uint32_t>(), 32, 33, 63, 64, 200, 500, 1000);
  Plan plan = plan_of(mode, clients, 2);
  plan.interval = 100ms;
  const auto shards = sampled(plan);
  const auto all = static_cast<double>(shards[0] + shards[1]);
  CHECK(all >= 32);
  CHECK(shards[0] - shards[1] <= 1);
  const double share = all / clients / ReadSampling(plan).reads();
  CHECK(share >= 1.0 / 33);
  CHECK(share <= 1.0 / 16);
}

TEST_CASE("of fewer than 32 clients all are sampled") {
  const auto clients = GENERATE(as<std::uint32_t>(), 1, 2, 31);
  CHECK(sampled(plan_of(GENERATE(Mode::open, Mode::closed), clients)) == std::vector<std::size_t>{clients});
}

TEST_CASE("every read is told where one in 32 would be fewer than 1,000 of the measuring phase") {
  Plan plan = plan_of(Mode::open, 200);
  plan.measuring = 161s;  // 32,200 messages
  CHECK(sampled(plan)[0] < 200);
  plan.measuring = 159s;
  CHECK(sampled(plan)[0] == 200);
  CHECK(ReadSampling(plan).reads() == 1);
  CHECK(ReadSampling(plan).reads_measured(0) == 1);
}

TEST_CASE("how many messages a closed loop will have is told by its warm-up, if by anything") {
  Plan plan = plan_of(Mode::closed, 100);
  const ReadSampling sampling(plan);
  CHECK(sampling.reads() == 10);
  CHECK(sampling.reads_measured(3201) == 10);
  CHECK(sampling.reads_measured(3199) == 1);
  plan.warm_up = 0s;
  CHECK(ReadSampling(plan).reads_measured(0) == 1);
  CHECK(ReadSampling(plan_of(Mode::open, 100)).reads_measured(0) == 10);
}

TEST_CASE("other shares can be asked for: all, or none") {
  Plan plan = plan_of(GENERATE(Mode::open, Mode::closed), 10000);
  plan.sampled_one_in = 1;
  CHECK(sampled(plan)[0] == 10000);
  CHECK(ReadSampling(plan).reads() == 1);
  CHECK(ReadSampling(plan).reads_measured(1000000) == 1);
  plan.sampled_one_in = 0;
  CHECK(sampled(plan)[0] == 0);
  CHECK_FALSE(ReadSampling(plan).any());
}
