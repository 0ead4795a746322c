#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "store/run/error.hpp"

namespace wsbench::exports {

struct Error {
  enum class Kind {
    read,         ///< the run cannot be read
    write,        ///< a file cannot be written; also: no space left
    reader_gone,  ///< the reader of a pipe has closed it, as head does: not a failure
    interrupted,  ///< a stop was asked for
    remote,       ///< a database server was not reached, or it refused
    usage,        ///< what was asked for makes no sense
  };
  Error(Kind kind_, std::string message_) : kind(kind_), message(std::move(message_)) {}
  Error(const store::Error& error) : kind(Kind::read), message(error.message) {}

  Kind kind;
  std::string message;  ///< names the file, the run or the server; never a password
};

template <typename T>
using Result = tl::expected<T, Error>;

}  // namespace wsbench::exports
