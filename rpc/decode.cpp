#include <utility>

#include <fmt/format.h>
#include <tinyxml2.h>

#include "rpc/codec.hpp"
#include "rpc/decode_value.hpp"
#include "rpc/xml_text.hpp"

namespace wsbench::rpc {
namespace {

using tinyxml2::XMLElement;

Decoded<Array> params_from(const XMLElement& element) {
  const auto params = all_named(element, "param");
  if (!params) return tl::unexpected(params.error());
  Array result;
  for (const XMLElement* param : *params) {
    const auto place = [&result] { return fmt::format("param {}", result.size()); };
    const auto holder = exactly(*param, {"value"});
    if (!holder) return inside(place(), holder.error());
    auto value = value_from(*holder->front());
    if (!value) return inside(place(), std::move(value.error()));
    result.push_back(std::move(*value));
  }
  return result;
}

tl::unexpected<Error> malformed(const Problem& found) {
  Error error;
  error.kind = Error::Kind::malformed;
  error.message = found.where.empty() ? found.what : fmt::format("in {}: {}", found.where, found.what);
  return tl::unexpected(std::move(error));
}

/// Parses into a document that the caller keeps alive; answers its root, which must have this name.
Decoded<const XMLElement*> root_of(tinyxml2::XMLDocument& parsed, std::string_view document,
                                   std::string_view name, const CodecLimits& limits) {
  DocumentLimits text_limits;
  text_limits.max_bytes = limits.max_bytes;
  text_limits.max_elements = limits.max_elements;
  const auto normalised = normalise_document(document, text_limits);
  if (!normalised) return problem(fmt::format("not an XML document: {}", normalised.error()));
  if (parsed.Parse(normalised->data(), normalised->size()) != tinyxml2::XML_SUCCESS) {
    return problem(fmt::format("not an XML document: {}", parsed.ErrorName()));
  }
  const auto roots = exactly(parsed, {name});
  if (!roots) return tl::unexpected(roots.error());
  return roots->front();
}

/// What a <fault> says, as the error that it stands for.
Decoded<Error> fault_from(const XMLElement& element) {
  const auto holder = exactly(element, {"value"});
  if (!holder) return inside("fault", holder.error());
  const auto value = value_from(*holder->front());
  if (!value) return inside("fault", value.error());
  const Value* code = value->member("faultCode");
  const Value* text = value->member("faultString");
  const auto* number = code == nullptr ? nullptr : code->get_if<std::int64_t>();
  const auto* message = text == nullptr ? nullptr : text->get_if<std::string>();
  if (number == nullptr || message == nullptr || !std::in_range<int>(*number)) {
    return inside("fault", {{}, "faultCode, a number, and faultString are due"});
  }
  Error error;
  error.kind = Error::Kind::fault;
  error.fault_code = static_cast<int>(*number);
  error.message = *message;
  return error;
}

}  // namespace

tl::expected<Call, Error> decode_call(std::string_view document, const CodecLimits& limits) {
  tinyxml2::XMLDocument parsed;
  const auto root = root_of(parsed, document, "methodCall", limits);
  if (!root) return malformed(root.error());
  const bool has_params = (*root)->FirstChildElement("params") != nullptr;
  const auto parts = has_params ? exactly(**root, {"methodName", "params"}) : exactly(**root, {"methodName"});
  if (!parts) return malformed(parts.error());
  const auto name = text_of(*parts->front());
  if (!name) return malformed(name.error());
  Call call;
  call.method = trimmed(*name);
  if (call.method.empty()) return malformed({"methodCall", "<methodName> is empty"});
  if (has_params) {
    auto params = params_from(*parts->back());
    if (!params) return malformed(params.error());
    call.params = std::move(*params);
  }
  return call;
}

tl::expected<Value, Error> decode_response(std::string_view document, const CodecLimits& limits) {
  tinyxml2::XMLDocument parsed;
  const auto root = root_of(parsed, document, "methodResponse", limits);
  if (!root) return malformed(root.error());
  if ((*root)->FirstChildElement("fault") != nullptr) {
    const auto parts = exactly(**root, {"fault"});
    if (!parts) return malformed(parts.error());
    auto fault = fault_from(*parts->front());
    if (!fault) return malformed(fault.error());
    return tl::unexpected(std::move(*fault));
  }
  const auto parts = exactly(**root, {"params"});
  if (!parts) return malformed(parts.error());
  auto params = params_from(*parts->front());
  if (!params) return malformed(params.error());
  if (params->size() != 1) {
    return malformed({"params", fmt::format("{} values where one is due", params->size())});
  }
  return std::move(params->front());
}

}  // namespace wsbench::rpc
