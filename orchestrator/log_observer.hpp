#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "orchestrator/observer.hpp"

namespace wsbench::orchestrator {

/// Appends a suite's course to a log file, a line with UTC time each, and passes everything on to `next`,
/// which must outlive it. The error says why the file cannot be written.
tl::expected<std::unique_ptr<Observer>, std::string> make_log_observer(const std::filesystem::path& file,
                                                                       Observer& next);

}  // namespace wsbench::orchestrator
