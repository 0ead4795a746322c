// Serves a FakeHost at a free port of loopback, for clients that are programs: tells "listening PORT", then
// obeys lines on its standard input ("log TEXT" and "contestant TEXT" add a line to a log, "calls" tells what
// the host was asked) until that ends or the host is shut down.

#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "orchestrator/control/dispatcher.hpp"
#include "orchestrator/control/web/access.hpp"
#include "tests/orchestrator/control/fake_host.hpp"

using namespace wsbench;
using namespace wsbench::control;
using namespace wsbench::control::dashboard;
using namespace wsbench::control::web;

namespace {

const Asset* find_no_asset(std::string_view /*path*/) {
  return nullptr;
}

void tell(const std::string& line) {
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

void obey(test::FakeHost& host, std::string& contestant_log, const std::string& line) {
  constexpr std::string_view kLog = "log ", kContestant = "contestant ";
  if (line.starts_with(kLog)) host.append_log(line.substr(kLog.size()) + "\n");
  if (line.starts_with(kContestant)) {
    contestant_log += line.substr(kContestant.size()) + "\n";
    host.set_contestant_log(contestant_log);
  }
  if (line == "calls") {
    std::string all;
    for (const auto& call : host.calls()) all += call + ";";
    tell(all);
  }
}

/// Obeys the standard input; it is polled, for the host can be shut down without a word there.
void obey_all(test::FakeHost& host) {
  std::string contestant_log = "listening\n", text;
  pollfd input{STDIN_FILENO, POLLIN, 0};
  while (!host.is_shut_down()) {
    constexpr int kMilliseconds = 50;
    if (::poll(&input, 1, kMilliseconds) <= 0) continue;
    std::array<char, 4096> part{};
    const auto count = ::read(STDIN_FILENO, part.data(), part.size());
    if (count <= 0) return;
    text.append(part.data(), static_cast<std::size_t>(count));
    for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1)) {
      obey(host, contestant_log, text.substr(0, end));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  AccessSettings settings;
  if (argc == 3) {
    settings.user = argv[1];
    settings.password = argv[2];
  }
  const auto access = Access::make(settings);
  if (!access) {
    fmt::print(stderr, "{}\n", access.error());
    return 2;
  }
  test::FakeHost host;
  const auto refuse = [&access](const Request& request) { return access->refuse(request); };
  Dispatcher dispatcher({host, refuse, find_no_asset}, {64, 32, std::chrono::milliseconds{50}});
  WebServerOptions options;
  options.port = 0;
  const auto server = WebServer::start(options, dispatcher);
  if (!server) {
    fmt::print(stderr, "{}\n", server.error());
    return 3;
  }
  tell(fmt::format("listening {}", (*server)->port()));
  obey_all(host);
  dispatcher.stop();
  return 0;
}
