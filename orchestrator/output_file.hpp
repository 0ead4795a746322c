#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "store/run.hpp"

namespace wsbench::orchestrator {

/// A text file that is written from beginning to end through a buffer, and bears its name only once it is
/// whole: until finish() it is called "<name>.partial", and is removed when finish() is never reached.
/// The disk's first error is kept and told by finish(); writing on after it does nothing. Used from one
/// thread.
class OutputFile {
 public:
  static store::Result<OutputFile> create(std::filesystem::path path);

  OutputFile(OutputFile&&) noexcept = default;
  OutputFile& operator=(OutputFile&&) noexcept = default;
  ~OutputFile() = default;

  void text(std::string_view text);
  void character(char c) {
    if (used_ == buffer_.size()) flush();
    buffer_[used_++] = c;
  }
  template <std::integral T>
  void number(T value) {
    if (buffer_.size() - used_ < kLongestNumber) flush();
    char* const begin = buffer_.data() + used_;
    used_ += static_cast<std::size_t>(std::to_chars(begin, begin + kLongestNumber, value).ptr - begin);
  }

  /// True once something could not be written: the rest is better not computed.
  bool failed() const noexcept;

  store::Result<void> finish();

 private:
  static constexpr std::size_t kLongestNumber = 20;  ///< digits and sign of 64 bits

  struct File;
  struct Close {
    void operator()(File* file) const noexcept;
  };

  explicit OutputFile(std::unique_ptr<File, Close> file);
  void flush();
  void write(std::string_view bytes);

  std::unique_ptr<File, Close> file_;
  std::vector<char> buffer_;
  std::size_t used_ = 0;
};

}  // namespace wsbench::orchestrator
