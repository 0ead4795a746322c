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

/// Writes a suite's course to a log, a line each; under load one a minute.
std::unique_ptr<suite::Observer> make_log_observer(LogLine log);

/// The same with a file, to which lines with their UTC time are appended.
tl::expected<std::unique_ptr<suite::Observer>, std::string> make_log_observer(
    const std::filesystem::path& file);

}  // namespace wsbench::report
