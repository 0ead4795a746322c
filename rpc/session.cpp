#include "rpc/session.hpp"

#include <fmt/format.h>

#include "rpc/codec.hpp"
#include "rpc/supervisor_decode.hpp"

namespace wsbench::rpc {
namespace {

/// 'supervisor.startProcess("echo"): ...'
Error explained(const Call& call, Error error) {
  const auto* name = call.params.empty() ? nullptr : call.params[0].get_if<std::string>();
  error.message = fmt::format("{}({}): {}", call.method, name == nullptr ? "" : fmt::format("\"{}\"", *name),
                              error.message);
  return error;
}

}  // namespace

Session::Session(std::unique_ptr<Transport> transport)
    : transport_(std::move(transport)),
      wait_times_([this] { return ask(process_configs_from, "supervisor.getAllConfigInfo"); }) {}

Result<Value> Session::send(const Call& call, std::chrono::milliseconds deadline) {
  auto answer = transport_->post(encode_call(call), deadline);
  if (!answer) return tl::unexpected(explained(call, std::move(answer.error())));
  auto value = decode_response(*answer);
  if (!value) return tl::unexpected(explained(call, std::move(value.error())));
  return value;
}

Result<Value> Session::send(const Call& call) {
  const auto deadline = wait_times_.deadline_of(call);
  if (!deadline) return tl::unexpected(deadline.error());
  auto value = send(call, *deadline);
  // Somebody else may have changed the configuration that the deadline came from.
  if (!value && value.error().kind == Error::Kind::timeout) wait_times_.forget();
  return value;
}

Result<std::vector<tl::expected<Value, Error>>> Session::multicall(const std::vector<Call>& calls) {
  Array items;
  items.reserve(calls.size());
  std::chrono::milliseconds deadline = kDefaultDeadline;
  for (const Call& call : calls) {
    const auto own = wait_times_.deadline_of(call);
    if (!own) return tl::unexpected(own.error());
    deadline += *own - kDefaultDeadline;
    items.emplace_back(Struct{{"methodName", call.method}, {"params", call.params}});
  }
  const Call outer{"system.multicall", {Value(std::move(items))}};
  const auto value = send(outer, deadline);
  if (!value) return tl::unexpected(value.error());
  const auto* results = value->get_if<Array>();
  if (results == nullptr || results->size() != calls.size()) {
    Error error;
    error.message = fmt::format("an array of {} results is due", calls.size());
    return tl::unexpected(explained(outer, std::move(error)));
  }
  std::vector<tl::expected<Value, Error>> outcomes;
  outcomes.reserve(calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    auto outcome = multicall_result_from((*results)[i]);
    if (!outcome) outcome = tl::unexpected(explained(calls[i], std::move(outcome.error())));
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace wsbench::rpc
