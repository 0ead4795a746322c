#pragma once

#include <string>
#include <string_view>

#include "client/websocket/frame.hpp"

namespace wsbench::client {

/// "text of 20 bytes": a frame or a message as messages for people name it.
std::string describe(Opcode opcode, std::string_view payload);

}  // namespace wsbench::client
