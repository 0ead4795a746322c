#include "tests/rpc/scripted_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace wsbench::test {

ScriptedServer::ScriptedServer(std::deque<Reply> replies) : replies_(std::move(replies)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  int stop_pipe[2];
  if (listener_ < 0 || ::bind(listener_, generic, size) != 0 || ::listen(listener_, 8) != 0 ||
      ::getsockname(listener_, generic, &size) != 0 || ::pipe(stop_pipe) != 0) {
    throw std::runtime_error("the scripted server cannot listen");
  }
  port_ = ntohs(address.sin_port);
  stop_reader_ = stop_pipe[0];
  stop_writer_ = stop_pipe[1];
  thread_ = std::thread([this] { serve(); });
}

ScriptedServer::~ScriptedServer() {
  ::close(stop_writer_);
  thread_.join();
  ::close(stop_reader_);
  ::close(listener_);
}

/// False when the server is to stop.
bool ScriptedServer::wait_readable(int fd) const {
  pollfd fds[] = {{fd, POLLIN, 0}, {stop_reader_, POLLIN, 0}};
  return ::poll(fds, 2, -1) > 0 && fds[1].revents == 0;
}

void ScriptedServer::serve() {
  while (wait_readable(listener_)) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    {
      const std::lock_guard lock(mutex_);
      ++connections_;
    }
    serve_connection(fd);
    ::close(fd);
    const std::lock_guard lock(mutex_);
    ++closed_;
    changed_.notify_all();
  }
}

void ScriptedServer::serve_connection(int fd) {
  while (read_request(fd)) {
    Reply reply;
    {
      const std::lock_guard lock(mutex_);
      if (replies_.empty()) return;
      reply = std::move(replies_.front());
      replies_.pop_front();
    }
    if (::send(fd, reply.bytes.data(), reply.bytes.size(), MSG_NOSIGNAL) < 0) return;
    if (reply.then == Reply::Then::close) return;
    if (reply.then == Reply::Then::stall) {
      wait_readable(fd);
      return;
    }
  }
}

bool ScriptedServer::read_request(int fd) {
  std::string request;
  std::size_t due = std::string::npos;
  while (due == std::string::npos || request.size() < due) {
    char buffer[4096];
    if (!wait_readable(fd)) return false;
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    request.append(buffer, static_cast<std::size_t>(got));
    const std::size_t head_end = request.find("\r\n\r\n");
    const std::size_t field = request.find("Content-Length: ");
    if (head_end == std::string::npos || field == std::string::npos) continue;
    due = head_end + 4 + std::stoul(request.substr(field + 16, 12));
  }
  const std::lock_guard lock(mutex_);
  requests_.push_back(std::move(request));
  return true;
}

std::vector<std::string> ScriptedServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t ScriptedServer::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

bool ScriptedServer::wait_until_closed(std::size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(5), [&] { return closed_ >= count; });
}

std::string http_answer(int status, const std::string& body) {
  return fmt::format("HTTP/1.1 {} Reason\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{}", status,
                     body.size(), body);
}

}  // namespace wsbench::test
