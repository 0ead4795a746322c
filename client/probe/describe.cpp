#include "client/probe/describe.hpp"

namespace wsbench::client {

namespace {

std::string_view name(Opcode opcode) noexcept {
  switch (opcode) {
    case Opcode::continuation:
      return "a continuation";
    case Opcode::text:
      return "text";
    case Opcode::binary:
      return "binary";
    case Opcode::close:
      return "a close frame";
    case Opcode::ping:
      return "a ping";
    case Opcode::pong:
      return "a pong";
  }
  return "an unknown frame";
}

}  // namespace

std::string describe(Opcode opcode, std::string_view payload) {
  return std::string(name(opcode)) + " of " + std::to_string(payload.size()) +
         (payload.size() == 1 ? " byte" : " bytes");
}

}  // namespace wsbench::client
