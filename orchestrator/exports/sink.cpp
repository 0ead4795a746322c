#include "orchestrator/exports/sink.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace wsbench::exports {

namespace {

tl::unexpected<Error> disk_error(const char* verb, std::string_view name, int error) {
  const auto kind = error == EPIPE ? Error::Kind::reader_gone : Error::Kind::write;
  return tl::unexpected(
      Error{kind, fmt::format("{} cannot be {}: {}", name, verb, std::generic_category().message(error))});
}

Result<void> write_all(int descriptor, std::string_view name, std::string_view bytes) {
  while (!bytes.empty()) {
    const ::ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      return disk_error("written", name, errno);
  }
  return {};
}

class StreamSink final : public Sink {
 public:
  StreamSink(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  Result<void> write(std::string_view bytes) override { return write_all(descriptor_, name_, bytes); }
  Result<void> finish() override { return {}; }

 private:
  const int descriptor_;
  const std::string name_;
};

class FileSink final : public Sink {
 public:
  FileSink(int descriptor, std::filesystem::path path, std::filesystem::path partial)
      : descriptor_(descriptor), path_(std::move(path)), partial_(std::move(partial)) {}

  ~FileSink() override {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!whole_) ::unlink(partial_.c_str());
  }
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  Result<void> write(std::string_view bytes) override {
    return write_all(descriptor_, path_.native(), bytes);
  }

  Result<void> finish() override {
    // Some file systems tell only here that the disk is full.
    const bool closed = ::close(std::exchange(descriptor_, -1)) == 0 || errno == EINTR;
    if (!closed || ::rename(partial_.c_str(), path_.c_str()) != 0)
      return disk_error("written", path_.native(), errno);
    whole_ = true;
    return {};
  }

 private:
  int descriptor_;
  const std::filesystem::path path_;
  const std::filesystem::path partial_;
  bool whole_ = false;
};

}  // namespace

Result<std::unique_ptr<Sink>> make_file_sink(const std::filesystem::path& path) {
  std::filesystem::path partial = path;
  partial += ".partial";
  const int descriptor = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return disk_error("made", partial.native(), errno);
  return std::make_unique<FileSink>(descriptor, path, std::move(partial));
}

std::unique_ptr<Sink> make_stream_sink(int descriptor, std::string name) {
  return std::make_unique<StreamSink>(descriptor, std::move(name));
}

}  // namespace wsbench::exports
