#pragma once

#include <string>

#include <tl/expected.hpp>

#include "orchestrator/control/web/http.hpp"
#include "orchestrator/control/web/request_parser.hpp"

// Part of the websocketpp island: C++17.

namespace wsbench::control::web {

/// What the handlers see of a request that is ready; the error is the answer to one that they shall not see.
tl::expected<Request, Response> read_request(const RequestParser& parsed, std::string peer);

}  // namespace wsbench::control::web
