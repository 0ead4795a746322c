#pragma once

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace wsbench::util {

/// A file descriptor that is closed with its owner; a negative one stands for none.
class Descriptor {
 public:
  /// Takes what a system call returned, syscall() included.
  explicit Descriptor(long number) noexcept : number_(static_cast<int>(number)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;

  int get() const noexcept { return number_; }

  /// False when the file system could not write what it had buffered, with the reason in errno.
  bool close() noexcept { return ::close(std::exchange(number_, -1)) == 0 || errno == EINTR; }

 private:
  int number_;
};

}  // namespace wsbench::util
