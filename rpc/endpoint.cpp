#include <sys/un.h>

#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "rpc/transport.hpp"

namespace wsbench::rpc {
namespace {

// No message here quotes the URL beyond a host and a port that were found without doubt: what is left of it
// may hold a password.

using Failure = tl::unexpected<std::string>;

Failure failure(std::string what) {
  return Failure(std::move(what));
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == '\x7F') return std::nullopt;
    out += c;
  }
  return out;
}

/// "user:password" into the endpoint.
tl::expected<void, std::string> take_credentials(std::string_view text, Endpoint& endpoint) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return failure("a user without a password: user:password@ is due");
  auto user = percent_decoded(text.substr(0, colon));
  auto password = percent_decoded(text.substr(colon + 1));
  if (!user || !password) {
    return failure("user and password may hold %XX for a character, and no control characters");
  }
  if (user->empty()) return failure("a password without a user");
  if (user->find(':') != std::string::npos) return failure("a user's name cannot hold a ':' in HTTP");
  endpoint.user = std::move(*user);
  endpoint.password = std::move(*password);
  return {};
}

bool is_host(std::string_view host, bool is_ipv6) {
  constexpr std::string_view kName = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  constexpr std::string_view kIpv6 = "0123456789abcdefABCDEF:.";
  return !host.empty() && host.find_first_not_of(is_ipv6 ? kIpv6 : kName) == std::string_view::npos;
}

tl::expected<void, std::string> take_port(std::string_view text, Endpoint& endpoint) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port < 1 || port > 65535) {
    return failure("the port is not a number from 1 to 65535");
  }
  endpoint.port = port;
  return {};
}

/// "host", "host:9001" or "[::1]:9001" into the endpoint.
tl::expected<void, std::string> take_host(std::string_view text, Endpoint& endpoint) {
  const bool is_ipv6 = text.substr(0, 1) == "[";
  std::string_view host = text.substr(0, text.find(':'));
  std::string_view port = text.substr(host.size());
  if (is_ipv6) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return failure("an IPv6 address without its ']'");
    host = text.substr(1, close - 1);
    port = text.substr(close + 1);
  } else if (port.find(':', 1) != std::string_view::npos) {
    return failure("more than one ':' after the host: an IPv6 address stands in brackets, [::1]:9001");
  }
  if (host.empty()) return failure("the host is missing");
  if (!is_host(host, is_ipv6)) return failure("the host holds characters that no host name has");
  endpoint.host = host;
  if (port.empty()) return {};
  if (port[0] != ':') return failure("':' and a port, or nothing, may follow ']'");
  return take_port(port.substr(1), endpoint);
}

tl::expected<Endpoint, std::string> parse_unix(std::string_view rest) {
  Endpoint endpoint;
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return failure("a unix socket needs an absolute path: unix:///path");
  if (std::string_view authority = rest.substr(0, slash); !authority.empty()) {
    if (authority.back() != '@') return failure("a unix socket needs an absolute path: unix:///path");
    authority.remove_suffix(1);
    if (auto taken = take_credentials(authority, endpoint); !taken) return tl::unexpected(taken.error());
  }
  endpoint.unix_socket = rest.substr(slash);
  if (endpoint.unix_socket.size() >= sizeof(sockaddr_un::sun_path)) {
    return failure(fmt::format("a unix socket's path has at most {} bytes, this one {}",
                               sizeof(sockaddr_un::sun_path) - 1, endpoint.unix_socket.size()));
  }
  return endpoint;
}

tl::expected<Endpoint, std::string> parse_tcp(std::string_view rest, int default_port) {
  Endpoint endpoint;
  endpoint.port = default_port;
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const std::string_view path = rest.substr(authority.size());
  if (path.find('@') != std::string_view::npos) {
    return failure("an '@' behind the host: / ? # in a user or password are written %2F %3F %23");
  }
  if (path != "" && path != "/" && path != "/RPC2" && path != "/RPC2/") {
    return failure("the path can only be /RPC2, where supervisord listens");
  }
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    auto taken = take_credentials(authority.substr(0, at), endpoint);
    if (!taken) return tl::unexpected(taken.error());
  }
  auto taken = take_host(at == std::string_view::npos ? authority : authority.substr(at + 1), endpoint);
  if (!taken) return tl::unexpected(taken.error());
  return endpoint;
}

}  // namespace

std::string Endpoint::display() const {
  if (!unix_socket.empty()) return "unix://" + unix_socket;
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("http://[{}]:{}", host, port) : fmt::format("http://{}:{}", host, port);
}

tl::expected<Endpoint, std::string> parse_endpoint(std::string_view url, int default_port) {
  if (url.empty()) return failure("the address is empty");
  const std::size_t mark = url.find("://");
  if (mark == std::string_view::npos) {
    if (url[0] == '/') return failure("a unix socket is written unix:///path");
    return parse_tcp(url, default_port);
  }
  const std::string_view scheme = url.substr(0, mark);
  const std::string_view rest = url.substr(mark + 3);
  if (scheme == "http") return parse_tcp(rest, default_port);
  if (scheme == "unix") return parse_unix(rest);
  return failure("only http:// and unix:// are spoken");
}

}  // namespace wsbench::rpc
