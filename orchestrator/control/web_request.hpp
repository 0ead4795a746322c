#pragma once

#include <string>

#include <tl/expected.hpp>

#include "orchestrator/control/http.hpp"
#include "orchestrator/control/request_parser.hpp"

// Part of the websocketpp island: C++17.

namespace wsbench::control {

/// What the handlers see of a request that is ready; the error is the answer to one that they shall not see.
tl::expected<Request, Response> read_request(const RequestParser& parsed, std::string peer);

}  // namespace wsbench::control
