#include "tests/support/supervisord.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "tests/support/free_port.hpp"

namespace wsbench::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kProgram = "/usr/bin/supervisord";
constexpr std::chrono::seconds kStartLimit{20};
constexpr std::chrono::seconds kStopLimit{20};

/// Asks until the answer is yes or the time is up.
template <typename Question>
bool wait_until(Question question, steady_clock::duration limit) {
  const auto give_up = steady_clock::now() + limit;
  while (!question()) {
    if (steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return true;
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return out;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// Only calls that are safe between fork and exec.
[[noreturn]] void become_supervisord(const char* config, int output, pid_t parent) {
  // A test program that crashes takes its supervisord along, which in turn ends its programs.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::execl(kProgram, kProgram, "-n", "-c", config, static_cast<char*>(nullptr));
  ::_exit(127);
}

}  // namespace

Supervisord::Supervisord(SupervisordOptions options) : options_(std::move(options)) {
  // The port is free when it is chosen, not when supervisord binds it: it may take another turn.
  for (int attempt = 0; attempt < 3; ++attempt) {
    port_ = free_port();
    write_config(options_.sections);
    start();
    const bool is_settled = wait_until([this] { return has_exited() || is_accepting(); }, kStartLimit);
    if (is_settled && pid_ > 0) return;
    terminate();
  }
  throw std::runtime_error(
      fmt::format("supervisord does not come up:\n{}{}", read_file(directory() / "output"), log()));
}

Supervisord::~Supervisord() {
  terminate();
}

void Supervisord::write_config(const std::string& sections) {
  const std::string dir = directory().string();
  const std::string password = replaced(options_.password, "%", "%%");
  directory_.write(
      "supervisord.conf",
      fmt::format("[supervisord]\nlogfile={0}/supervisord.log\npidfile={0}/supervisord.pid\n"
                  "childlogdir={0}\nidentifier=wsbench-test\n"
                  "[unix_http_server]\nfile={0}/s.sock\nusername={2}\npassword={3}\n"
                  "[inet_http_server]\nport=127.0.0.1:{1}\nusername={2}\npassword={3}\n"
                  "[rpcinterface:supervisor]\n"
                  "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n{4}\n",
                  dir, port_, options_.user, password, replaced(sections, "{dir}", dir)));
}

void Supervisord::start() {
  const std::string config = (directory() / "supervisord.conf").string();
  const std::string output_path = (directory() / "output").string();
  const int output = ::open(output_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (output < 0) throw std::system_error(errno, std::generic_category(), output_path);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become_supervisord(config.c_str(), output, parent);
  const int error = errno;
  ::close(output);
  if (pid_ < 0) throw std::system_error(error, std::generic_category(), "fork");
}

bool Supervisord::is_accepting() const {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  const bool is_connected = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return is_connected && std::filesystem::exists(directory() / "s.sock");
}

bool Supervisord::has_exited() {
  if (pid_ <= 0) return true;
  if (::waitpid(pid_, nullptr, WNOHANG) == 0) return false;
  pid_ = -1;
  return true;
}

std::string Supervisord::url() const {
  return fmt::format("http://{}:{}@127.0.0.1:{}", percent_encoded(options_.user),
                     percent_encoded(options_.password), port_);
}

std::string Supervisord::url_without_user() const {
  return fmt::format("http://127.0.0.1:{}", port_);
}

std::string Supervisord::unix_url() const {
  return fmt::format("unix://{}:{}@{}/s.sock", percent_encoded(options_.user),
                     percent_encoded(options_.password), directory().string());
}

std::string Supervisord::log() const {
  return read_file(directory() / "supervisord.log");
}

void Supervisord::terminate() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  if (wait_until([this] { return has_exited(); }, kStopLimit)) return;
  // It hangs. Its programs would outlive it, each in a process group of its own.
  std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", pid_));
  for (pid_t child = 0; children >> child;) ::kill(child, SIGKILL);
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace wsbench::test
