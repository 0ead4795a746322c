#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "orchestrator/control/web/http.hpp"

namespace wsbench::test {

/// What came of an answer. Thread-safe; may outlive the answer.
class Record {
 public:
  /// Waits for the answer; none when it was destroyed without one.
  std::optional<control::web::Response> response() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kLimit, [this] { return response_ || is_over_; });
    return response_;
  }

  /// Waits until the stream has been sent this, and gives all that it was sent; on a timeout that too.
  std::string streamed(std::string_view awaited) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kLimit, [&] { return streamed_.find(awaited) != std::string::npos; });
    return streamed_;
  }

  /// Waits for the end of the stream, or of the answer that has none.
  bool is_over() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kLimit, [this] { return is_over_; });
  }

  std::string stream_type() {
    const std::lock_guard lock(mutex_);
    return stream_type_;
  }

  /// The reader of the stream goes away.
  void hang_up() {
    set([this] { is_reading_ = false; });
  }

 private:
  friend class RecordingAnswer;
  friend class RecordingStream;
  static constexpr std::chrono::seconds kLimit{10};

  template <typename Change>
  void set(Change change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<control::web::Response> response_;
  std::string streamed_, stream_type_;
  bool is_streaming_ = false, is_reading_ = true, is_over_ = false;
};

class RecordingStream final : public control::web::Stream {
 public:
  explicit RecordingStream(std::shared_ptr<Record> record) : record_(std::move(record)) {}
  ~RecordingStream() override {
    record_->set([this] { record_->is_over_ = true; });
  }
  bool write(std::string_view text) override {
    bool is_read = false;
    record_->set([&] {
      is_read = record_->is_reading_;
      if (is_read) record_->streamed_ += text;
    });
    return is_read;
  }

 private:
  std::shared_ptr<Record> record_;
};

class RecordingAnswer final : public control::web::Answer {
 public:
  explicit RecordingAnswer(std::shared_ptr<Record> record) : record_(std::move(record)) {}
  ~RecordingAnswer() override {
    record_->set([this] { record_->is_over_ = record_->is_over_ || !record_->is_streaming_; });
  }
  void send(control::web::Response response) override {
    record_->set([&] { record_->response_ = std::move(response); });
  }
  std::unique_ptr<control::web::Stream> stream(std::string content_type) override {
    record_->set([&] {
      record_->stream_type_ = std::move(content_type);
      record_->is_streaming_ = true;
    });
    return std::make_unique<RecordingStream>(record_);
  }

 private:
  std::shared_ptr<Record> record_;
};

}  // namespace wsbench::test
