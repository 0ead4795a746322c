#pragma once

#include <optional>
#include <string_view>

namespace wsbench::control::state {

/// "suite:contestant", "suite:*" or "suite:" (the whole group), or "x", which means "x:x": as supervisord
/// reads a name (supervisor/options.py, split_namespec). Borrows from the name.
struct ProcessName {
  std::string_view group;
  std::optional<std::string_view> process;  ///< none: the group
};

ProcessName split_process_name(std::string_view name) noexcept;

/// What may name a suite, a group or a run, and so a directory within db_root: 1 to 200 characters of
/// [A-Za-z0-9._-], not beginning with a dot.
bool is_file_name(std::string_view name) noexcept;

}  // namespace wsbench::control::state
