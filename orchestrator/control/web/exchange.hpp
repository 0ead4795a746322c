#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include "orchestrator/control/web/connection_slots.hpp"
#include "orchestrator/control/web/http.hpp"
#include "orchestrator/control/web/http_text.hpp"
#include "orchestrator/control/web/mailbox.hpp"

namespace wsbench::control::web {

struct ExchangeLimits {
  std::chrono::milliseconds answer{10000};  ///< from send() to the last byte, and then
  std::size_t slowest_reader = 64U << 10U;  ///< a second more for each so many bytes
  std::chrono::milliseconds stream_stall{
      60000};  ///< a stream's reader that takes nothing for so long is dropped
  std::size_t stream_backlog =
      1U << 20U;  ///< bytes of a stream that are unsent: beyond, its reader is dropped
  std::chrono::milliseconds linger{1000};  ///< for the client to read the answer's end and hang up
};

/// What is left of an HTTP connection when its request has been read: its answer, and a good end. Lives on
/// the loop's thread, in its Owner's set until it has ended.
///
/// After the last byte only the sending side is shut, and what still comes is read and dropped until the
/// client hangs up: closing at once would answer the rest of a refused body with a reset, which takes the
/// answer out of the client's hands before it was read.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  using Socket = asio::ip::tcp::socket;
  using Owner = std::unordered_set<std::shared_ptr<Exchange>>;

  /// What the request said of its answer's form.
  struct Form {
    bool is_body_wanted = true;  ///< false: HEAD
    bool is_chunkable = true;    ///< false: HTTP/1.0
  };

  /// Shared by a stream's two ends.
  struct Backlog {
    std::atomic<std::size_t> unsent{0};  ///< bytes of text
    std::atomic<bool> has_ended{false};  ///< the reader's end
  };

  /// `owner` and what `slot` is of outlive it. To be put into the owner, then started.
  Exchange(Socket socket, ConnectionSlots::Slot slot, Form form, const ExchangeLimits& limits, Owner& owner);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  void start();

  /// One of these, once. After the end they do nothing.
  void send(Response response);
  void begin_stream(std::string content_type, std::shared_ptr<Backlog> backlog);

  void write(std::string text);
  void end_stream();

  /// Ends what is not an answer under way: the server goes.
  void wind_up();
  /// Ends at once; the client sees a reset, not an end that looks right.
  void drop();

 private:
  enum class State { waiting, held_back, sending, streaming, lingering, ended };
  struct Piece {
    std::string bytes;
    std::size_t text = 0;  ///< of it counted in the backlog
  };

  void watch_peer();
  void peer_shut(bool in_good_order);
  void write_answer(Response response);
  void push(std::string bytes, std::size_t text = 0);
  void write_some();
  void written(std::size_t size);
  void linger();
  void end();
  void limit(std::chrono::milliseconds time);

  Socket socket_;
  std::optional<ConnectionSlots::Slot> slot_;
  const Form form_;
  const ExchangeLimits limits_;
  Owner& owner_;
  asio::steady_timer timer_;
  State state_ = State::waiting;
  std::deque<Piece> queue_;
  std::size_t front_sent_ = 0;  ///< of the first piece
  std::vector<asio::const_buffer> buffers_;
  bool is_writing_ = false;
  bool is_last_queued_ = false;
  bool has_peer_shut_ = false;
  std::size_t unwanted_ = 0;  ///< bytes that came behind the request
  std::array<char, 4096> scratch_{};
  std::shared_ptr<Backlog> backlog_;
};

/// The handler's end of an exchange.
std::unique_ptr<Answer> make_answer(std::shared_ptr<Mailbox> mailbox,
                                    const std::shared_ptr<Exchange>& exchange, std::size_t stream_backlog);

}  // namespace wsbench::control::web
