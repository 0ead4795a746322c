#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "orchestrator/control/web/web_server.hpp"
#include "tests/orchestrator/control/web/raw_client.hpp"
#include "tests/orchestrator/control/web/scripted_handler.hpp"

namespace wsbench::control::web {

using namespace testing;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

std::vector<RawClient> connect(std::uint16_t port, std::size_t count) {
  std::vector<RawClient> clients;
  for (std::size_t i = 0; i < count; ++i) clients.emplace_back(port);
  return clients;
}

std::chrono::microseconds cpu_time() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

/// Lets this process open so many files more.
class FewMoreFiles {
 public:
  explicit FewMoreFiles(rlim_t count) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(STDOUT_FILENO);
    ::close(next);
    rlimit few = before_;
    few.rlim_cur = static_cast<rlim_t>(next) + count;  // It is the numbers that are limited.
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewMoreFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewMoreFiles(const FewMoreFiles&) = delete;
  FewMoreFiles& operator=(const FewMoreFiles&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("200 silent and 200 slow connections change nothing for the others") {
  ScriptedHandler handler;
  WebServerOptions options = options_for_tests();
  options.exchange_limit = 60s;
  const auto server = serve(handler, options);
  const auto silent = connect(server->port(), 200);
  auto slow = connect(server->port(), 200);
  const std::string request = get("/slow");
  auto quickest = Clock::duration::max();
  for (std::size_t i = 0; i < request.size(); ++i) {
    for (auto& client : slow) client.send(request.substr(i, 1));
    if (i % 4 != 0) continue;
    const auto began = Clock::now();
    CHECK(status_of(answer_to(server->port(), get("/"))) == 200);
    quickest = std::min(quickest, Clock::now() - began);
  }
  CHECK(quickest < 2s);
  for (auto& client : slow) CHECK(status_of(client.read_all()) == 200);
}

TEST_CASE("A client that does not come to the end of its request is hung up on") {
  ScriptedHandler handler;
  WebServerOptions options = options_for_tests();
  options.exchange_limit = 200ms;
  const auto server = serve(handler, options);
  const auto began = Clock::now();
  RawClient silent(server->port()), half(server->port()), without_body(server->port());
  half.send("GET / HTTP/1.1\r\nHost: loc");
  without_body.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nbod");
  CHECK(silent.read_all().empty());
  CHECK(half.read_all().empty());
  CHECK(without_body.read_all().empty());
  CHECK(Clock::now() - began >= 200ms);
  CHECK(Clock::now() - began < 5s);
}

TEST_CASE("A client that drips bytes gets no more time than a silent one") {
  ScriptedHandler handler;
  WebServerOptions options = options_for_tests();
  options.exchange_limit = 200ms;
  const auto server = serve(handler, options);
  RawClient client(server->port());
  const auto began = Clock::now();
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: ");
  while (client.send("x") && Clock::now() - began < 20s) {
    if (client.has_something(1ms)) break;
  }
  CHECK(Clock::now() - began < 5s);
}

TEST_CASE("A handler that takes longer than the client may is not cut off") {
  ScriptedHandler handler;
  std::promise<std::unique_ptr<Answer>> kept;
  handler.on_handle = [&](const Request&, std::unique_ptr<Answer> answer) {
    kept.set_value(std::move(answer));
  };
  WebServerOptions options = options_for_tests();
  options.exchange_limit = 100ms;
  const auto server = serve(handler, options);
  RawClient client(server->port());
  client.send(get("/"));
  const auto answer = kept.get_future().get();
  CHECK_FALSE(client.has_something(400ms));
  answer->send({});
  CHECK(status_of(client.read_all()) == 200);
}

TEST_CASE("A client that does not read its answer is cut off") {
  ScriptedHandler handler;
  std::string large(16U << 20U, 'x');
  const std::size_t size = large.size();
  handler.on_handle = [&](const Request& request, std::unique_ptr<Answer> answer) {
    Response response;
    response.body = request.path == "/large" ? std::move(large) : "small";
    answer->send(std::move(response));
  };
  WebServerOptions options = options_for_tests();
  options.exchange_limit = 200ms;
  options.slowest_reader = std::size_t{1} << 40U;
  const auto server = serve(handler, options);
  RawClient slow(server->port(), 4096);
  slow.send(get("/large"));
  REQUIRE(slow.has_something(20s));
  CHECK(body_of(answer_to(server->port(), get("/"))) == "small");
  // The hanging up on one who came later tells that the time of the first is over.
  CHECK(RawClient(server->port()).read_all().empty());
  const std::string read = slow.read_all();
  CHECK(slow.was_reset());
  CHECK(read.size() < size);
}

TEST_CASE("A client that reads a long answer slowly but steadily gets all of it") {
  ScriptedHandler handler;
  std::string large(16U << 20U, 'x');
  const std::size_t size = large.size();
  handler.on_handle = [&](const Request&, std::unique_ptr<Answer> answer) {
    Response response;
    response.body = std::move(large);
    answer->send(std::move(response));
  };
  WebServerOptions options = options_for_tests();
  options.exchange_limit = 500ms;
  options.slowest_reader = 256U << 10U;
  const auto server = serve(handler, options);
  RawClient client(server->port(), 65536);
  client.send(get("/"));
  CHECK(status_of(client.read_until("\r\n\r\n")) == 200);
  // The hanging up on one who says nothing tells that the time of a short answer is over.
  CHECK(RawClient(server->port()).read_all().empty());
  CHECK(client.read_all().size() == size);
  CHECK_FALSE(client.was_reset());
}

TEST_CASE("A body over the limit is refused, and its sender can read so") {
  ScriptedHandler handler;
  WebServerOptions options = options_for_tests();
  options.max_body = 1000;
  const auto server = serve(handler, options);
  CHECK(status_of(answer_to(server->port(), post("/", std::string(1000, 'x')))) == 200);
  CHECK(status_of(answer_to(server->port(), post("/", std::string(1001, 'x')))) == 413);

  RawClient client(server->port());
  CHECK(client.send(post("/", std::string(8U << 20U, 'x'))));
  client.shut_sending();
  const std::string answer = client.read_all();
  CHECK(status_of(answer) == 413);
  CHECK(header_of(answer, "Content-Length") == std::to_string(body_of(answer).size()));
  CHECK_FALSE(client.was_reset());
}

TEST_CASE("A body that is said to be larger than any number is refused") {
  ScriptedHandler handler;
  const auto server = serve(handler);
  for (const char* length : {"99999999999999999", "99999999999999999999999999"}) {
    const std::string answer = answer_to(
        server->port(), std::string("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ") + length + "\r\n\r\n");
    CHECK(status_of(answer) == 413);
  }
}

TEST_CASE("Too large a head is refused, whether in one header or in many or in none") {
  ScriptedHandler handler;
  const auto server = serve(handler);
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "X-" + std::to_string(i) + ": 1\r\n";
  CHECK(status_of(answer_to(server->port(), get("/", many))) == 431);
  CHECK(status_of(answer_to(server->port(), get("/", "X: " + std::string(20000, 'x') + "\r\n"))) == 431);
  CHECK(status_of(answer_to(server->port(), "GET /" + std::string(100000, 'x'))) == 431);
  CHECK(status_of(answer_to(server->port(), std::string(20000, '\n'))) == 431);
  CHECK(status_of(answer_to(server->port(), get("/", "X: " + std::string(8000, 'x') + "\r\n"))) == 200);
}

TEST_CASE("Above the limit of connections the next is turned away, and let in when one has gone") {
  ScriptedHandler handler;
  WebServerOptions options = options_for_tests();
  options.max_connections = 3;
  const auto server = serve(handler, options);
  auto clients = connect(server->port(), 3);
  RawClient fourth(server->port());
  CHECK(status_of(fourth.read_all()) == 503);

  clients[0].send(get("/"));
  CHECK(status_of(clients[0].read_all()) == 200);
  clients[0].close();
  clients[1].reset();
  const auto began = Clock::now();
  int status = 0;
  while (status != 200 && Clock::now() - began < 20s) status = status_of(answer_to(server->port(), get("/")));
  CHECK(status == 200);
}

TEST_CASE("A client that is answered but does not hang up gives its place back") {
  ScriptedHandler handler;
  WebServerOptions options = options_for_tests();
  options.max_connections = 1;
  const auto server = serve(handler, options);
  RawClient stays(server->port());
  stays.send(get("/"));
  CHECK(status_of(stays.read_all()) == 200);
  const auto began = Clock::now();
  int status = 0;
  while (status != 200 && Clock::now() - began < 20s) status = status_of(answer_to(server->port(), get("/")));
  CHECK(status == 200);
}

TEST_CASE("A server without free descriptors waits for one, and does not spin") {
  ScriptedHandler handler;
  const auto server = serve(handler);
  std::optional<FewMoreFiles> files(1);
  RawClient client(server->port());  // It is in the kernel's queue; there is no descriptor to accept it with.
  client.send(get("/"));
  const auto before = cpu_time();
  const bool was_served = client.has_something(400ms);
  const auto spent = cpu_time() - before;
  files.reset();  // Before anything is asserted: the sanitizer looks at objects through a pipe.
  CHECK_FALSE(was_served);
  CHECK(spent < 150ms);
  CHECK(status_of(client.read_all()) == 200);
}

TEST_CASE("The server ends, whatever is connected") {
  ScriptedHandler handler;
  std::mutex mutex;
  std::vector<std::unique_ptr<Answer>> kept;
  std::unique_ptr<Stream> stream;
  std::promise<void> all_there;
  handler.on_handle = [&](const Request& request, std::unique_ptr<Answer> answer) {
    const std::lock_guard lock(mutex);
    if (request.path == "/stream") {
      stream = answer->stream("text/plain");
    } else {
      kept.push_back(std::move(answer));
    }
    if (stream && kept.size() == 2) all_there.set_value();
  };
  auto server = serve(handler);
  const auto silent = connect(server->port(), 50);
  RawClient deferred(server->port()), other(server->port()), streaming(server->port()),
      reader(server->port());
  CHECK(reader.shake_hands() == 101);
  deferred.send(get("/deferred"));
  other.send(get("/other"));
  streaming.send(get("/stream"));
  REQUIRE(all_there.get_future().wait_for(20s) == std::future_status::ready);

  const auto began = Clock::now();
  server.reset();
  CHECK(Clock::now() - began < 5s);
  CHECK(deferred.read_all().empty());
  CHECK(body_of(streaming.read_all()).empty());
  CHECK_FALSE(stream->write("too late"));
  stream.reset();
  kept[0]->send({});
  CHECK_FALSE(kept[1]->stream("text/plain")->write("too late"));
  kept.clear();
}

TEST_CASE("An answer that was given when the server ends is still delivered") {
  ScriptedHandler handler;
  std::promise<std::unique_ptr<Answer>> kept;
  handler.on_handle = [&](const Request&, std::unique_ptr<Answer> answer) {
    kept.set_value(std::move(answer));
  };
  auto server = serve(handler);
  RawClient client(server->port());
  client.send(get("/shutdown"));
  const auto answer = kept.get_future().get();
  answer->send({});
  server.reset();
  CHECK(status_of(client.read_all()) == 200);
}

TEST_CASE("The server's thread gives way to every other, and takes no signals") {
  ScriptedHandler handler;
  std::promise<std::pair<int, bool>> seen;
  handler.on_handle = [&](const Request&, std::unique_ptr<Answer> answer) {
    sigset_t blocked;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    seen.set_value({::sched_getscheduler(0), ::sigismember(&blocked, SIGTERM) == 1});
    answer->send({});
  };
  const auto server = serve(handler);
  answer_to(server->port(), get("/"));
  const auto [policy, is_blocked] = seen.get_future().get();
  CHECK(policy == SCHED_IDLE);
  CHECK(is_blocked);
}

}  // namespace wsbench::control::web
