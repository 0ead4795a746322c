#include "rpc/supervisor_log.hpp"

#include <cassert>
#include <limits>
#include <utility>

#include "rpc/supervisor_decode.hpp"

namespace wsbench::rpc {

SupervisorLog::SupervisorLog(Session& session) : session_(session), read_method_("supervisor.readLog") {}

SupervisorLog::SupervisorLog(Session& session, std::string_view process, Channel channel)
    : session_(session),
      read_method_(channel == Channel::standard_output ? "supervisor.readProcessStdoutLog"
                                                       : "supervisor.readProcessStderrLog"),
      tail_method_(channel == Channel::standard_output ? "supervisor.tailProcessStdoutLog"
                                                       : "supervisor.tailProcessStderrLog"),
      name_{Value(process)} {}

Result<std::string> SupervisorLog::read(std::int64_t offset, std::int64_t length) {
  return session_.ask(string_from, read_method_, params(offset, length));
}

Result<LogTail> SupervisorLog::tail(std::int64_t offset, std::int64_t length) {
  assert(!tail_method_.empty());
  return session_.ask(log_tail_from, tail_method_, params(offset, length));
}

Result<std::vector<std::optional<std::string>>> SupervisorLog::read_all(
    const std::vector<LogWindow>& windows) {
  std::vector<Call> calls;
  calls.reserve(windows.size());
  for (const LogWindow& window : windows)
    calls.push_back({read_method_, params(window.begin, window.size())});
  const auto results = session_.multicall(calls);
  if (!results) return tl::unexpected(results.error());
  std::vector<std::optional<std::string>> texts;
  texts.reserve(windows.size());
  for (const auto& result : *results) {
    // Within a multicall, this fault stands for the exception that would be an HTTP 500 by itself.
    if (!result && result.error().is(FaultCode::failed)) {
      texts.emplace_back();
      continue;
    }
    if (!result) return tl::unexpected(result.error());
    auto text = string_from(*result, read_method_);
    if (!text) return tl::unexpected(std::move(text.error()));
    texts.emplace_back(std::move(*text));
  }
  return texts;
}

Result<std::int64_t> SupervisorLog::size() {
  if (tail_method_.empty()) return search_log_size(*this);
  const auto empty_tail = tail(0, 0);
  if (empty_tail) return empty_tail->offset;
  // A tail without text is refused only where the size itself does not fit into an integer of XML-RPC.
  if (empty_tail.error().status == 500)
    return search_log_size(*this, std::numeric_limits<std::int32_t>::max());
  return tl::unexpected(empty_tail.error());
}

Array SupervisorLog::params(std::int64_t offset, std::int64_t length) const {
  Array all = name_;
  all.emplace_back(offset);
  all.emplace_back(length);
  return all;
}

}  // namespace wsbench::rpc
