#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "orchestrator/exports/error.hpp"

namespace wsbench::exports {

/// Where the bytes of one table go. Used from one thread. After an error nothing more is to be written. A
/// sink that is destroyed before finish() leaves no file behind.
class Sink {
 public:
  virtual ~Sink() = default;

  virtual Result<void> write(std::string_view bytes) = 0;
  virtual Result<void> finish() = 0;
};

/// A file that bears its name only once it is whole: until finish() it is called "<name>.partial". One that
/// is there already is replaced then. Error write, too, while another process or sink writes the same.
Result<std::unique_ptr<Sink>> make_file_sink(const std::filesystem::path& path);

/// A descriptor that stays the caller's; `name` is what messages call it. A pipe that nobody reads any more
/// is the error reader_gone (SIGPIPE must be ignored).
std::unique_ptr<Sink> make_stream_sink(int descriptor, std::string name);

/// Compresses as one zstd frame with a checksum on its way to `to`, with a few threads where libzstd has any.
std::unique_ptr<Sink> make_zstd_sink(std::unique_ptr<Sink> to);

}  // namespace wsbench::exports
