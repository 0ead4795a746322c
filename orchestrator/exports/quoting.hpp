#pragma once

#include <string>
#include <string_view>

namespace wsbench::exports {

/// A field of CSV (RFC 4180), quoted where it must be.
std::string csv_field(std::string_view text);

/// A JSON string in quotes; bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

}  // namespace wsbench::exports
