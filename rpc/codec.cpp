#include "rpc/codec.hpp"

#include <array>
#include <cassert>
#include <charconv>
#include <cstdint>
#include <limits>
#include <system_error>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <tinyxml2.h>

#include "rpc/base64.hpp"
#include "rpc/decode_value.hpp"
#include "rpc/xml_text.hpp"

namespace wsbench::rpc {
namespace {

using tinyxml2::XMLElement;

constexpr std::string_view kDeclaration = "<?xml version=\"1.0\"?>\n";

class Encoder {
 public:
  /// `wide_integer` is the type of integers beyond 32 bits.
  Encoder(std::string& out, std::string_view wide_integer) : out_(out), wide_integer_(wide_integer) {}

  void value(const Value& value, std::size_t nesting = 0) {
    assert(nesting <= kMaxNesting);
    nesting_ = nesting;
    out_ += "<value>";
    std::visit(*this, value.variant());
    out_ += "</value>";
  }

  void operator()(const Nil& /*nil*/) { out_ += "<nil/>"; }
  void operator()(bool flag) { element("boolean", flag ? "1" : "0"); }

  void operator()(std::int64_t number) {
    const bool fits_int = number >= std::numeric_limits<std::int32_t>::min() &&
                          number <= std::numeric_limits<std::int32_t>::max();
    element(fits_int ? "int" : wide_integer_, fmt::format_int(number).c_str());
  }

  /// The fewest digits that read back as the same number, without an exponent: the specification has none.
  void operator()(double number) {
    std::array<char, 400> digits{};
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
    assert(error == std::errc{});
    element("double", {digits.data(), static_cast<std::size_t>(end - digits.data())});
  }

  void operator()(const std::string& text) { element("string", text); }
  void operator()(const Binary& binary) { element("base64", encode_base64(binary.bytes)); }
  void operator()(const DateTime& time) { element("dateTime.iso8601", time.iso8601); }

  void operator()(const Array& array) {
    const std::size_t inner = nesting_ + 1;
    out_ += "<array><data>";
    for (const Value& item : array) value(item, inner);
    out_ += "</data></array>";
  }

  void operator()(const Struct& members) {
    const std::size_t inner = nesting_ + 1;
    out_ += "<struct>";
    for (const auto& [name, member] : members) {
      out_ += "<member>";
      element("name", name);
      value(member, inner);
      out_ += "</member>";
    }
    out_ += "</struct>";
  }

  void element(std::string_view tag, std::string_view text) {
    out_.append("<").append(tag).append(">");
    append_escaped(out_, text);
    out_.append("</").append(tag).append(">");
  }

 private:
  std::string& out_;
  const std::string_view wide_integer_;
  std::size_t nesting_ = 0;
};

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
  return tl::unexpected(
      Error{.kind = Error::Kind::malformed,
            .message = found.where.empty() ? found.what : fmt::format("in {}: {}", found.where, found.what)});
}

/// Parses into a document that the caller keeps alive. Returns its root, which must have this name.
Decoded<const XMLElement*> root_of(tinyxml2::XMLDocument& parsed, std::string_view document,
                                   std::string_view name, const DocumentOptions& options) {
  const auto normalised = normalise_document(document, options);
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
  auto fault = fault_in(*value);
  if (!fault) return inside("fault", {{}, "faultCode must be an integer and faultString a string"});
  return std::move(*fault);
}

}  // namespace

std::string encode_call(const Call& call) {
  std::string out(kDeclaration);
  Encoder encoder(out, "int");  // supervisord has no <i8>, and reads an <int> of any size
  out += "<methodCall>";
  encoder.element("methodName", call.method);
  out += "<params>";
  for (const Value& param : call.params) {
    out += "<param>";
    encoder.value(param);
    out += "</param>";
  }
  out += "</params></methodCall>\n";
  return out;
}

std::string encode_response(const Value& value) {
  std::string out(kDeclaration);
  out += "<methodResponse><params><param>";
  Encoder(out, "i8").value(value);
  out += "</param></params></methodResponse>\n";
  return out;
}

std::string encode_fault(int code, std::string_view message) {
  std::string out(kDeclaration);
  out += "<methodResponse><fault>";
  Encoder(out, "i8").value(Struct{{"faultCode", code}, {"faultString", message}});
  out += "</fault></methodResponse>\n";
  return out;
}

std::optional<Error> fault_in(const Value& value) {
  constexpr std::size_t kMostQuoted = 1000;
  const Value* code = value.member("faultCode");
  const Value* text = value.member("faultString");
  const auto* number = code == nullptr ? nullptr : code->get_if<std::int64_t>();
  const auto* message = text == nullptr ? nullptr : text->get_if<std::string>();
  if (number == nullptr || message == nullptr || !std::in_range<int>(*number)) return std::nullopt;
  return Error{.kind = Error::Kind::fault,
               .fault_code = static_cast<int>(*number),
               .message = excerpt(*message, kMostQuoted)};
}

Result<Call> decode_call(std::string_view document, const DocumentOptions& options) {
  tinyxml2::XMLDocument parsed;
  const auto root = root_of(parsed, document, "methodCall", options);
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

Result<Value> decode_response(std::string_view document, const DocumentOptions& options) {
  tinyxml2::XMLDocument parsed;
  const auto root = root_of(parsed, document, "methodResponse", options);
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
    return malformed({"params", fmt::format("expected 1 value, found {}", params->size())});
  }
  return std::move(params->front());
}

}  // namespace wsbench::rpc
