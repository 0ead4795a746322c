#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// A server's side of RFC 6455, as much as a load needs: no fragments, no extensions, messages of up to 1 MiB.

namespace wsbench::test::truth {

constexpr unsigned kText = 0x1, kBinary = 0x2, kClose = 0x8, kPing = 0x9, kPong = 0xA;

/// The 101 that answers a request's head, or a 400 when there is no key in it (section 4.2.2).
std::string handshake_answer(std::string_view head);

/// A frame at the beginning of what was read.
struct Frame {
  unsigned opcode = 0;
  std::string_view payload;
  std::size_t size = 0;   ///< of the whole frame; 0: not all of it is there
  bool is_wrong = false;  ///< a fragment, an unmasked or an unknown frame, or one that is too long
};

/// Takes the mask off in place, once the frame is whole.
Frame take_frame(char* bytes, std::size_t size);

/// One whole frame, unmasked.
std::string frame_of(unsigned opcode, std::string_view payload);

}  // namespace wsbench::test::truth
