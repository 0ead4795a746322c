#include "rpc/session.hpp"

#include <cstddef>

#include <fmt/format.h>
#include <tl/expected.hpp>

#include "rpc/codec.hpp"
#include "rpc/supervisor_decode.hpp"
#include "rpc/xml_text.hpp"

namespace wsbench::rpc {
namespace {

/// 'supervisor.startProcess("echo"): ...'
Error explained(const Call& call, Error error) {
  constexpr std::size_t kMostQuoted = 100;
  const auto* name = call.params.empty() ? nullptr : call.params[0].get_if<std::string>();
  error.message =
      fmt::format("{}({}): {}", call.method,
                  name == nullptr ? "" : fmt::format("\"{}\"", excerpt(*name, kMostQuoted)), error.message);
  return error;
}

/// The error of an unexpected answer, with who gave it and what may be the reason.
Error answer_error(const Call& call, Error error, std::string_view peer, std::string_view answer) {
  constexpr std::size_t kMostQuoted = 100;
  if (error.kind == Error::Kind::malformed) {
    error.message = fmt::format("{} did not answer in XML-RPC but \"{}\": {}", peer,
                                excerpt(answer, kMostQuoted), error.message);
  } else if (error.is(FaultCode::unknown_method) && call.method.starts_with("supervisor.")) {
    error.message = fmt::format("{} answered {}: is [rpcinterface:supervisor] in its configuration?", peer,
                                error.message);
  }
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
  if (value) return value;
  return tl::unexpected(
      explained(call, answer_error(call, std::move(value.error()), transport_->peer(), *answer)));
}

Result<Value> Session::send(const Call& call) {
  const auto deadline = wait_times_.deadline_of(call);
  if (!deadline) return tl::unexpected(deadline.error());
  auto value = send(call, *deadline);
  // Somebody else may have changed the configuration that the deadline came from.
  if (!value && value.error().kind == Error::Kind::timeout) wait_times_.forget();
  return value;
}

Result<std::vector<Result<Value>>> Session::multicall(const std::vector<Call>& calls) {
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
    return tl::unexpected(explained(
        outer, {.message = fmt::format("the answer must be an array of {} results", calls.size())}));
  }
  std::vector<Result<Value>> outcomes;
  outcomes.reserve(calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (auto fault = fault_in((*results)[i])) {
      outcomes.emplace_back(tl::unexpect, explained(calls[i], std::move(*fault)));
    } else {
      outcomes.emplace_back((*results)[i]);
    }
  }
  return outcomes;
}

}  // namespace wsbench::rpc
