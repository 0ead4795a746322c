#include "tests/support/truth/frames.hpp"

#include <array>
#include <cctype>
#include <cstdint>

#include <websocketpp/base64/base64.hpp>
#include <websocketpp/sha1/sha1.hpp>

namespace wsbench::test::truth {

namespace {

constexpr std::uint64_t kLongest = std::uint64_t{1} << 20U;
constexpr std::size_t kMask = 4;

}  // namespace

std::string handshake_answer(std::string_view head) {
  constexpr std::string_view kHeader = "\r\nsec-websocket-key:";
  std::string lower(head);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto header = lower.find(kHeader);
  if (header == std::string::npos) return "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
  const auto begin = head.find_first_not_of(' ', header + kHeader.size());
  const auto key = std::string(head.substr(begin, head.find_first_of(" \r", begin) - begin));
  const auto keyed = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  websocketpp::sha1::calc(keyed.data(), keyed.size(), digest.data());
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         websocketpp::base64_encode(digest.data(), digest.size()) + "\r\n\r\n";
}

Frame take_frame(char* bytes, std::size_t size) {
  Frame frame;
  if (size < 2) return frame;
  const auto byte = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  frame.opcode = byte(0) & 0x0FU;
  std::uint64_t length = byte(1) & 0x7FU;
  const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (size < 2 + extended) return frame;
  if (extended != 0) length = 0;
  for (std::size_t i = 2; i < 2 + extended; ++i) length = length << 8U | byte(i);

  const bool is_known =
      frame.opcode == kText || frame.opcode == kBinary || (frame.opcode >= kClose && frame.opcode <= kPong);
  const bool is_last = (byte(0) & 0x80U) != 0, is_masked = (byte(1) & 0x80U) != 0;
  frame.is_wrong = !is_known || !is_last || !is_masked || length > kLongest;
  const std::size_t header = 2 + extended + kMask;
  if (frame.is_wrong || size < header + length) return frame;

  const char* mask = bytes + header - kMask;
  char* payload = bytes + header;
  for (std::size_t i = 0; i < length; ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % kMask]);
  frame.payload = {payload, static_cast<std::size_t>(length)};
  frame.size = header + static_cast<std::size_t>(length);
  return frame;
}

std::string frame_of(unsigned opcode, std::string_view payload) {
  std::string frame(1, static_cast<char>(0x80U | opcode));
  const std::size_t size = payload.size();
  const std::size_t extended = size < 126 ? 0 : size < 65536 ? 2 : 8;
  frame += static_cast<char>(extended == 0 ? size : extended == 2 ? 126 : 127);
  for (std::size_t i = extended; i-- > 0;) frame += static_cast<char>(std::uint64_t{size} >> (8 * i) & 0xFFU);
  frame += payload;
  return frame;
}

}  // namespace wsbench::test::truth
