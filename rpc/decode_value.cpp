#include "rpc/decode_value.hpp"

#include <charconv>
#include <cstdint>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "rpc/base64.hpp"
#include "rpc/codec.hpp"
#include "rpc/xml_text.hpp"

namespace wsbench::rpc {
namespace {

using tinyxml2::XMLElement;
using tinyxml2::XMLNode;

constexpr std::size_t kMostQuoted = 40;
constexpr std::string_view kBlanks = " \t\r\n";

std::string_view name_of(const XMLElement& element) {
  return element.Name();
}

std::string quoted(std::string_view text) {
  return fmt::format("\"{}\"", excerpt(text, kMostQuoted));
}

/// "<name>"
std::string tag_of(const XMLElement& element) {
  return fmt::format("<{}>", excerpt(name_of(element), kMostQuoted));
}

template <typename T>
Decoded<Value> number_from(std::string_view tag, std::string_view text) {
  std::string_view digits = trimmed(text);
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
  T number{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error == std::errc::result_out_of_range) {
    return problem(fmt::format("<{}> holds {}, which is out of range", tag, quoted(text)));
  }
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    return problem(fmt::format("<{}> must be a number, not {}", tag, quoted(text)));
  }
  return Value(number);
}

Decoded<Value> scalar_from(std::string_view tag, std::string text) {
  if (tag == "string") return Value(std::move(text));
  if (tag == "int" || tag == "i4" || tag == "i8") return number_from<std::int64_t>(tag, text);
  if (tag == "double") return number_from<double>(tag, text);
  if (tag == "boolean") {
    if (trimmed(text) == "1") return Value(true);
    if (trimmed(text) == "0") return Value(false);
    return problem(fmt::format("<boolean> must be 0 or 1, not {}", quoted(text)));
  }
  if (tag == "dateTime.iso8601") return Value(DateTime{std::string(trimmed(text))});
  if (tag == "base64") {
    auto bytes = decode_base64(text);
    if (!bytes) return problem("<base64> does not hold base64");
    return Value(Binary{std::move(*bytes)});
  }
  if (tag == "nil") {
    if (!trimmed(text).empty()) return problem("<nil> must be empty");
    return Value();
  }
  return problem(fmt::format("<{}> is not a type of XML-RPC", excerpt(tag, kMostQuoted)));
}

Decoded<Value> array_from(const XMLElement& element, std::size_t nesting) {
  const auto data = exactly(element, {"data"});
  if (!data) return inside("array", data.error());
  const auto items = all_named(*data->front(), "value");
  if (!items) return inside("array", items.error());
  Array array;
  array.reserve(items->size());
  for (const XMLElement* item : *items) {
    auto value = value_from(*item, nesting);
    if (!value) return inside(fmt::format("array item {}", array.size()), std::move(value.error()));
    array.push_back(std::move(*value));
  }
  return Value(std::move(array));
}

Decoded<Value> struct_from(const XMLElement& element, std::size_t nesting) {
  const auto members = all_named(element, "member");
  if (!members) return inside("struct", members.error());
  Struct result;
  for (const XMLElement* member : *members) {
    const auto parts = exactly(*member, {"name", "value"});
    if (!parts) return inside("struct member", parts.error());
    auto name = text_of(*parts->front());
    if (!name) return inside("struct member", std::move(name.error()));
    const auto place = [&name] { return "struct member " + quoted(*name); };
    auto value = value_from(*parts->back(), nesting);
    if (!value) return inside(place(), std::move(value.error()));
    if (result.count(*name) != 0) return inside(place(), {{}, "is given twice"});
    result.emplace(std::move(*name), std::move(*value));
  }
  return Value(std::move(result));
}

}  // namespace

tl::unexpected<Problem> problem(std::string what) {
  return tl::unexpected(Problem{{}, std::move(what)});
}

tl::unexpected<Problem> inside(std::string_view place, Problem inner) {
  inner.where = inner.where.empty() ? std::string(place) : fmt::format("{}, {}", place, inner.where);
  return tl::unexpected(std::move(inner));
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

Decoded<Elements> elements_in(const XMLNode& node) {
  Elements elements;
  for (const XMLNode* child = node.FirstChild(); child != nullptr; child = child->NextSibling()) {
    if (const XMLElement* element = child->ToElement()) {
      elements.push_back(element);
    } else if (!trimmed(child->Value()).empty()) {
      return problem(fmt::format("unexpected text {} between elements", quoted(trimmed(child->Value()))));
    }
  }
  return elements;
}

Decoded<Elements> exactly(const XMLNode& node, std::initializer_list<std::string_view> names) {
  auto elements = elements_in(node);
  if (!elements) return elements;
  std::size_t i = 0;
  for (const std::string_view name : names) {
    if (i == elements->size()) return problem(fmt::format("<{}> is missing", name));
    const XMLElement& found = *(*elements)[i++];
    if (name_of(found) != name) return problem(fmt::format("expected <{}>, found {}", name, tag_of(found)));
  }
  if (i != elements->size()) return problem("unexpected " + tag_of(*(*elements)[i]));
  return elements;
}

Decoded<std::string> text_of(const XMLElement& element) {
  std::string text;
  for (const XMLNode* child = element.FirstChild(); child != nullptr; child = child->NextSibling()) {
    if (child->ToText() == nullptr) {
      return problem(fmt::format("{} must hold text, not elements", tag_of(element)));
    }
    text += child->Value();
  }
  return text;
}

Decoded<Elements> all_named(const XMLNode& node, std::string_view name) {
  auto elements = elements_in(node);
  if (!elements) return elements;
  for (const XMLElement* element : *elements) {
    if (name_of(*element) != name) {
      return problem(fmt::format("expected <{}>, found {}", name, tag_of(*element)));
    }
  }
  return elements;
}

Decoded<Value> value_from(const XMLElement& element, std::size_t nesting) {
  if (element.FirstChildElement() == nullptr) {
    auto text = text_of(element);
    if (!text) return tl::unexpected(std::move(text.error()));
    return Value(std::move(*text));
  }
  const auto types = elements_in(element);
  if (!types) return tl::unexpected(types.error());
  if (types->size() > 1) return problem(fmt::format("unexpected {} in <value>", tag_of(*(*types)[1])));
  const XMLElement& type = *types->front();
  const std::string_view tag = name_of(type);
  if (tag == "array" || tag == "struct") {
    if (nesting == kMaxNesting) return problem(fmt::format("nested deeper than {} levels", kMaxNesting));
    return tag == "array" ? array_from(type, nesting + 1) : struct_from(type, nesting + 1);
  }
  auto text = text_of(type);
  if (!text) return tl::unexpected(std::move(text.error()));
  return scalar_from(tag, std::move(*text));
}

}  // namespace wsbench::rpc
