#include "orchestrator/daemon/contestant_logs.hpp"

#include <algorithm>
#include <fstream>
#include <ios>
#include <utility>

#include <fmt/format.h>

#include "rpc/http_transport.hpp"
#include "rpc/supervisor.hpp"

namespace wsbench::daemon {

namespace fs = std::filesystem;
using control::state::LogChannel;
using control::state::LogWindow;
using control::state::Refusal;

namespace {

tl::unexpected<control::state::Refusal> failed(const rpc::Error& error) {
  return tl::unexpected(control::state::Refusal{control::state::Refusal::Kind::failed, error.message});
}

/// A log as competition/servers/*.ini names it.
fs::path file_of(const fs::path& folder, std::string_view contestant, control::state::LogChannel channel) {
  const auto program = contestant.substr(contestant.find(':') + 1);
  return folder / fmt::format("{}-{}.log", program,
                              channel == control::state::LogChannel::stdout_log ? "stdout" : "stderr");
}

/// A file's bytes from `begin` on, `length` at most; what cannot be read is empty, as supervisord has it for
/// a log that was never written.
std::string bytes_of(std::ifstream& in, std::int64_t begin, std::int64_t length) {
  std::string text(static_cast<std::size_t>(std::max<std::int64_t>(length, 0)), '\0');
  in.seekg(begin);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  return text;
}

std::int64_t size_of(std::ifstream& in) {
  in.seekg(0, std::ios::end);
  const auto size = static_cast<std::int64_t>(in.tellg());
  return std::max<std::int64_t>(size, 0);
}

/// No answer is larger, whatever was asked for.
constexpr std::int64_t kLargestWindow = 4 << 20;

}  // namespace

tl::expected<std::string, control::state::Refusal> read_contestant_log(const LogSource& source,
                                                                       std::string_view contestant,
                                                                       control::state::LogChannel channel,
                                                                       std::int64_t offset,
                                                                       std::int64_t length) {
  if (const auto* folder = std::get_if<fs::path>(&source)) {
    std::ifstream in(file_of(*folder, contestant, channel), std::ios::binary);
    const auto size = size_of(in);
    const auto begin = std::clamp<std::int64_t>(offset < 0 ? size + offset : offset, 0, size);
    const auto wanted = length > 0 ? length : size - begin;
    return bytes_of(in, begin, std::min({wanted, size - begin, kLargestWindow}));
  }
  rpc::Supervisor supervisor(rpc::make_http_transport(std::get<rpc::Endpoint>(source)));
  auto text = channel == control::state::LogChannel::stdout_log
                  ? supervisor.read_process_stdout_log(contestant, offset, length)
                  : supervisor.read_process_stderr_log(contestant, offset, length);
  if (!text) return failed(text.error());
  return std::move(*text);
}

tl::expected<control::state::LogWindow, control::state::Refusal> tail_contestant_log(
    const LogSource& source, std::string_view contestant, control::state::LogChannel channel,
    std::int64_t offset, std::int64_t length) {
  if (const auto* folder = std::get_if<fs::path>(&source)) {
    std::ifstream in(file_of(*folder, contestant, channel), std::ios::binary);
    const auto size = size_of(in);
    if (offset > size) return control::state::LogWindow{"", size, false};
    const auto wanted = std::min({std::max<std::int64_t>(length, 0), size, kLargestWindow});
    return control::state::LogWindow{bytes_of(in, size - wanted, wanted), size, size > offset + length};
  }
  rpc::Supervisor supervisor(rpc::make_http_transport(std::get<rpc::Endpoint>(source)));
  auto tail = channel == control::state::LogChannel::stdout_log
                  ? supervisor.tail_process_stdout_log(contestant, offset, length)
                  : supervisor.tail_process_stderr_log(contestant, offset, length);
  if (!tail) return failed(tail.error());
  return control::state::LogWindow{std::move(tail->text), tail->offset, tail->overflow};
}

}  // namespace wsbench::daemon
