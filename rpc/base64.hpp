#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wsbench::rpc {

/// RFC 4648 section 4, padded, on one line.
std::string encode_base64(std::string_view bytes);

/// The bytes; nothing when the text is not base64. White space anywhere is skipped, since XML-RPC writers
/// break lines; padding may not be left out.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace wsbench::rpc
