#pragma once

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace wsbench::client::transport {

/// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  /// `file`: what a system call has just returned. Throws std::system_error, by errno, when it is negative.
  Descriptor(int file, const char* call) : file_(file) {
    if (file < 0) throw std::system_error(errno, std::system_category(), call);
  }
  ~Descriptor() { ::close(file_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const noexcept { return file_; }

 private:
  const int file_;
};

}  // namespace wsbench::client::transport
