#include "orchestrator/util/suggest.hpp"

#include <catch2/catch.hpp>

using wsbench::util::edit_distance;
using wsbench::util::nearest;

TEST_CASE("edit distance counts insertions, deletions, replacements and swaps of neighbours") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("clients", "clients") == 0);
  CHECK(edit_distance("clints", "clients") == 1);
  CHECK(edit_distance("clientss", "clients") == 1);
  CHECK(edit_distance("cliemts", "clients") == 1);
  CHECK(edit_distance("cleints", "clients") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("the nearest word is suggested, and none when all are far") {
  const std::vector<std::string> keys{"host",          "port", "clients", "interval_ms",
                                      "payload_bytes", "seed", "seconds"};
  CHECK(nearest("clints", keys) == "clients");
  CHECK(nearest("prot", keys) == "port");
  CHECK(nearest("payloadBytes", keys) == "payload_bytes");
  CHECK(nearest("payload-bytes", keys) == "payload_bytes");
  CHECK(nearest("interval", keys) == "interval_ms");
  CHECK(nearest("HOST", keys) == "host");
  CHECK_FALSE(nearest("colour", keys));
  CHECK_FALSE(nearest("", keys));
  CHECK_FALSE(nearest("ab", keys));
  CHECK_FALSE(nearest(std::string(100000, 'c'), keys));
}
