#include "orchestrator/conformance/crowd.hpp"

#include <thread>

#include <catch2/catch.hpp>

#include "client/null_echo/null_echo.hpp"
#include "client/probe/probe.hpp"
#include "tests/support/free_port.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using wsbench::conformance::try_crowd;

namespace {

/// The null echo server, in a thread.
class Echo {
 public:
  Echo() {
    for (int i = 0; i < 500 && !client::probe_echo(target(), 1s); ++i) std::this_thread::sleep_for(10ms);
  }
  client::Target target() const { return {"127.0.0.1", port_, "/"}; }

 private:
  const std::uint16_t port_ = static_cast<std::uint16_t>(test::free_port());
  std::jthread thread_{[this](const std::stop_token& stop) { (void)client::serve_null_echo(port_, stop); }};
};

}  // namespace

TEST_CASE("a crowd is served when each of its clients gets its echo") {
  const Echo echo;
  CHECK(try_crowd(echo.target(), 200, {}).value() == "");
}

TEST_CASE("a crowd that nobody serves is told with what became of it") {
  const client::Target nobody{"127.0.0.1", static_cast<std::uint16_t>(test::free_port()), "/"};
  CHECK(try_crowd(nobody, 20, {}).value() == "0 of 20 clients could connect: 20 refused");
}

TEST_CASE("a crowd goes home when it is stopped") {
  const Echo echo;
  std::stop_source stop;
  stop.request_stop();
  const auto began = std::chrono::steady_clock::now();
  (void)try_crowd(echo.target(), 200, stop.get_token());
  CHECK(std::chrono::steady_clock::now() - began < 5s);
}
