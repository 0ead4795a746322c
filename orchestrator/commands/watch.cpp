#include "orchestrator/commands/watch.hpp"

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/output.hpp"
#include "orchestrator/commands/status_text.hpp"
#include "orchestrator/util/sleep.hpp"
#include "orchestrator/util/terminal.hpp"

namespace wsbench::commands {

namespace {

constexpr auto kInterval = std::chrono::seconds{1};

void put(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

/// The terminal's alternate screen: what was there before comes back when it ends.
class OtherScreen {
 public:
  OtherScreen() { put("\033[?1049h\033[?25l"); }
  ~OtherScreen() { put("\033[?25h\033[?1049l"); }
  OtherScreen(const OtherScreen&) = delete;
  OtherScreen& operator=(const OtherScreen&) = delete;

  /// Writes line by line over the old text, so that nothing flickers.
  void draw(const std::string& text) {
    std::string out = "\033[H";
    for (const char c : text) out += c == '\n' ? std::string("\033[K\r\n") : std::string(1, c);
    put(out + "\033[J");
  }
};

}  // namespace

int watch_command(const WatchOptions& options, const std::stop_token& stop) {
  auto access = DaemonAccess::open(options.server);
  if (!access) return fail(kInfrastructure, access.error());
  if (!is_on_terminal()) {
    const auto status = access->call("status");
    if (!status) return fail(status.error());
    put(render_watch(*status, {120, 1000}, false));
    return kSuccess;
  }
  OtherScreen screen;
  while (!stop.stop_requested()) {
    const auto status = access->call("status");
    const auto size = util::screen_size(stdout);
    screen.draw(status ? render_watch(*status, size, true)
                       : fmt::format("{}\nasking again every second; Ctrl-C ends\n",
                                     status.error().message.substr(0, size.columns)));
    util::sleep_unless_stopped(stop, kInterval);
  }
  return kSuccess;
}

}  // namespace wsbench::commands
