#include "rpc/log_reader.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <catch2/catch.hpp>
#include <tl/expected.hpp>

#include "rpc/utf8.hpp"

using namespace std::string_literals;
using namespace wsbench::rpc;

namespace {

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Step step = next_utf8(text);
    if (!step.is_valid) return false;
    text.remove_prefix(step.length);
  }
  return true;
}

/// A log file behind supervisord's readFile and tailFile (supervisor/options.py), with what they refuse.
class FakeLog final : public LogSource {
 public:
  explicit FakeLog(std::string bytes) : bytes_(std::move(bytes)) {}

  Result<std::string> read(std::int64_t offset, std::int64_t length) override {
    ++round_trips;
    const std::int64_t size = static_cast<std::int64_t>(bytes_.size());
    if (offset < 0) return decoded(slice(std::max<std::int64_t>(0, size + offset), size));
    return decoded(slice(offset, length == 0 ? size : offset + length));
  }

  Result<LogTail> tail(std::int64_t offset, std::int64_t length) override {
    ++round_trips;
    const std::int64_t size = static_cast<std::int64_t>(bytes_.size());
    LogTail tail;
    tail.overflow = size > offset + length;
    if (tail.overflow) offset = size - 1;
    if (offset + length > size) {
      if (offset > size - 1) length = 0;
      offset = size - length;
    }
    offset = std::max<std::int64_t>(0, offset);
    auto text = decoded(length == 0 ? "" : slice(offset, offset + length));
    if (!text) return tl::unexpected(text.error());
    tail.text = *text;
    tail.offset = size;
    return tail;
  }

  Result<std::vector<std::optional<std::string>>> read_all(const std::vector<LogWindow>& windows) override {
    ++round_trips;
    std::vector<std::optional<std::string>> texts;
    for (const LogWindow& window : windows) {
      const std::string text = slice(window.begin, window.end);
      texts.push_back(is_utf8(text) ? std::optional(text) : std::nullopt);
    }
    return texts;
  }

  Result<std::int64_t> size() override { return static_cast<std::int64_t>(bytes_.size()); }

  int round_trips = 0;

 private:
  std::string slice(std::int64_t begin, std::int64_t end) const {
    const auto size = static_cast<std::int64_t>(bytes_.size());
    begin = std::min(begin, size);
    end = std::min(end, size);
    return bytes_.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
  }

  static Result<std::string> decoded(std::string text) {
    if (is_utf8(text)) return text;
    return tl::unexpected(Error{.kind = Error::Kind::http, .status = 500, .message = {}});
  }

  std::string bytes_;
};

std::string text_read(FakeLog& log, std::int64_t offset, std::int64_t length) {
  const auto text = read_log(log, offset, length);
  REQUIRE(text);
  return *text;
}

const std::string kEuro = "\xE2\x82\xAC";

}  // namespace

TEST_CASE("a window of UTF-8 costs one round trip") {
  FakeLog log("price 5 " + kEuro + "\n");
  CHECK(text_read(log, 0, 0) == "price 5 " + kEuro + "\n");
  CHECK(text_read(log, 6, 1) == "5");
  CHECK(text_read(log, -4, 0) == kEuro + "\n");
  CHECK(text_read(log, 100, 10).empty());
  CHECK(log.round_trips == 4);
}

TEST_CASE("a character cut at a read's end is left to the next read") {
  FakeLog log("ab" + kEuro + "cd");
  CHECK(text_read(log, 0, 3) == "ab");
  CHECK(text_read(log, 0, 4) == "ab");
  CHECK(text_read(log, 2, 4) == kEuro + "c");
}

TEST_CASE("a read that begins inside a character keeps its count of bytes") {
  FakeLog log("ab" + kEuro + "cd");
  CHECK(text_read(log, 3, 4) == "??cd");
}

TEST_CASE("a read of the last bytes drops the rest of a character that it cut") {
  FakeLog log("ab" + kEuro + "cd");
  CHECK(text_read(log, -3, 0) == "cd");
  CHECK(text_read(log, -4, 0) == "cd");
  CHECK(text_read(log, -5, 0) == kEuro + "cd");
}

TEST_CASE("a reader that goes on at offset plus size sees every character once") {
  std::string bytes;
  for (int i = 0; i < 40; ++i) bytes += "x\xC3\xA9" + kEuro + "\xF0\x9F\x90\x81";
  const std::int64_t length = GENERATE(range(1, 24));
  FakeLog log(bytes);
  std::string seen;
  for (std::size_t reads = 0; seen.size() < bytes.size() && reads <= bytes.size(); ++reads) {
    seen += text_read(log, static_cast<std::int64_t>(seen.size()), length);
  }
  if (length >= 4) CHECK(seen == bytes);
  CHECK(seen.size() == bytes.size());
}

TEST_CASE("bytes that are not UTF-8 cost no more than themselves") {
  std::string bytes(70'000, 'x');
  for (std::size_t i = 0; i + 4 < bytes.size(); i += 7) bytes.replace(i, 3, kEuro);
  std::string expected = bytes;
  for (const std::size_t at : {5U, 33'334U, 33'335U, 50'000U, 69'996U}) {
    bytes[at] = '\xE9';
    expected[at] = 'x';
  }
  expected.clear();
  for (std::string_view rest = bytes; !rest.empty();) {
    const Utf8Step step = next_utf8(rest);
    expected += step.is_valid ? rest.substr(0, step.length) : "?";
    rest.remove_prefix(step.length);
  }
  FakeLog log(bytes);
  CHECK(text_read(log, 0, 0) == expected);
  CHECK(log.round_trips < 40);
}

TEST_CASE("a short log is recovered exactly, wherever its bad byte stands") {
  const std::string text = "a\xC3\xA9" + kEuro + "\xF0\x9F\x90\x81" + "b" + kEuro + "\xC3\xA9" + "cd";
  const std::size_t at = GENERATE_COPY(range<std::size_t>(0, text.size() - 1));
  std::string bytes = text;
  bytes[at] = '\xFF';
  std::string expected;
  for (std::string_view rest = bytes; !rest.empty();) {
    const Utf8Step step = next_utf8(rest);
    expected += step.is_valid ? rest.substr(0, step.length) : "?";
    rest.remove_prefix(step.length);
  }
  FakeLog log(bytes);
  CHECK(text_read(log, 0, 0) == expected);
}

TEST_CASE("text around a binary dump is recovered") {
  const std::string dump(2000, '\xFF');
  FakeLog log("before " + dump + " after");
  CHECK(text_read(log, 0, 0) == "before " + std::string(2000, '?') + " after");
}

TEST_CASE("a binary log ends in bounded round trips, and keeps its size") {
  FakeLog log(std::string(3'000'000, '\xFF'));
  CHECK(text_read(log, 0, 0).size() == 3'000'000);
  CHECK(log.round_trips < 60);
}

TEST_CASE("a tail gives what was logged since") {
  FakeLog log("0123456789");
  const auto [offset, length, text, overflow] = GENERATE(table<int, int, std::string, bool>({
      {0, 100, "0123456789", false},
      {0, 10, "0123456789", false},
      {0, 4, "6789", true},
      {7, 100, "789", false},
      {7, 3, "789", false},
      {7, 2, "89", true},
      {10, 100, "", false},
      {0, 0, "", true},
      {12, 100, "0123456789", true},  // rotated
      {99, 4, "6789", true},
  }));
  CAPTURE(offset, length);
  const auto tail = tail_log(log, offset, length);
  REQUIRE(tail);
  CHECK(tail->text == text);
  CHECK(tail->offset == 10);
  CHECK(tail->overflow == overflow);
}

TEST_CASE("a tail shifts its window to whole characters") {
  FakeLog log("ab" + kEuro + "cd" + kEuro.substr(0, 2));
  const auto [offset, length, text, overflow] = GENERATE(table<int, int, std::string, bool>({
      {0, 100,
       "ab\xE2\x82\xAC"
       "cd",
       false},
      {2, 100,
       "\xE2\x82\xAC"
       "cd",
       false},
      {0, 5, "cd", true},
      {0, 6, "cd", true},
      {0, 7,
       "\xE2\x82\xAC"
       "cd",
       true},
      {7, 100, "", false},
      {90, 6, "cd", true},
  }));
  CAPTURE(offset, length);
  const auto tail = tail_log(log, offset, length);
  REQUIRE(tail);
  CHECK(tail->text == text);
  CHECK(tail->offset == 7);
  CHECK(tail->overflow == overflow);
}

TEST_CASE("a log's size is found by reading") {
  const std::size_t size = GENERATE(0U, 1U, 2U, 15U, 16U, 17U, 4096U, 123'457U);
  FakeLog log(std::string(size, '\xFF'));
  CHECK(search_log_size(log) == static_cast<std::int64_t>(size));
  CHECK(log.round_trips < 12);
}

TEST_CASE("a log's size near a guess is found at once") {
  const std::int64_t size = GENERATE(0, 1, 999, 1000, 1001, 1008, 123'457);
  FakeLog log(std::string(static_cast<std::size_t>(size), 'x'));
  CHECK(search_log_size(log, 1000) == size);
  if (size == 1000) CHECK(log.round_trips == 1);
}

TEST_CASE("an error other than an undecodable window is passed on") {
  class Unreachable final : public LogSource {
   public:
    Result<std::string> read(std::int64_t, std::int64_t) override { return tl::unexpected(error()); }
    Result<LogTail> tail(std::int64_t, std::int64_t) override { return tl::unexpected(error()); }
    Result<std::vector<std::optional<std::string>>> read_all(const std::vector<LogWindow>&) override {
      return tl::unexpected(error());
    }
    Result<std::int64_t> size() override { return tl::unexpected(error()); }

   private:
    static Error error() { return {.kind = Error::Kind::unreachable, .message = {}}; }
  } log;
  CHECK(read_log(log, 0, 0).error().kind == Error::Kind::unreachable);
  CHECK(tail_log(log, 0, 10).error().kind == Error::Kind::unreachable);
}
