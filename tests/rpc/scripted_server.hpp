#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace wsbench::test {

/// An HTTP server on a free port of 127.0.0.1 that answers the requests it gets, one connection after the
/// other, with the bytes that the test laid down. Its thread ends with it.
class ScriptedServer {
 public:
  struct Reply {
    std::string bytes;
    enum class Then { keep, close, stall } then = Then::keep;
  };

  explicit ScriptedServer(std::deque<Reply> replies);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  int port() const { return port_; }

  /// The requests so far, head and body.
  std::vector<std::string> requests() const;
  std::size_t connections() const;

  /// Blocks until the server has closed this many connections; false after five seconds.
  bool wait_until_closed(std::size_t count) const;

 private:
  void serve();
  void serve_connection(int fd);
  bool wait_readable(int fd) const;
  bool read_request(int fd);

  int listener_ = -1;
  int stop_reader_ = -1;
  int stop_writer_ = -1;
  int port_ = 0;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<Reply> replies_;          // guarded by mutex_
  std::vector<std::string> requests_;  // guarded by mutex_
  std::size_t connections_ = 0;        // guarded by mutex_
  std::size_t closed_ = 0;             // guarded by mutex_

  std::thread thread_;
};

/// An HTTP/1.1 answer with its Content-Length.
std::string http_answer(int status, const std::string& body);

}  // namespace wsbench::test
