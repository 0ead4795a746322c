#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/error.hpp"
#include "rpc/supervisor_types.hpp"
#include "rpc/value.hpp"

namespace wsbench::rpc {

// From a method's value to its type. Pure functions. An answer of another shape is an error of kind malformed
// that names the method and, within arrays and structs, the item and the field.

Result<bool> bool_from(const Value& value, std::string_view method);
Result<std::int64_t> integer_from(const Value& value, std::string_view method);
Result<int> int_from(const Value& value, std::string_view method);
Result<std::string> string_from(const Value& value, std::string_view method);
Result<std::vector<std::string>> strings_from(const Value& value, std::string_view method);

Result<SupervisorState> supervisor_state_from(const Value& value, std::string_view method);
Result<ProcessInfo> process_info_from(const Value& value, std::string_view method);
Result<std::vector<ProcessInfo>> process_infos_from(const Value& value, std::string_view method);
Result<std::vector<ProcessConfig>> process_configs_from(const Value& value, std::string_view method);
Result<std::vector<ProcessStatus>> process_statuses_from(const Value& value, std::string_view method);
Result<LogTail> log_tail_from(const Value& value, std::string_view method);
Result<ReloadedConfig> reloaded_config_from(const Value& value, std::string_view method);

/// What startProcess and its like answer: for a process true, for a group an array of statuses. The first of
/// these that failed becomes the error.
Result<bool> success_from(const Value& value, std::string_view method);

}  // namespace wsbench::rpc
