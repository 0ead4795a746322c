#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "orchestrator/exports/error.hpp"

namespace wsbench::exports {

/// Takes the bytes of one table. Used from one thread. Nothing may be written after an error. A sink that is
/// destroyed before finish() leaves no file.
class Sink {
 public:
  virtual ~Sink() = default;

  virtual Result<void> write(std::string_view bytes) = 0;
  virtual Result<void> finish() = 0;
};

/// A file that is called "<name>.partial" until finish() gives it its name, then replacing a file that has
/// it. The error is of kind write, also while another process or sink writes the same file.
Result<std::unique_ptr<Sink>> make_file_sink(const std::filesystem::path& path);

/// Writes to a descriptor that stays the caller's; messages call it `name`. A pipe whose reader has gone
/// gives the error reader_gone; SIGPIPE must be ignored.
std::unique_ptr<Sink> make_stream_sink(int descriptor, std::string name);

}  // namespace wsbench::exports
