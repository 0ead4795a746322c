#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wsbench::rpc {

/// RFC 4648 section 4, with padding, on one line.
std::string encode_base64(std::string_view bytes);

/// The bytes; nothing when the text is not base64. Skips white space, since XML-RPC writers break lines. The
/// padding must be there.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace wsbench::rpc
