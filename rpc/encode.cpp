#include <array>
#include <cassert>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "rpc/base64.hpp"
#include "rpc/codec.hpp"
#include "rpc/xml_text.hpp"

namespace wsbench::rpc {
namespace {

constexpr std::string_view kDeclaration = "<?xml version=\"1.0\"?>\n";

class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(out) {}

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
    element(fits_int ? "int" : "i8", fmt::format_int(number).c_str());
  }

  /// The shortest digits that read back as the same number, without an exponent: the specification has none.
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
  std::size_t nesting_ = 0;
};

}  // namespace

std::string encode_call(const Call& call) {
  std::string out(kDeclaration);
  Encoder encoder(out);
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
  Encoder(out).value(value);
  out += "</param></params></methodResponse>\n";
  return out;
}

std::string encode_fault(int code, std::string_view message) {
  std::string out(kDeclaration);
  out += "<methodResponse><fault>";
  Encoder(out).value(Struct{{"faultCode", code}, {"faultString", message}});
  out += "</fault></methodResponse>\n";
  return out;
}

}  // namespace wsbench::rpc
