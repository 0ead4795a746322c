#pragma once

#include <string>

#include <tl/expected.hpp>

#include "store/run/error.hpp"

namespace wsbench::exports {

struct Error {
  enum class Kind {
    read,         ///< the run
    write,        ///< the disk; also: no space left
    reader_gone,  ///< whoever read our rows has had enough (a pipe to head): no fault of anybody
    interrupted,  ///< a stop was asked for
    remote,       ///< a database server: not reached, or it refused
    usage,        ///< what was asked for makes no sense
  };
  Kind kind = Kind::write;
  std::string message;  ///< names the file, the run or the server; never a password
};

template <typename T>
using Result = tl::expected<T, Error>;

inline Error read_error(const store::Error& error) {
  return {Error::Kind::read, error.message};
}

}  // namespace wsbench::exports
