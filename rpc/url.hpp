#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace wsbench::rpc {

/// The parts of a URL (RFC 3986), percent-decoded. What the URL lacks is empty; its path is at least "/".
struct Url {
  std::string scheme;
  std::optional<std::string> user, password;
  std::string host;  ///< an IPv6 address keeps its brackets
  std::optional<std::uint16_t> port;
  std::string path, query, fragment;
};

/// Takes any scheme. The error is one line and quotes nothing of the URL, which may hold a password.
tl::expected<Url, std::string> parse_url(const std::string& text);

/// Every byte but letters, digits and -._~ as %XX.
std::string percent_encoded(std::string_view text);

}  // namespace wsbench::rpc
