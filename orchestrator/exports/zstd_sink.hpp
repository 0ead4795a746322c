#pragma once

#include <memory>

#include "orchestrator/exports/sink.hpp"

namespace wsbench::exports {

/// Compresses what it is given into one zstd frame with a checksum, which it writes to `to`. Uses a few
/// threads of its own if libzstd was built with threads.
std::unique_ptr<Sink> make_zstd_sink(std::unique_ptr<Sink> to);

}  // namespace wsbench::exports
