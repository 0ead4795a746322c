#include "rpc/supervisor_decode.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <tl/expected.hpp>

#include "rpc/xml_text.hpp"

namespace wsbench::rpc {
namespace {

tl::unexpected<Error> malformed(std::string_view method, std::string_view what) {
  return tl::unexpected(
      Error{.kind = Error::Kind::malformed, .message = fmt::format("{}: {}", method, what)});
}

std::string_view type_name(const Value& value) {
  struct Namer {
    std::string_view operator()(const Nil&) const { return "nil"; }
    std::string_view operator()(bool) const { return "a boolean"; }
    std::string_view operator()(std::int64_t) const { return "an integer"; }
    std::string_view operator()(double) const { return "a double"; }
    std::string_view operator()(const std::string&) const { return "a string"; }
    std::string_view operator()(const Binary&) const { return "base64"; }
    std::string_view operator()(const DateTime&) const { return "a date"; }
    std::string_view operator()(const Array&) const { return "an array"; }
    std::string_view operator()(const Struct&) const { return "a struct"; }
  };
  return std::visit(Namer{}, value.variant());
}

template <typename T>
Result<T> scalar_from(const Value& value, std::string_view method, std::string_view expected) {
  if (const T* found = value.get_if<T>()) return *found;
  return malformed(method, fmt::format("the answer must be {}, not {}", expected, type_name(value)));
}

/// Reads a struct field by field. finish() returns the first error: a field is missing or of another type.
class Fields {
 public:
  Fields(const Value& value, std::string_view method) : value_(value), method_(method) {
    if (value.get_if<Struct>() == nullptr) {
      fail(fmt::format("the answer must be a struct, not {}", type_name(value)));
    }
  }

  std::string text(std::string_view field) { return get<std::string>(field, "a string"); }
  bool flag(std::string_view field) { return get<bool>(field, "a boolean"); }
  std::int64_t integer(std::string_view field) { return get<std::int64_t>(field, "an integer"); }

  int number(std::string_view field) {
    const std::int64_t wide = integer(field);
    if (std::in_range<int>(wide)) return static_cast<int>(wide);
    fail(out_of_range(field, wide));
    return 0;
  }

  std::chrono::seconds seconds(std::string_view field) { return std::chrono::seconds(number(field)); }
  std::chrono::sys_seconds time(std::string_view field) {
    constexpr std::int64_t kLatest = std::int64_t{1} << 40U;
    const std::int64_t since_epoch = integer(field);
    if (since_epoch >= 0 && since_epoch <= kLatest)
      return std::chrono::sys_seconds(std::chrono::seconds(since_epoch));
    fail(out_of_range(field, since_epoch));
    return {};
  }

  template <typename T>
  Result<T> finish(T result) {
    if (error_) return tl::unexpected(std::move(*error_));
    return result;
  }

 private:
  template <typename T>
  T get(std::string_view field, std::string_view expected) {
    if (error_) return {};
    const Value* found = value_.member(field);
    if (found == nullptr) {
      fail(fmt::format("field {} is missing", field));
      return {};
    }
    if (const T* typed = found->get_if<T>()) return *typed;
    fail(fmt::format("field {} must be {}, not {}", field, expected, type_name(*found)));
    return {};
  }

  static std::string out_of_range(std::string_view field, std::int64_t value) {
    return fmt::format("field {} holds {}, which is out of range", field, value);
  }

  void fail(std::string_view what) {
    if (!error_) error_ = malformed(method_, what).value();
  }

  const Value& value_;
  std::string_view method_;
  std::optional<Error> error_;
};

/// Decodes each item of an array by `item_from`; an error says which item was wrong.
template <typename T, typename ItemFrom>
Result<std::vector<T>> array_from(const Value& value, std::string_view method, ItemFrom item_from) {
  const auto* items = value.get_if<Array>();
  if (items == nullptr)
    return malformed(method, fmt::format("the answer must be an array, not {}", type_name(value)));
  std::vector<T> result;
  result.reserve(items->size());
  for (const Value& item : *items) {
    auto decoded = item_from(item, fmt::format("{}, item {}", method, result.size()));
    if (!decoded) return tl::unexpected(std::move(decoded.error()));
    result.push_back(std::move(*decoded));
  }
  return result;
}

ProcessState process_state_from(std::int64_t number) {
  for (const ProcessState state :
       {ProcessState::stopped, ProcessState::starting, ProcessState::running, ProcessState::backoff,
        ProcessState::stopping, ProcessState::exited, ProcessState::fatal}) {
    if (number == static_cast<int>(state)) return state;
  }
  return ProcessState::unknown;
}

Result<ProcessConfig> process_config_from(const Value& value, std::string_view method) {
  Fields fields(value, method);
  return fields.finish(ProcessConfig{.name = fields.text("name"),
                                     .group = fields.text("group"),
                                     .command = fields.text("command"),
                                     .autostart = fields.flag("autostart"),
                                     .in_use = fields.flag("inuse"),
                                     .start_seconds = fields.seconds("startsecs"),
                                     .start_retries = fields.number("startretries"),
                                     .stop_wait = fields.seconds("stopwaitsecs")});
}

Result<ProcessStatus> process_status_from(const Value& value, std::string_view method) {
  Fields fields(value, method);
  return fields.finish(ProcessStatus{.name = fields.text("name"),
                                     .group = fields.text("group"),
                                     .status = fields.number("status"),
                                     .description = fields.text("description")});
}

}  // namespace

Result<bool> bool_from(const Value& value, std::string_view method) {
  return scalar_from<bool>(value, method, "a boolean");
}

Result<std::int64_t> integer_from(const Value& value, std::string_view method) {
  return scalar_from<std::int64_t>(value, method, "an integer");
}

Result<int> int_from(const Value& value, std::string_view method) {
  const auto wide = integer_from(value, method);
  if (!wide) return tl::unexpected(wide.error());
  if (!std::in_range<int>(*wide)) return malformed(method, fmt::format("{} is out of range", *wide));
  return static_cast<int>(*wide);
}

Result<std::string> string_from(const Value& value, std::string_view method) {
  return scalar_from<std::string>(value, method, "a string");
}

Result<std::vector<std::string>> strings_from(const Value& value, std::string_view method) {
  return array_from<std::string>(value, method, string_from);
}

Result<SupervisorState> supervisor_state_from(const Value& value, std::string_view method) {
  Fields fields(value, method);
  const int code = fields.number("statecode");
  if (code < -1 || code > 2) return malformed(method, fmt::format("statecode {} is unknown", code));
  return fields.finish(static_cast<SupervisorState>(code));
}

Result<ProcessInfo> process_info_from(const Value& value, std::string_view method) {
  Fields fields(value, method);
  return fields.finish(ProcessInfo{.name = fields.text("name"),
                                   .group = fields.text("group"),
                                   .description = fields.text("description"),
                                   .start = fields.time("start"),
                                   .stop = fields.time("stop"),
                                   .now = fields.time("now"),
                                   .state = process_state_from(fields.integer("state")),
                                   .spawn_error = fields.text("spawnerr"),
                                   .exit_status = fields.number("exitstatus"),
                                   .stdout_logfile = fields.text("stdout_logfile"),
                                   .stderr_logfile = fields.text("stderr_logfile"),
                                   .pid = fields.number("pid")});
}

Result<std::vector<ProcessInfo>> process_infos_from(const Value& value, std::string_view method) {
  return array_from<ProcessInfo>(value, method, process_info_from);
}

Result<std::vector<ProcessConfig>> process_configs_from(const Value& value, std::string_view method) {
  return array_from<ProcessConfig>(value, method, process_config_from);
}

Result<std::vector<ProcessStatus>> process_statuses_from(const Value& value, std::string_view method) {
  return array_from<ProcessStatus>(value, method, process_status_from);
}

Result<LogTail> log_tail_from(const Value& value, std::string_view method) {
  const auto* parts = value.get_if<Array>();
  if (parts == nullptr || parts->size() != 3)
    return malformed(method, "the answer must be [text, offset, overflow]");
  auto text = string_from((*parts)[0], method);
  if (!text) return tl::unexpected(std::move(text.error()));
  const auto offset = integer_from((*parts)[1], method);
  if (!offset) return tl::unexpected(offset.error());
  if (*offset < 0) return malformed(method, fmt::format("the offset must be at least 0, not {}", *offset));
  const auto overflow = bool_from((*parts)[2], method);
  if (!overflow) return tl::unexpected(overflow.error());
  return LogTail{std::move(*text), *offset, *overflow};
}

Result<ReloadedConfig> reloaded_config_from(const Value& value, std::string_view method) {
  const auto* outer = value.get_if<Array>();
  const auto* lists = outer != nullptr && outer->size() == 1 ? outer->front().get_if<Array>() : nullptr;
  if (lists == nullptr || lists->size() != 3)
    return malformed(method, "the answer must be [[added, changed, removed]]");
  ReloadedConfig config;
  std::vector<std::string>* const targets[] = {&config.added, &config.changed, &config.removed};
  for (std::size_t i = 0; i < 3; ++i) {
    auto names = strings_from((*lists)[i], method);
    if (!names) return tl::unexpected(std::move(names.error()));
    *targets[i] = std::move(*names);
  }
  return config;
}

Result<bool> success_from(const Value& value, std::string_view method) {
  if (value.get_if<Array>() == nullptr) return bool_from(value, method);
  const auto statuses = process_statuses_from(value, method);
  if (!statuses) return tl::unexpected(statuses.error());
  for (const ProcessStatus& status : *statuses) {
    if (status.status == static_cast<int>(FaultCode::success)) continue;
    constexpr std::size_t kMostQuoted = 1000;
    const auto what = fmt::format("{}:{}: {}", status.group, status.name, status.description);
    return tl::unexpected(Error{.kind = Error::Kind::fault,
                                .fault_code = status.status,
                                .message = fmt::format("{}: {}", method, excerpt(what, kMostQuoted))});
  }
  return true;
}

}  // namespace wsbench::rpc
