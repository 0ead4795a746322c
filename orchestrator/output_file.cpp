#include "orchestrator/output_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include <fmt/format.h>

namespace wsbench::orchestrator {

namespace {

constexpr std::size_t kBufferBytes = 256U << 10U;

store::Error disk_error(const char* verb, const std::filesystem::path& path, int error) {
  return {store::Error::Kind::io,
          fmt::format("{} cannot be {}: {}", path.string(), verb, std::generic_category().message(error))};
}

}  // namespace

struct OutputFile::File {
  std::filesystem::path path;
  std::filesystem::path partial;
  int descriptor = -1;
  int error = 0;  ///< errno of the first write that failed
  bool whole = false;
};

void OutputFile::Close::operator()(File* file) const noexcept {
  if (file->descriptor >= 0) ::close(file->descriptor);
  if (!file->whole) ::unlink(file->partial.c_str());
  delete file;
}

OutputFile::OutputFile(std::unique_ptr<File, Close> file) : file_(std::move(file)), buffer_(kBufferBytes) {}

store::Result<OutputFile> OutputFile::create(std::filesystem::path path) {
  std::filesystem::path partial = path;
  partial += ".partial";
  const int descriptor = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return tl::unexpected(disk_error("made", partial, errno));
  return OutputFile(std::unique_ptr<File, Close>(new File{std::move(path), std::move(partial), descriptor}));
}

void OutputFile::text(std::string_view text) {
  if (buffer_.size() - used_ < text.size()) {
    flush();
    if (text.size() > buffer_.size()) return write(text);
  }
  std::copy(text.begin(), text.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(used_));
  used_ += text.size();
}

bool OutputFile::failed() const noexcept {
  return file_->error != 0;
}

void OutputFile::flush() {
  write({buffer_.data(), used_});
  used_ = 0;
}

void OutputFile::write(std::string_view bytes) {
  while (!bytes.empty() && !failed()) {
    const ::ssize_t written = ::write(file_->descriptor, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      file_->error = errno;
    }
  }
}

store::Result<void> OutputFile::finish() {
  flush();
  // Some file systems tell only here that the disk is full.
  const bool closed = ::close(std::exchange(file_->descriptor, -1)) == 0 || errno == EINTR;
  if (!failed() && !closed) file_->error = errno;
  if (failed()) return tl::unexpected(disk_error("written", file_->path, file_->error));
  if (::rename(file_->partial.c_str(), file_->path.c_str()) != 0) {
    return tl::unexpected(disk_error("written", file_->path, errno));
  }
  file_->whole = true;
  return {};
}

}  // namespace wsbench::orchestrator
