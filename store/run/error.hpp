#pragma once

#include <string>

namespace wsbench::store {

struct Error {
  enum class Kind {
    io,          ///< the disk or the file system; also: no space left
    locked,      ///< another process has the run open for writing
    not_found,   ///< no such run, contestant or value
    exists,      ///< a run is already there
    corruption,  ///< a checksum, a key or a length is wrong
    version,     ///< written by a newer wsbench
  };
  Kind kind = Kind::io;
  std::string message;  ///< a whole sentence with the path or the key in it
};

}  // namespace wsbench::store
