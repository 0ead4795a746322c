#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "orchestrator/suite/observer.hpp"

namespace wsbench::report {

enum class Severity { info, warning, error };

/// Takes a line for a log.
using LogLine = std::function<void(Severity, std::string_view)>;

/// Logs the progress of a suite: a line for each step, and one a minute under load.
std::unique_ptr<suite::Observer> make_log_observer(LogLine log);

/// The same into a file: lines are appended, with their time in UTC.
tl::expected<std::unique_ptr<suite::Observer>, std::string> make_log_observer(
    const std::filesystem::path& file);

}  // namespace wsbench::report
