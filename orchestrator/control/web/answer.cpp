#include <cassert>
#include <string>
#include <utility>

#include "orchestrator/control/web/exchange.hpp"

namespace wsbench::control::web {

namespace {

/// Where the answers' and streams' calls go. The exchange is looked up on its own thread, where it also ends.
struct Line {
  std::shared_ptr<Mailbox> mailbox;
  std::weak_ptr<Exchange> exchange;

  template <typename Task>
  bool post(Task task) const {
    return mailbox->post([exchange = exchange, task = std::move(task)]() mutable {
      if (const auto alive = exchange.lock()) task(*alive);
    });
  }
};

class PostedStream final : public Stream {
 public:
  PostedStream(Line line, std::shared_ptr<Exchange::Backlog> backlog, std::size_t limit)
      : line_(std::move(line)), backlog_(std::move(backlog)), limit_(limit) {}
  ~PostedStream() override {
    line_.post([](Exchange& exchange) { exchange.end_stream(); });
  }

  bool write(std::string_view text) override {
    if (backlog_->has_ended) return false;
    if (text.empty()) return true;
    if (backlog_->unsent + text.size() > limit_) {
      backlog_->has_ended = true;
      line_.post([](Exchange& exchange) { exchange.drop(); });
      return false;
    }
    backlog_->unsent += text.size();
    return line_.post(
        [text = std::string(text)](Exchange& exchange) mutable { exchange.write(std::move(text)); });
  }

 private:
  const Line line_;
  const std::shared_ptr<Exchange::Backlog> backlog_;
  const std::size_t limit_;
};

class PostedAnswer final : public Answer {
 public:
  PostedAnswer(Line line, std::size_t stream_backlog)
      : line_(std::move(line)), stream_backlog_(stream_backlog) {}
  ~PostedAnswer() override {
    if (is_given_) return;
    Response response;
    response.status = 500;
    response.body = "The request was not answered.\n";
    send(std::move(response));
  }

  void send(Response response) override {
    assert(!is_given_);
    is_given_ = true;
    line_.post(
        [response = std::move(response)](Exchange& exchange) mutable { exchange.send(std::move(response)); });
  }

  std::unique_ptr<Stream> stream(std::string content_type) override {
    assert(!is_given_);
    is_given_ = true;
    auto backlog = std::make_shared<Exchange::Backlog>();
    const bool is_served =
        line_.post([content_type = std::move(content_type), backlog](Exchange& exchange) mutable {
          exchange.begin_stream(std::move(content_type), std::move(backlog));
        });
    if (!is_served || line_.exchange.expired()) backlog->has_ended = true;
    return std::make_unique<PostedStream>(line_, std::move(backlog), stream_backlog_);
  }

 private:
  const Line line_;
  const std::size_t stream_backlog_;
  bool is_given_ = false;
};

}  // namespace

std::unique_ptr<Answer> make_answer(std::shared_ptr<Mailbox> mailbox,
                                    const std::shared_ptr<Exchange>& exchange, std::size_t stream_backlog) {
  return std::make_unique<PostedAnswer>(Line{std::move(mailbox), exchange}, stream_backlog);
}

}  // namespace wsbench::control::web
