#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "rpc/endpoint.hpp"
#include "rpc/transport.hpp"

namespace wsbench::rpc {

struct TransportOptions {
  std::chrono::milliseconds connect_timeout{2000};
  std::size_t max_answer_bytes = 64U << 20U;
};

/// HTTP over TCP or a unix socket (HttpClient). Used from one thread at a time.
std::unique_ptr<Transport> make_http_transport(const Endpoint& endpoint,
                                               const TransportOptions& options = {});

}  // namespace wsbench::rpc
