#include "store/event/codec.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "tests/store/loads.hpp"

using namespace wsbench::event;
namespace loads = wsbench::loads;

namespace {

void require_equal(const Block& left, const Block& right) {
  REQUIRE(left.size() == right.size());
  CHECK(left.times() == right.times());
  CHECK(left.values() == right.values());
  CHECK(left.clients() == right.clients());
  CHECK(left.sequences() == right.sequences());
  CHECK(left.kinds() == right.kinds());
  CHECK(left.info.round == right.info.round);
  CHECK(left.info.phase == right.info.phase);
  CHECK(left.info.agent == right.info.agent);
  CHECK(left.info.shard == right.info.shard);
  CHECK(left.info.number == right.info.number);
}

void require_round_trip(const Block& block) {
  Packer packer;
  Block back;
  for (int i = 0; i < 10; ++i) back.append({Time(Duration{i}), 7, 7, 7, Kind::exit});  // to be overwritten
  REQUIRE(unpack(packer.pack(block), back));
  require_equal(back, block);
}

Block block_of(const std::vector<Event>& events) {
  Block block;
  block.info = {3, Phase::measuring, 1, 0xFFFF, 0xFFFFFFFF};
  for (const Event& event : events) block.append(event);
  return block;
}

/// Every enumerator of Kind.
constexpr std::array kEveryKind{Kind::ws_init,      Kind::ws_onopen,       Kind::send_message,
                                Kind::recv_message, Kind::ws_onclose,      Kind::exit,
                                Kind::server,       Kind::read_lag,        Kind::duplicate_echo,
                                Kind::altered_echo, Kind::foreign_message, Kind::not_sent,
                                Kind::phase_began,  Kind::instrument};

template <typename T>
T any(std::mt19937_64& random) {
  // Now a small number, now one near either end of the type, now any.
  const auto bits = static_cast<T>(random());
  switch (random() % 4) {
    case 0:
      return static_cast<T>(bits & 0xFF);
    case 1:
      return static_cast<T>(std::numeric_limits<T>::max() - (bits & 0xFF));
    case 2:
      return static_cast<T>(std::numeric_limits<T>::min() + (bits & 0xFF));
    default:
      return bits;
  }
}

Event any_event(std::mt19937_64& random) {
  return {Time(Duration(any<Duration::rep>(random))), any<std::uint64_t>(random), any<std::uint32_t>(random),
          any<std::uint32_t>(random), kEveryKind[random() % kEveryKind.size()]};
}

/// Six handshakes, a few messages with one echo missing, an end: every kind of column, and still small.
Block small_block() {
  std::vector<Event> events;
  std::int64_t time = 1'795'000'000'000'000'000;
  for (std::uint32_t client = 0; client < 6; ++client) {
    events.push_back({Time(Duration(time += 900)), 0, client, 0, Kind::ws_init});
    events.push_back({Time(Duration(time += 70'000)), 0, client, 0, Kind::ws_onopen});
  }
  for (std::uint32_t sequence = 0; sequence < 4; ++sequence)
    for (std::uint32_t client = 0; client < 6; ++client) {
      events.push_back({Time(Duration(time += 4000)), 1200, client, sequence, Kind::send_message});
      if (client != 4)
        events.push_back({Time(Duration(time -= 300)), 0, client, sequence, Kind::recv_message});
    }
  events.push_back({Time(Duration(time + 10)), Ending{Reason::reset, 104}.packed(), 4, 0, Kind::exit});
  return block_of(events);
}

}  // namespace

TEST_CASE("a block without events comes back as it was") {
  require_round_trip(block_of({}));
}

TEST_CASE("a single event of every kind comes back as it was") {
  const Kind kind = kEveryKind[GENERATE(range(std::size_t{0}, kEveryKind.size()))];
  require_round_trip(block_of({{Time(Duration{-5}), 77, 12, 13, kind}}));
}

TEST_CASE("blocks of every size around a frame's come back as they were") {
  std::mt19937_64 random(5);
  const std::size_t size = GENERATE(2U, 7U, 8U, 9U, 127U, 128U, 129U, 255U, 256U, 257U, 4095U, 4096U);
  Block block;
  while (block.size() < size) block.append(any_event(random));
  require_round_trip(block);
}

TEST_CASE("random events at the extremes of every field come back as they were") {
  std::mt19937_64 random(GENERATE(range(1U, 40U)));
  Block block = block_of({});
  for (std::size_t size = random() % 400; block.size() < size;) block.append(any_event(random));
  require_round_trip(block);
}

TEST_CASE("every width of a column comes back as it was") {
  const unsigned width = GENERATE(range(0U, 65U));
  std::mt19937_64 random(width);
  const std::uint64_t mask = width == 0 ? 0 : ~std::uint64_t{0} >> (64 - width);
  Block block;
  for (int i = 0; i < 333; ++i)
    block.append({Time(Duration(static_cast<Duration::rep>(random() & mask))), random() & mask,
                  static_cast<std::uint32_t>(random() & mask), static_cast<std::uint32_t>(random() & mask),
                  Kind::server});
  require_round_trip(block);
}

TEST_CASE("messages that repeat, cross and miss their partners come back as they were") {
  // Few clients and sequences, so that references go wrong wherever they can.
  std::mt19937_64 random(GENERATE(range(1U, 30U)));
  const auto clients = static_cast<std::uint32_t>(1 + random() % 5);
  const auto sequences = static_cast<std::uint32_t>(1 + random() % 50);
  Block block;
  while (block.size() < 1000)
    block.append({Time(Duration(static_cast<Duration::rep>(random() % 1000))), random() % 3,
                  static_cast<std::uint32_t>(random() % clients),
                  static_cast<std::uint32_t>(random() % sequences) - 2,
                  random() % 2 == 0 ? Kind::send_message : Kind::recv_message});
  require_round_trip(block);
}

TEST_CASE("loads come back as they were, in at most 5 bytes an event") {
  loads::Load load;
  load.length = std::chrono::seconds{2};
  const auto name = GENERATE("open", "closed 100", "closed 10000");
  std::vector<Event> events;
  if (std::strcmp(name, "open") == 0) {
    load.clients = 10000;
    events = loads::open_loop(load);
  } else {
    load.clients = std::strcmp(name, "closed 100") == 0 ? 100 : 10000;
    load.length = std::chrono::milliseconds{400};
    events = loads::closed_loop(load);
  }
  Packer packer;
  Block back;
  std::size_t bytes = 0;
  for (const auto& block : loads::blocks_of(events, {2, Phase::measuring, 0, 1, 0})) {
    const auto packed = packer.pack(*block);
    bytes += packed.size();
    REQUIRE(unpack(packed, back));
    require_equal(back, *block);
  }
  CAPTURE(name);
  CHECK(static_cast<double>(bytes) <= 5.0 * static_cast<double>(events.size()));
}

TEST_CASE("a header is read without the columns") {
  const Block block = block_of({{Time(Duration{500}), 1, 2, 3, Kind::send_message},
                                {Time(Duration{-7}), 0, 2, 3, Kind::recv_message},
                                {Time(Duration{90}), 4, 0, 0, Kind::server}});
  Packer packer;
  const auto header = read_header(packer.pack(block));
  REQUIRE(header);
  CHECK(header->events == 3);
  CHECK(header->earliest == Time(Duration{-7}));
  CHECK(header->latest == Time(Duration{500}));
  CHECK(header->info.phase == Phase::measuring);
  CHECK(header->info.shard == 0xFFFF);
  CHECK(header->info.number == 0xFFFFFFFF);
}

TEST_CASE("a block cut short anywhere is refused as truncated") {
  Packer packer;
  const std::string packed(packer.pack(small_block()));
  Block block;
  for (std::size_t size = 0; size < packed.size(); ++size) {
    // A copy of that very size, for the address sanitizer to see any look behind its end.
    const std::vector<char> cut(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size));
    const auto result = unpack({cut.data(), cut.size()}, block);
    REQUIRE_FALSE(result);
    REQUIRE(result.error() == CodecError::truncated);
    REQUIRE(block.empty());
  }
}

TEST_CASE("a block with bytes behind it is refused as malformed") {
  Packer packer;
  const std::string packed = std::string(packer.pack(small_block())) + '\0';
  Block block;
  CHECK(unpack(packed, block).error() == CodecError::malformed);
}

TEST_CASE("every single flipped bit is refused") {
  Packer packer;
  const std::string packed(packer.pack(small_block()));
  Block block;
  for (std::size_t bit = 0; bit < 8 * packed.size(); ++bit) {
    std::vector<char> bad(packed.begin(), packed.end());
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    const auto result = unpack({bad.data(), bad.size()}, block);
    REQUIRE_FALSE(result);
    // The magic, the version and the sizes speak before the checksum does.
    if (bit / 8 >= 16) REQUIRE(result.error() == CodecError::checksum);
  }
}

TEST_CASE("nonsense under a right checksum is refused or read, and harms nothing") {
  Packer packer;
  const std::string packed(packer.pack(small_block()));
  std::mt19937_64 random(11);
  Block block;
  std::size_t refused = 0;
  for (int i = 0; i < 20000; ++i) {
    std::vector<char> bad(packed.begin(), packed.end());
    for (auto changes = 1 + random() % 3; changes > 0; --changes)
      bad[16 + random() % (bad.size() - 24)] = static_cast<char>(random());
    const std::uint64_t checksum = XXH3_64bits(bad.data(), bad.size() - 8);
    std::memcpy(bad.data() + bad.size() - 8, &checksum, 8);
    const auto result = unpack({bad.data(), bad.size()}, block);
    if (!result) REQUIRE(result.error() == CodecError::malformed);
    if (!result) REQUIRE(block.empty());
    refused += !result;
  }
  CHECK(refused > 1000);
}

TEST_CASE("another version is refused as such") {
  Packer packer;
  std::string packed(packer.pack(small_block()));
  packed[4] = static_cast<char>(GENERATE(0, 3));
  Block block;
  CHECK(unpack(packed, block).error() == CodecError::version);
  CHECK(read_header(packed).error() == CodecError::version);
}

TEST_CASE("a block of version 1 is read as before: kinds below 8 only, whatever stands in the high bytes") {
  Packer packer;
  const Block block = small_block();
  std::string packed(packer.pack(block));
  packed[4] = 1;
  packed[42] = packed[43] = GENERATE('\0', '\x7F');
  const std::uint64_t checksum = XXH3_64bits(packed.data(), packed.size() - 8);
  std::memcpy(packed.data() + packed.size() - 8, &checksum, 8);
  Block back;
  REQUIRE(unpack(packed, back));
  require_equal(back, block);
  CHECK(read_header(packed)->kinds == read_header(packer.pack(block))->kinds);
}

TEST_CASE("a header tells the kinds of its block, the later ones too") {
  Packer packer;
  const auto header = read_header(packer.pack(block_of(
      {{Time(Duration{5}), 1, 2, 3, Kind::ws_init}, {Time(Duration{6}), 1, 2, 3, Kind::phase_began}})));
  REQUIRE(header);
  CHECK(header->kinds == ((1U << 1U) | (1U << 13U)));
}

TEST_CASE("what is no block is refused as malformed") {
  const std::string text(200, 'x');
  Block block;
  CHECK(unpack(text, block).error() == CodecError::malformed);
}
