#include "orchestrator/contestants/local_supervisord.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "orchestrator/machine/ports.hpp"
#include "rpc/http_transport.hpp"
#include "rpc/supervisor.hpp"

namespace wsbench::contestants {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

constexpr auto kStartLimit = 15s;

/// The last line that begins with "Error:", which supervisord follows with a hint at its help; else the last
/// line.
std::string complaint_in(const fs::path& file) {
  std::ifstream in(file);
  std::string line, last, error;
  while (std::getline(in, line)) {
    if (line.rfind("Error:", 0) == 0) error = line;
    if (!line.empty()) last = line;
  }
  return error.empty() ? last : error;
}

}  // namespace

LocalSupervisord::LocalSupervisord(machine::ChildProcess process, rpc::Endpoint endpoint)
    : process_(std::move(process)), endpoint_(std::move(endpoint)) {}

tl::expected<LocalSupervisord, std::string> LocalSupervisord::start(const LocalSupervisordOptions& options) {
  std::error_code error;
  fs::create_directories(options.directory, error);
  if (error)
    return tl::unexpected(fmt::format("{} cannot be made: {}", options.directory.string(), error.message()));
  const auto port = machine::free_port();
  if (!port) return tl::unexpected(port.error());

  const auto output = options.directory / "serve.log";
  auto process = machine::ChildProcess::spawn(
      {.arguments = {(options.competition / "serve").string(), "--listen", fmt::format("127.0.0.1:{}", *port),
                     "--address", "127.0.0.1", "--port", std::to_string(options.contestants_port),
                     "--directory", options.directory.string()},
       .environment = {},
       .cpus = options.cpus,
       .output = output});
  if (!process) return tl::unexpected(process.error());

  rpc::Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = *port;
  rpc::Supervisor supervisor(rpc::make_http_transport(endpoint));
  const auto deadline = std::chrono::steady_clock::now() + kStartLimit;
  while (!supervisor.get_state()) {
    if (!process->running()) {
      return tl::unexpected(
          fmt::format("the local supervisord ended at once: {}{}", complaint_in(output),
                      options.directory_stays ? fmt::format(" (the whole log: {})", output.string()) : ""));
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      return tl::unexpected(
          fmt::format("the local supervisord did not answer within {} s; {}", kStartLimit.count(),
                      options.directory_stays ? fmt::format("see {}", output.string())
                                              : fmt::format("it said: {}", complaint_in(output))));
    }
    std::this_thread::sleep_for(20ms);
  }
  return LocalSupervisord(std::move(*process), std::move(endpoint));
}

tl::expected<fs::path, std::string> find_competition() {
  if (const char* given = std::getenv("WSBENCH_COMPETITION")) {
    const fs::path folder(given);
    if (fs::exists(folder / "supervisord.conf")) return folder;
    return tl::unexpected(
        fmt::format("WSBENCH_COMPETITION is {}, but there is no supervisord.conf in it", given));
  }
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error);
  for (auto folder = program.parent_path(); folder.has_relative_path(); folder = folder.parent_path()) {
    for (const auto* candidate : {"competition", "share/wsbench/competition"}) {
      if (fs::exists(folder / candidate / "supervisord.conf")) return folder / candidate;
    }
  }
  return tl::unexpected(
      fmt::format("no folder competition/ with a supervisord.conf above {}; set WSBENCH_COMPETITION to it",
                  program.parent_path().string()));
}

}  // namespace wsbench::contestants
