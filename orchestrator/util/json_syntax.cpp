#include "orchestrator/util/json_syntax.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace wsbench::util {

namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Looks at what stands where the parser stopped.
class Diagnosis {
 public:
  Diagnosis(std::string_view text, const Progress& progress) : text_(text), progress_(progress) {}

  SyntaxError run() {
    at_ = progress_.offset;
    if (at_ == 0 && text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    skip_space();
    switch (progress_.after) {
      case Progress::After::nothing:
        return ended() ? error("the document is empty") : bad_value();
      case Progress::After::opening:
        return progress_.inside == Progress::Inside::object ? bad_key() : bad_value();
      case Progress::After::key:
        if (ended()) return unclosed();
        if (here() != ':') return error("a colon is missing between this and the key before it");
        ++at_;
        skip_space();
        return bad_value();
      case Progress::After::value:
        return after_value();
    }
    return error("this is not JSON");
  }

 private:
  bool ended() const { return at_ >= text_.size(); }
  char here() const { return text_[at_]; }
  void skip_space() { at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size()); }
  SyntaxError error(std::string message) const { return syntax_error_at(text_, at_, std::move(message)); }

  char opener() const { return progress_.inside == Progress::Inside::object ? '{' : '['; }
  char closer() const { return progress_.inside == Progress::Inside::object ? '}' : ']'; }

  SyntaxError unclosed() const {
    if (progress_.inside == Progress::Inside::document)
      return error("the document ends where a value should be");
    return error(fmt::format("the document ends before the \"{}\" of line {} is closed", opener(),
                             progress_.opened_line));
  }

  bool comment_here() const {
    const std::string_view rest = text_.substr(at_);
    return rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with('#');
  }

  SyntaxError after_value() {
    if (ended()) return unclosed();
    if (comment_here()) return unexpected();
    if (progress_.inside == Progress::Inside::document) {
      return error("there is more text after the end of the document");
    }
    if (here() == ',') {
      const std::size_t comma = at_++;
      skip_space();
      if (!ended() && here() == closer()) {
        at_ = comma;
        return error(fmt::format("the comma before the closing \"{}\" must go", closer()));
      }
      return progress_.inside == Progress::Inside::object ? bad_key() : bad_value();
    }
    if (is_digit(here()) && at_ == progress_.offset) return error("a number must not begin with 0");
    if (here() == '}' || here() == ']') {
      return error(
          fmt::format("\"{}\" cannot close the \"{}\" of line {}", here(), opener(), progress_.opened_line));
    }
    if (here() == ':') return error("a colon belongs between a key and its value, not here");
    return error("a comma is missing before this");
  }

  SyntaxError bad_key() {
    if (ended()) return unclosed();
    if (here() == '"') return bad_string();
    if (here() == ',') return error("there is one comma too many");
    if (is_letter(here())) return error(fmt::format("the key {} must stand in double quotes", word()));
    return unexpected();
  }

  SyntaxError bad_value() {
    if (ended()) return unclosed();
    const char c = here();
    if (c == '"') return bad_string();
    if (c == ',' || c == '}' || c == ']') return error("a value is missing here");
    if (is_digit(c) || c == '-' || c == '+' || c == '.') return bad_number();
    if (is_letter(c)) {
      return error(
          fmt::format("the word {} is no JSON value: text stands in double quotes, and the only bare "
                      "words are true, false and null",
                      word()));
    }
    return unexpected();
  }

  SyntaxError bad_string() {
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '\n' || c == '\r') return error("this text is not closed: its second double quote is missing");
      if (static_cast<unsigned char>(c) < 0x20) {
        at_ = i;
        return error(c == '\t' ? "a tab in a text is written \\t"
                               : fmt::format("a control character in a text is written \\u{:04x}", c));
      }
      if (c == '"') break;
      if (c != '\\') continue;
      const char escape = i + 1 < text_.size() ? text_[i + 1] : '"';
      const bool known = std::string_view("\"\\/bfnrtu").find(escape) != std::string_view::npos;
      if (!known) {
        at_ = i;
        return error("a backslash in a text is written \\\\");
      }
      ++i;
    }
    if (text_.find('"', at_ + 1) == std::string_view::npos) {
      return error("this text is not closed: its second double quote is missing");
    }
    return error("this text has a broken \\u escape, or is not UTF-8");
  }

  SyntaxError bad_number() const {
    const std::size_t end =
        std::min(text_.find_first_not_of("0123456789+-.eExXabcdfABCDF_", at_), text_.size());
    constexpr std::size_t kShown = 40;
    const std::string_view number = text_.substr(at_, end - at_);
    const auto shown = fmt::format("{}{}", number.substr(0, kShown), number.size() > kShown ? "..." : "");
    const std::size_t digits = number.find_first_of(kDigits);
    if (number.front() == '+') return error("a number must not begin with +");
    if (digits == std::string_view::npos) return error("this is no number: a digit is missing");
    if (number.front() == '.') return error(fmt::format("a number begins with a digit: write 0{}", shown));
    if (number.find('_') != std::string_view::npos) return error("a number has no underscores in JSON");
    if (number.find_first_of("xX") != std::string_view::npos) return error("a number is decimal in JSON");
    if (!is_digit(number.back()) || number.find(".e") != std::string_view::npos) {
      return error(fmt::format("the number {} lacks digits", shown));
    }
    return error(fmt::format("the number {} is too large to be read", shown));
  }

  SyntaxError unexpected() const {
    if (comment_here()) return error("JSON has no comments");
    const char c = here();
    if (c == '\'') return error("text stands in double quotes, not single ones");
    if (c > 0x20 && c < 0x7F) return error(fmt::format("\"{}\" cannot stand here", c));
    return error("this character cannot stand here (not ASCII, or not printable)");
  }

  std::string_view word() const {
    std::size_t end = at_;
    while (end < text_.size() && end - at_ < 40 && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
    return text_.substr(at_, end - at_);
  }

  std::string_view text_;
  const Progress& progress_;
  std::size_t at_ = 0;
};

}  // namespace

SyntaxError explain_syntax(std::string_view text, const Progress& progress) {
  return Diagnosis(text, progress).run();
}

SyntaxError syntax_error_at(std::string_view text, std::size_t offset, std::string message) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::size_t newline = before.rfind('\n');
  std::string_view line = newline == std::string_view::npos ? before : before.substr(newline + 1);
  if (newline == std::string_view::npos && line.starts_with(kByteOrderMark)) line.remove_prefix(3);
  const auto characters = std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // every byte but the inner ones of UTF-8
  });
  const auto newlines = std::count(before.begin(), before.end(), '\n');
  return {static_cast<std::size_t>(newlines) + 1, static_cast<std::size_t>(characters) + 1,
          std::move(message)};
}

std::string SyntaxError::display() const {
  return fmt::format("line {}, column {}: {}", line, column, message);
}

}  // namespace wsbench::util
