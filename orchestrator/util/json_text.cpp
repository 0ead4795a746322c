#include "orchestrator/util/json_text.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace wsbench::util {

namespace {

using nlohmann::json;

/// Reads a text and keeps a count of how far the parser has read: nlohmann's SAX events have no locations.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* position, std::size_t* consumed) : position_(position), consumed_(consumed) {}

  reference operator*() const { return *position_; }
  CountingIterator& operator++() {
    ++position_;
    ++*consumed_;
    return *this;
  }
  CountingIterator operator++(int) {
    const CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return position_ == other.position_; }
  bool operator!=(const CountingIterator& other) const { return position_ != other.position_; }

 private:
  const char* position_;
  std::size_t* consumed_;
};

/// Holds a text to its limits as the parser comes by, and notes the line of every key and element when there
/// is a source to note it in.
class Inspector final : public nlohmann::json_sax<json> {
 public:
  Inspector(std::string_view text, const std::size_t& consumed, const JsonLimits& limits, JsonSource* source)
      : text_(text), consumed_(consumed), limits_(limits), source_(source) {}

  const Progress& progress() const { return progress_; }
  const std::string& exceeded() const { return exceeded_; }  ///< which limit; empty: none

  bool null() override { return scalar(consumed_); }
  bool boolean(bool) override { return scalar(consumed_); }
  bool number_integer(number_integer_t value) override { return scalar(number_end(value == 0)); }
  bool number_unsigned(number_unsigned_t value) override { return scalar(number_end(value == 0)); }
  bool number_float(number_float_t, const string_t&) override { return scalar(number_end(false)); }
  bool string(string_t&) override { return scalar(consumed_); }
  bool binary(binary_t&) override { return scalar(consumed_); }
  bool start_object(std::size_t) override { return open(Progress::Inside::object); }
  bool start_array(std::size_t) override { return open(Progress::Inside::array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (name.size() > limits_.key_bytes)
      return exceed(fmt::format("a key is longer than {} bytes", limits_.key_bytes));
    reached(Progress::After::key, consumed_);
    if (source_ == nullptr) return true;
    key_pointer_ = pointer_to(levels_.back().pointer, name);
    source_->lines[key_pointer_] = line_;
    const auto [known, is_new] = levels_.back().keys.emplace(name, line_);
    if (!is_new) source_->duplicates.push_back({key_pointer_, known->second, line_});
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  struct Level {
    Progress::Inside kind;
    std::string pointer;
    std::size_t line;
    std::size_t elements = 0;
    std::map<std::string, std::size_t> keys = {};
  };

  /// The parser has to read one byte beyond a number to know its end, unless the text ends there; that byte
  /// is a digit only after a zero that should not have been written.
  std::size_t number_end(bool is_zero) const {
    const auto is_digit = [&](std::size_t back) {
      return consumed_ >= back && text_[consumed_ - back] >= '0' && text_[consumed_ - back] <= '9';
    };
    const bool read_beyond = is_zero ? is_digit(2) : !is_digit(1);
    return read_beyond ? consumed_ - 1 : consumed_;
  }

  void reached(Progress::After after, std::size_t offset) {
    line_ +=
        static_cast<std::size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(progress_.offset),
                                            text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
    progress_.offset = offset;
    progress_.after = after;
  }

  /// The pointer of the value that begins now; notes its line unless its key's has been noted.
  std::string place_value() {
    if (source_ == nullptr) return {};
    if (!levels_.empty() && levels_.back().kind == Progress::Inside::object) return key_pointer_;
    std::string pointer;
    if (!levels_.empty())
      pointer = pointer_to(levels_.back().pointer, std::to_string(levels_.back().elements++));
    source_->lines[pointer] = line_;
    return pointer;
  }

  bool exceed(std::string what) {
    exceeded_ = std::move(what);
    return false;
  }

  bool count_value() {
    return ++values_ <= limits_.values ||
           exceed(fmt::format("there are more than {} values", limits_.values));
  }

  bool scalar(std::size_t end) {
    if (!count_value()) return false;
    reached(Progress::After::value, end);
    place_value();
    return true;
  }

  bool open(Progress::Inside kind) {
    if (levels_.size() == limits_.depth)
      return exceed(fmt::format("objects and arrays are nested more than {} deep", limits_.depth));
    if (!count_value()) return false;
    reached(Progress::After::opening, consumed_);
    std::string pointer = place_value();
    levels_.push_back({kind, std::move(pointer), line_});
    enter();
    return true;
  }

  bool close() {
    reached(Progress::After::value, consumed_);
    levels_.pop_back();
    enter();
    return true;
  }

  void enter() {
    progress_.inside = levels_.empty() ? Progress::Inside::document : levels_.back().kind;
    progress_.opened_line = levels_.empty() ? 1 : levels_.back().line;
  }

  std::string_view text_;
  const std::size_t& consumed_;
  const JsonLimits& limits_;
  JsonSource* source_;
  Progress progress_;
  std::vector<Level> levels_;
  std::string key_pointer_;
  std::size_t line_ = 1;
  std::size_t values_ = 0;
  std::string exceeded_;
};

SyntaxError limit_error(std::string_view text, std::size_t offset, std::string message) {
  auto error = syntax_error_at(text, offset, std::move(message));
  error.exceeds_limit = true;
  return error;
}

tl::expected<json, SyntaxError> parse(std::string_view text, const JsonLimits& limits, JsonSource* source) {
  if (text.size() > limits.bytes)
    return tl::unexpected(
        limit_error(text, 0, fmt::format("the document is larger than {} MiB", limits.bytes >> 20U)));
  std::size_t consumed = 0;
  Inspector inspector(text, consumed, limits, source);
  const CountingIterator begin(text.data(), &consumed);
  const CountingIterator end(text.data() + text.size(), &consumed);
  if (json::sax_parse(begin, end, static_cast<nlohmann::json_sax<json>*>(&inspector)))
    return json::parse(text);
  if (!inspector.exceeded().empty())
    return tl::unexpected(limit_error(text, consumed - 1, inspector.exceeded()));
  return tl::unexpected(explain_syntax(text, inspector.progress()));
}

}  // namespace

std::size_t JsonSource::line_of(std::string_view pointer) const {
  std::string candidate(pointer);
  for (;;) {
    const auto found = lines.find(candidate);
    if (found != lines.end()) return found->second;
    const std::size_t slash = candidate.rfind('/');
    if (slash == std::string::npos) return 1;
    candidate.resize(slash);
  }
}

tl::expected<json, SyntaxError> parse_json(std::string_view text, const JsonLimits& limits) {
  return parse(text, limits, nullptr);
}

tl::expected<JsonSource, SyntaxError> parse_json_source(std::string_view text, const JsonLimits& limits) {
  JsonSource source;
  auto document = parse(text, limits, &source);
  if (!document) return tl::unexpected(std::move(document.error()));
  source.document = std::move(*document);
  return source;
}

tl::expected<std::string, std::string> read_json_file(const std::filesystem::path& file,
                                                      const JsonLimits& limits) {
  const auto system_error = [] { return tl::unexpected(std::generic_category().message(errno)); };
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) return tl::unexpected(std::string("it is a directory"));
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return system_error();
  constexpr std::size_t kPiece = 1U << 16U;
  std::string text;
  while (stream && text.size() <= limits.bytes) {
    const std::size_t before = text.size();
    text.resize(before + std::min(kPiece, limits.bytes + 1 - before));
    stream.read(text.data() + before, static_cast<std::streamsize>(text.size() - before));
    text.resize(before + static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) return system_error();
  return text;
}

std::string pointer_to(std::string_view pointer, std::string_view key) {
  std::string longer(pointer);
  longer += '/';
  for (char c : key) {
    if (c == '~') {
      longer += "~0";
    } else if (c == '/') {
      longer += "~1";
    } else {
      longer += c;
    }
  }
  return longer;
}

std::string compact_json(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string indented_json(const json& document) {
  return document.dump(2, ' ', false, json::error_handler_t::replace);
}

std::string excerpt(std::string_view text, std::size_t bytes) {
  const auto is_inner = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  std::size_t end = std::min(text.size(), bytes);
  while (end > 0 && end < text.size() && is_inner(text[end])) --end;
  std::string shown;
  for (char c : text.substr(0, end)) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      shown += fmt::format("\\u{:04x}", c);
    } else {
      shown += c;
    }
  }
  return end < text.size() ? shown + "..." : shown;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kShown = 60;
  const bool is_cut = text.size() > kShown;
  return compact_json(text.substr(0, kShown)) + (is_cut ? "..." : "");
}

}  // namespace wsbench::util
