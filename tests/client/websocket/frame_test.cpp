#include "client/websocket/frame.hpp"

#include <cstring>
#include <string>

#include <catch2/catch.hpp>

using wsbench::client::append_masked;
using wsbench::client::frame_header;
using wsbench::client::Opcode;

namespace {

std::uint32_t mask_of(const char (&bytes)[5]) {
  std::uint32_t mask = 0;
  std::memcpy(&mask, bytes, sizeof mask);
  return mask;
}

std::string header_of_size(std::size_t size) {
  return frame_header(Opcode::text, true, size, mask_of("MASK"));
}

}  // namespace

TEST_CASE("a frame header has the shortest length that holds the size, and then the mask") {
  using namespace std::string_literals;
  CHECK(header_of_size(0) == "\x81\x80MASK"s);
  CHECK(header_of_size(125) == "\x81\xFDMASK"s);
  CHECK(header_of_size(126) == "\x81\xFE\x00\x7EMASK"s);
  CHECK(header_of_size(65535) == "\x81\xFE\xFF\xFFMASK"s);
  CHECK(header_of_size(65536) == "\x81\xFF\0\0\0\0\0\x01\0\0MASK"s);
}

TEST_CASE("a frame header tells its opcode and whether it is the last") {
  CHECK(frame_header(Opcode::continuation, false, 1, 0)[0] == '\x00');
  CHECK(frame_header(Opcode::binary, false, 1, 0)[0] == '\x02');
  CHECK(frame_header(Opcode::ping, true, 1, 0)[0] == '\x89');
}

TEST_CASE("the example of RFC 6455, section 5.7: a masked Hello") {
  const std::uint32_t mask = mask_of("\x37\xfa\x21\x3d");
  std::string frame = frame_header(Opcode::text, true, 5, mask);
  append_masked(frame, "Hello", mask);
  CHECK(frame == "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
}

TEST_CASE("masking twice gives the bytes back, at any length and place") {
  const std::uint32_t mask = mask_of("\x01\x82\x7f\xff");
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string bytes = std::string("The quick brown fox jumps over the lazy dog").substr(0, size);
    std::string once = "x";
    append_masked(once, bytes, mask);
    std::string twice;
    append_masked(twice, std::string_view(once).substr(1), mask);
    CHECK(twice == bytes);
  }
}
