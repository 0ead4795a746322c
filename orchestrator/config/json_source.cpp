#include "orchestrator/config/json_source.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace wsbench::config {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxDepth = 16;

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

/// Notes the line of every key and element as the parser comes by.
class Locator final : public nlohmann::json_sax<json> {
 public:
  Locator(std::string_view text, const std::size_t& consumed, Source& source)
      : text_(text), consumed_(consumed), source_(source) {}

  const Progress& progress() const { return progress_; }
  bool too_deep() const { return too_deep_; }

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
    reached(Progress::After::key, consumed_);
    key_pointer_ = pointer_to(levels_.back().pointer, name);
    source_.lines[key_pointer_] = line_;
    const auto [known, is_new] = levels_.back().keys.emplace(name, line_);
    if (!is_new) source_.duplicates.push_back({key_pointer_, known->second, line_});
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
    if (!levels_.empty() && levels_.back().kind == Progress::Inside::object) return key_pointer_;
    std::string pointer;
    if (!levels_.empty())
      pointer = pointer_to(levels_.back().pointer, std::to_string(levels_.back().elements++));
    source_.lines[pointer] = line_;
    return pointer;
  }

  bool scalar(std::size_t end) {
    reached(Progress::After::value, end);
    place_value();
    return true;
  }

  bool open(Progress::Inside kind) {
    if (levels_.size() == kMaxDepth) {
      too_deep_ = true;
      return false;
    }
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
  Source& source_;
  Progress progress_;
  std::vector<Level> levels_;
  std::string key_pointer_;
  std::size_t line_ = 1;
  bool too_deep_ = false;
};

}  // namespace

std::size_t Source::line_of(std::string_view pointer) const {
  std::string candidate(pointer);
  for (;;) {
    const auto found = lines.find(candidate);
    if (found != lines.end()) return found->second;
    const std::size_t slash = candidate.rfind('/');
    if (slash == std::string::npos) return 1;
    candidate.resize(slash);
  }
}

tl::expected<Source, SyntaxError> parse_source(std::string_view text) {
  if (text.size() > kMaxSourceBytes) {
    return tl::unexpected(syntax_error_at(text, 0, "the file is larger than 1 MiB, which no suite file is"));
  }
  Source source;
  std::size_t consumed = 0;
  Locator locator(text, consumed, source);
  const CountingIterator begin(text.data(), &consumed);
  const CountingIterator end(text.data() + text.size(), &consumed);
  if (!json::sax_parse(begin, end, static_cast<nlohmann::json_sax<json>*>(&locator))) {
    if (locator.too_deep()) {
      return tl::unexpected(syntax_error_at(
          text, consumed - 1, fmt::format("objects and arrays are nested more than {} deep", kMaxDepth)));
    }
    return tl::unexpected(explain_syntax(text, locator.progress()));
  }
  source.document = json::parse(text);
  return source;
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

}  // namespace wsbench::config
