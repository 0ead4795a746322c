#include "orchestrator/daemon/log.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace wsbench::daemon {

using report::Severity;

namespace {

std::string_view word(report::Severity severity) {
  switch (severity) {
    case report::Severity::info:
      return "info";
    case report::Severity::warning:
      return "warning";
    case report::Severity::error:
      break;
  }
  return "error";
}

std::string stamped(report::Severity severity, std::string_view line) {
  const auto now = std::chrono::system_clock::now();
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  auto text = fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z {} {}", fmt::gmtime(now), ms, word(severity), line);
  // A line stays a line, whatever a contestant's name or stderr had in it.
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text + "\n";
}

std::FILE* open_to_append(const std::filesystem::path& file) {
  return std::fopen(file.c_str(), "ae");
}

}  // namespace

tl::expected<std::unique_ptr<Log>, std::string> Log::open(const std::filesystem::path& file) {
  std::FILE* out = file.empty() ? stderr : open_to_append(file);
  if (out == nullptr)
    return tl::unexpected(
        fmt::format("log_file {} cannot be written: {}", file.string(), std::strerror(errno)));
  return std::unique_ptr<Log>(new Log(file, out));
}

std::unique_ptr<Log> Log::in_memory() {
  return std::unique_ptr<Log>(new Log({}, nullptr));
}

Log::Log(std::filesystem::path file, std::FILE* out) : file_(std::move(file)), out_(out) {}

Log::~Log() {
  if (out_ != nullptr && out_ != stderr) std::fclose(out_);
}

void Log::write(report::Severity severity, std::string_view line) {
  const auto text = stamped(severity, line);
  const std::lock_guard lock(mutex_);
  if (out_ != nullptr) {
    std::fwrite(text.data(), 1, text.size(), out_);
    std::fflush(out_);
  }
  kept_ += text;
  if (kept_.size() > 2 * kKept) {
    const auto surplus = kept_.size() - kKept;
    kept_.erase(0, surplus);
    begin_ += static_cast<std::int64_t>(surplus);
  }
}

void Log::reopen() {
  if (file_.empty()) return;
  std::FILE* fresh = open_to_append(file_);
  if (fresh == nullptr) {
    warning(fmt::format("{} cannot be opened anew, going on with the old file: {}", file_.string(),
                        std::strerror(errno)));
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    std::swap(out_, fresh);
  }
  std::fclose(fresh);
  info("log opened anew");
}

std::string_view Log::from(std::int64_t offset) const {
  const auto end = begin_ + static_cast<std::int64_t>(kept_.size());
  return std::string_view(kept_).substr(static_cast<std::size_t>(std::clamp(offset, begin_, end) - begin_));
}

std::string Log::read(std::int64_t offset, std::int64_t length) const {
  const std::lock_guard lock(mutex_);
  const auto end = begin_ + static_cast<std::int64_t>(kept_.size());
  auto text = from(offset < 0 ? end + offset : offset);
  if (length > 0) text = text.substr(0, static_cast<std::size_t>(length));
  return std::string(text);
}

control::state::LogWindow Log::tail(std::int64_t offset, std::int64_t length) const {
  const std::lock_guard lock(mutex_);
  const auto end = begin_ + static_cast<std::int64_t>(kept_.size());
  if (offset > end || length <= 0) return {"", end, length > 0 ? false : end > offset};
  return {std::string(from(end - length)), end, end > offset + length};
}

}  // namespace wsbench::daemon
