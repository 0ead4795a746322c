#include "rpc/endpoint.hpp"

#include <sys/un.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "rpc/url.hpp"

namespace wsbench::rpc {
namespace {

using Failure = tl::unexpected<std::string>;

constexpr std::string_view kUnixScheme = "unix://";
constexpr const char* kUnixShape = "a unix socket needs an absolute path: unix:///path";

tl::expected<void, std::string> take_credentials(Url& url, Endpoint& endpoint) {
  if (!url.user) return {};
  if (!url.password) return Failure("a user needs a password: write user:password@");
  if (url.user->empty()) return Failure("a password needs a user: write user:password@");
  if (url.user->find(':') != std::string::npos) return Failure("a user's name cannot hold a ':' in HTTP");
  endpoint.user = std::move(*url.user);
  endpoint.password = std::move(*url.password);
  return {};
}

tl::expected<Url, std::string> parsed(const std::string& text) {
  auto url = parse_url(text);
  if (url || text.find('@') == std::string::npos) return url;
  return Failure(url.error() + " (in a user or password, write / ? # @ : and % as %2F %3F %23 %40 %3A %25)");
}

tl::expected<Endpoint, std::string> parse_unix(std::string_view text) {
  const std::size_t slash = text.find('/', kUnixScheme.size());
  if (slash == std::string_view::npos) return Failure(kUnixShape);
  Endpoint endpoint;
  endpoint.unix_socket = text.substr(slash);
  if (endpoint.unix_socket.size() >= sizeof(sockaddr_un::sun_path)) {
    return Failure(fmt::format("a unix socket's path has at most {} bytes, this one has {}",
                               sizeof(sockaddr_un::sun_path) - 1, endpoint.unix_socket.size()));
  }
  // libcurl reads a user and a password only in front of a host.
  constexpr std::string_view kHost = "localhost";
  auto url = parsed(fmt::format("{}{}", text.substr(0, slash), kHost));
  if (!url) return tl::unexpected(std::move(url.error()));
  if (url->host != kHost || url->port) return Failure(kUnixShape);
  if (auto taken = take_credentials(*url, endpoint); !taken) return tl::unexpected(std::move(taken.error()));
  return endpoint;
}

}  // namespace

std::string Endpoint::display() const {
  if (!unix_socket.empty()) return "unix://" + unix_socket;
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("http://[{}]:{}", host, port) : fmt::format("http://{}:{}", host, port);
}

tl::expected<Endpoint, std::string> parse_endpoint(std::string_view text, int default_port) {
  if (text.empty()) return Failure("the address is empty");
  if (text[0] == '/') return Failure("a unix socket is written unix:///path");
  if (text.substr(0, kUnixScheme.size()) == kUnixScheme) return parse_unix(text);
  const bool has_scheme = text.find("://") != std::string_view::npos;
  auto url = parsed(fmt::format("{}{}", has_scheme ? "" : "http://", text));
  if (!url) return tl::unexpected(std::move(url.error()));
  if (url->scheme != "http") return Failure("the address must begin with http:// or unix://");
  if ((url->path != "/" && url->path != "/RPC2" && url->path != "/RPC2/") || !url->query.empty() ||
      !url->fragment.empty()) {
    return Failure("the path must be /RPC2 or left out: supervisord listens nowhere else");
  }
  Endpoint endpoint;
  endpoint.port = url->port.value_or(static_cast<std::uint16_t>(default_port));
  const bool is_ipv6 = url->host.front() == '[';
  endpoint.host = is_ipv6 ? url->host.substr(1, url->host.size() - 2) : url->host;
  if (auto taken = take_credentials(*url, endpoint); !taken) return tl::unexpected(std::move(taken.error()));
  return endpoint;
}

}  // namespace wsbench::rpc
