#pragma once

#include <string_view>

namespace wsbench::control::dashboard {

/// A file of the dashboard, embedded when wsbench was built. Everything lives as long as the program.
struct Asset {
  std::string_view path;          ///< of the request: "/", "/dashboard/main.js"
  std::string_view content_type;  ///< "text/html; charset=utf-8"
  std::string_view etag;          ///< strong, quoted, by content: changes when a byte does
  std::string_view bytes;         ///< the body as it is sent
  bool gzipped = false;           ///< whether `bytes` want "Content-Encoding: gzip"
};

/// The asset at that path exactly (percent-decoded, no query), or nullptr. Thread-safe.
const Asset* find_asset(std::string_view path) noexcept;

/// The Content-Security-Policy that "/" is to be answered with: the page asks nobody but this server, runs
/// nothing that is written into a page, and stands in no other site's frame.
inline constexpr std::string_view kDashboardPolicy =
    "default-src 'self'; connect-src 'self'; style-src 'self'; script-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace wsbench::control::dashboard
