#pragma once

#include <string>

#include "store/event/event.hpp"

namespace wsbench::client {

/// What an errno of a client's connection means for the client. (Clean in C++17 and C++20.)
event::Ending ending_of_errno(int error) noexcept;

/// One line for people: "handshake rejected: HTTP 404", "connection refused".
std::string describe(const event::Ending& ending);

}  // namespace wsbench::client
