#pragma once

#include <cstddef>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/control/web/http.hpp"

// The texts of HTTP/1.1 (RFC 9112), without a socket. Clean in C++17 and C++20.

namespace wsbench::control::web {

/// "Not Found"; "Status" for a code that is not in use here. Never empty: supervisorctl takes a status line
/// apart at its blanks.
std::string_view reason_phrase(int status) noexcept;

/// `%41` becomes A; nothing when a '%' has no two hexadecimal digits behind it, or when a NUL comes out.
std::optional<std::string> percent_decoded(std::string_view text);

std::string lower_case(std::string_view text);

/// How a reader knows where an answer ends.
enum class Framing {
  length,       ///< Content-Length
  chunked,      ///< Transfer-Encoding: chunked
  until_close,  ///< for HTTP/1.0, which has no chunks
};

/// Whether an answer of that status may have a body.
bool has_body(int status) noexcept;

/// From the status line to the empty line. `length` is what Content-Length says under Framing::length; `now`
/// is for Date.
std::string response_head(const Response& response, Framing framing, std::size_t length, std::time_t now);

/// What stands before and behind a chunk of `size` bytes; of none is only the last one.
std::string chunk_head(std::size_t size);
inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace wsbench::control::web
