#pragma once

#include <mutex>
#include <utility>

#include <asio/io_context.hpp>
#include <asio/post.hpp>

namespace wsbench::control::web {

/// The way to the server's thread for whoever may outlive it. Thread-safe.
class Mailbox {
 public:
  explicit Mailbox(asio::io_context& loop) noexcept : loop_(&loop) {}

  /// Has the loop call `task`; false, and nothing happens, when it is no more.
  template <typename Task>
  bool post(Task&& task) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (loop_ == nullptr) return false;
    asio::post(*loop_, std::forward<Task>(task));
    return true;
  }

  /// To be called before the loop is destroyed.
  void close() {
    const std::lock_guard<std::mutex> lock(mutex_);
    loop_ = nullptr;
  }

 private:
  std::mutex mutex_;
  asio::io_context* loop_;
};

}  // namespace wsbench::control::web
