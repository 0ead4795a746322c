#include "rpc/xml_document.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "rpc/utf8.hpp"
#include "rpc/xml_text.hpp"

namespace wsbench::rpc {
namespace {

/// The character that "amp", "#10" or "#x1F" refers to.
std::optional<char32_t> resolve_reference(std::string_view name) {
  if (name == "amp") return '&';
  if (name == "lt") return '<';
  if (name == "gt") return '>';
  if (name == "apos") return '\'';
  if (name == "quot") return '"';
  if (name.size() < 2 || name[0] != '#') return std::nullopt;
  const bool is_hex = name[1] == 'x';
  const std::string_view digits = name.substr(is_hex ? 2 : 1);
  std::uint32_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, is_hex ? 16 : 10);
  if (error != std::errc{} || end != digits.data() + digits.size() || number > 0x10FFFF) return std::nullopt;
  return number;
}

constexpr std::size_t kLongestTag = 1000;
constexpr std::size_t kMostQuoted = 200;  ///< of the document, in an error

class Normaliser {
 public:
  Normaliser(std::string_view document, const DocumentOptions& options)
      : document_(document), options_(options) {}

  tl::expected<std::string, std::string> run() {
    if (document_.size() > options_.max_bytes) {
      return tl::unexpected(
          fmt::format("the document has {} bytes, more than {}", document_.size(), options_.max_bytes));
    }
    out_.reserve(document_.size() + document_.size() / 8);
    if (rest().substr(0, 3) == "\xEF\xBB\xBF") position_ = 3;
    while (problem_.empty() && position_ < document_.size()) {
      if (document_[position_] == '<') {
        markup();
      } else {
        text();
      }
    }
    if (problem_.empty() && !open_.empty()) fail(fmt::format("the document ends inside <{}>", open_.back()));
    if (!problem_.empty()) return tl::unexpected(std::move(problem_));
    return std::move(out_);
  }

 private:
  std::string_view rest() const { return document_.substr(position_); }
  bool at(std::string_view prefix) const { return rest().substr(0, prefix.size()) == prefix; }

  void fail(std::string_view what) {
    const auto seen = document_.substr(0, std::min(position_, document_.size()));
    problem_ = fmt::format("line {}: {}", 1 + std::count(seen.begin(), seen.end(), '\n'),
                           excerpt(what, kMostQuoted));
  }

  /// What stands between opening and closing at the position, which moves behind it.
  std::optional<std::string_view> section(std::string_view opening, std::string_view closing) {
    const std::size_t begin = position_ + opening.size();
    const std::size_t end = document_.find(closing, begin);
    if (end == std::string_view::npos) {
      fail(fmt::format("{} has no {}", opening, closing));
      return std::nullopt;
    }
    position_ = end + closing.size();
    return document_.substr(begin, end - begin);
  }

  void markup() {
    if (at("<![CDATA[")) {
      if (const auto content = section("<![CDATA[", "]]>")) character_data(*content);
    } else if (at("<!--")) {
      section("<!--", "-->");
    } else if (at("<?")) {
      if (const auto content = section("<?", "?>")) instruction(*content);
    } else if (at("<!")) {
      fail("a document type is not allowed");
    } else {
      tag();
    }
  }

  void instruction(std::string_view content) {
    if (content.substr(0, 4) != "xml ") return;
    const std::size_t key = content.find("encoding");
    if (key == std::string_view::npos) return;
    const std::size_t open = content.find_first_of("'\"", key);
    const std::size_t close = open == std::string_view::npos ? open : content.find(content[open], open + 1);
    if (close == std::string_view::npos) return fail("the encoding must stand in quotes");
    std::string encoding(content.substr(open + 1, close - open - 1));
    std::transform(encoding.begin(), encoding.end(), encoding.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (encoding == "iso-8859-1" && elements_ == 0 && transcoded_.empty()) return transcode();
    if (encoding != "utf-8" && encoding != "utf8" && encoding != "us-ascii") {
      fail(fmt::format("the encoding is \"{}\"; only UTF-8 and ISO-8859-1 are read", encoding));
    }
  }

  /// Converts what follows the declaration from ISO-8859-1 to UTF-8.
  void transcode() {
    for (const char c : rest()) append_utf8(transcoded_, static_cast<unsigned char>(c));
    document_ = transcoded_;
    position_ = 0;
  }

  void tag() {
    const std::size_t end = tag_end();
    if (end == std::string_view::npos) return fail("the document ends inside a tag");
    const std::string_view tag = document_.substr(position_, end - position_);
    if (tag.size() > kLongestTag) return fail(fmt::format("a tag has more than {} bytes", kLongestTag));
    if (std::any_of(tag.begin(), tag.end(), [](char c) {
          return !is_blank(c) && (static_cast<unsigned char>(c) < 0x20 || c == '\x7F');
        })) {
      return fail("a tag has a control byte");
    }
    const bool is_closing = tag[1] == '/';
    const bool is_empty = !is_closing && tag[tag.size() - 2] == '/';
    const std::string_view name = tag.substr(
        is_closing ? 2 : 1, tag.find_first_of(" \t\r\n/>", is_closing ? 2 : 1) - (is_closing ? 2 : 1));
    if (name.empty()) return fail("a tag has no name");
    if (++elements_ > options_.max_elements)
      return fail(fmt::format("more than {} tags", options_.max_elements));
    if (is_closing) {
      if (open_.empty()) return fail(fmt::format("</{}> closes nothing", name));
      if (open_.back() != name) return fail(fmt::format("expected </{}>, found </{}>", open_.back(), name));
      open_.pop_back();
    } else if (!is_empty) {
      if (open_.size() >= options_.max_depth) {
        return fail(fmt::format("elements nested deeper than {}", options_.max_depth));
      }
      open_.push_back(name);
    }
    out_ += tag;
    position_ = end;
    after_tag_ = true;
  }

  /// The position behind the tag's '>', which may also stand inside quotes.
  std::size_t tag_end() const {
    char quote = 0;
    for (std::size_t i = position_ + 1; i < document_.size(); ++i) {
      const char c = document_[i];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '<') {
        return std::string_view::npos;
      } else if (c == '>') {
        return i + 1;
      }
    }
    return std::string_view::npos;
  }

  void text() {
    const std::size_t end = std::min(document_.find_first_of("<&", position_), document_.size());
    character_data(document_.substr(position_, end - position_));
    position_ = end;
    if (end == document_.size() || document_[end] == '<') return;

    constexpr std::size_t kLongestReference = 12;
    const std::size_t semicolon = rest().substr(0, kLongestReference).find(';');
    const auto code_point = semicolon == std::string_view::npos
                                ? std::nullopt
                                : resolve_reference(rest().substr(1, semicolon - 1));
    if (!code_point) return fail("'&' must begin a reference that XML knows");
    std::string character;
    append_utf8(character, *code_point);
    character_data(character);
    position_ += semicolon + 1;
  }

  /// tinyxml2 drops text that is only white space, so the first blank after a tag is written as a reference.
  void character_data(std::string_view content) {
    if (content.empty()) return;
    if (open_.empty()) {
      if (!std::all_of(content.begin(), content.end(), is_blank)) fail("text outside the root element");
      return;
    }
    if (after_tag_ && is_blank(content.front())) {
      out_ += fmt::format("&#{};", static_cast<int>(content.front()));
      content.remove_prefix(1);
    }
    after_tag_ = false;
    append_escaped(out_, content);
  }

  std::string_view document_;
  DocumentOptions options_;
  std::size_t position_ = 0;
  std::size_t elements_ = 0;
  bool after_tag_ = false;
  std::string transcoded_;  ///< what document_ views if it came in ISO-8859-1
  std::vector<std::string_view> open_;
  std::string out_;
  std::string problem_;
};

}  // namespace

tl::expected<std::string, std::string> normalise_document(std::string_view document,
                                                          const DocumentOptions& options) {
  return Normaliser(document, options).run();
}

}  // namespace wsbench::rpc
