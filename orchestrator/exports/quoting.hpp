#pragma once

#include <string>
#include <string_view>

namespace wsbench::exports {

/// A field as RFC 4180 writes it.
std::string csv_field(std::string_view text);

/// A JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

}  // namespace wsbench::exports
