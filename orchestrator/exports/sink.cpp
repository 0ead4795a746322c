#include "orchestrator/exports/sink.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <tl/expected.hpp>

#include "orchestrator/util/descriptor.hpp"

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

bool is_file_called(int descriptor, const std::filesystem::path& path) {
  struct stat ours {};
  struct stat named {};
  return ::fstat(descriptor, &ours) == 0 && ::stat(path.c_str(), &named) == 0 &&
         ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/// Opens an empty file and locks it, so that no other export writes to it.
Result<util::Descriptor> open_locked(const std::filesystem::path& partial) {
  while (true) {
    util::Descriptor file(::open(partial.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
    if (file.get() < 0) return disk_error("created", partial.native(), errno);
    // A file system without locks gives another error, which does not matter.
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
      return tl::unexpected(
          Error{Error::Kind::write, fmt::format("{} is being written by another export", partial.native())});
    // Its former writer may have renamed or deleted it after it was opened here.
    if (!is_file_called(file.get(), partial)) continue;
    if (::ftruncate(file.get(), 0) != 0 && errno != EINVAL)  // EINVAL: a device
      return disk_error("emptied", partial.native(), errno);
    return file;
  }
}

class FileSink final : public Sink {
 public:
  FileSink(util::Descriptor file, std::filesystem::path path, std::filesystem::path partial)
      : file_(std::move(file)), path_(std::move(path)), partial_(std::move(partial)) {}

  ~FileSink() override {
    if (!is_renamed_)
      ::unlink(partial_.c_str());  // before the lock goes: afterwards it may be another export's
  }
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  Result<void> write(std::string_view bytes) override {
    return write_all(file_.get(), path_.native(), bytes);
  }

  Result<void> finish() override {
    // Some file systems report only here that the disk is full. EINVAL: a device, which has nothing to sync.
    const bool synced = ::fsync(file_.get()) == 0 || errno == EINVAL;
    if (!synced || ::rename(partial_.c_str(), path_.c_str()) != 0)
      return disk_error("written", path_.native(), errno);
    is_renamed_ = true;
    if (!file_.close()) return disk_error("written", path_.native(), errno);
    return {};
  }

 private:
  util::Descriptor file_;
  const std::filesystem::path path_;
  const std::filesystem::path partial_;
  bool is_renamed_ = false;  ///< to its final name
};

}  // namespace

Result<std::unique_ptr<Sink>> make_file_sink(const std::filesystem::path& path) {
  std::filesystem::path partial = path;
  partial += ".partial";
  auto file = open_locked(partial);
  if (!file) return tl::unexpected(std::move(file.error()));
  return std::make_unique<FileSink>(std::move(*file), path, std::move(partial));
}

std::unique_ptr<Sink> make_stream_sink(int descriptor, std::string name) {
  return std::make_unique<StreamSink>(descriptor, std::move(name));
}

}  // namespace wsbench::exports
