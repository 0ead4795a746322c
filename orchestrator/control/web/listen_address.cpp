#include "orchestrator/control/web/listen_address.hpp"

#include <arpa/inet.h>

#include <charconv>

#include <fmt/format.h>

namespace wsbench::control::web {

namespace {

bool is_address(int family, const std::string& text) noexcept {
  in6_addr ignored{};
  return ::inet_pton(family, text.c_str(), &ignored) == 1;
}

tl::expected<std::uint16_t, std::string> parse_port(std::string_view text) {
  int port = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port < 0 || port > 65535) {
    return tl::unexpected(fmt::format("\"{}\" is no port: a number from 0 to 65535", text));
  }
  return static_cast<std::uint16_t>(port);
}

tl::expected<std::string, std::string> parse_address(std::string_view text, bool is_bracketed) {
  std::string address(text);
  if (is_bracketed) {
    if (is_address(AF_INET6, address)) return address;
    return tl::unexpected(fmt::format("\"{}\" is no IPv6 address", text));
  }
  if (text.empty() || text == "*") return "0.0.0.0";
  if (text == "localhost") return "127.0.0.1";
  if (is_address(AF_INET, address)) return address;
  return tl::unexpected(
      fmt::format("\"{}\" is no address to listen on: write 127.0.0.1:9002 or [::1]:9002", text));
}

}  // namespace

tl::expected<ListenAddress, std::string> parse_listen(std::string_view text) {
  ListenAddress listen;
  if (text.empty()) return tl::unexpected(std::string("the address to listen on is empty"));
  const bool is_bracketed = text.front() == '[';
  std::string_view host = text;
  std::string_view port;
  if (is_bracketed) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return tl::unexpected(fmt::format("\"{}\" lacks its ']'", text));
    host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    if (!port.empty() && port.front() != ':') {
      return tl::unexpected(fmt::format("\"{}\": ':' and a port may follow ']', nothing else", text));
    }
  } else if (text.find_first_not_of("0123456789") == std::string_view::npos) {
    host = "localhost";
    port = text;
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    if (is_address(AF_INET6, std::string(text))) {
      return tl::unexpected(fmt::format("an IPv6 address stands in brackets: [{}]:9002", text));
    }
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  auto address = parse_address(host, is_bracketed);
  if (!address) return tl::unexpected(address.error());
  listen.address = std::move(*address);
  if (port.empty()) return listen;
  auto number = parse_port(port.front() == ':' ? port.substr(1) : port);
  if (!number) return tl::unexpected(number.error());
  listen.port = *number;
  return listen;
}

std::string display(const ListenAddress& listen) {
  const bool is_ipv6 = listen.address.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", listen.address, listen.port)
                 : fmt::format("{}:{}", listen.address, listen.port);
}

bool is_loopback(std::string_view address) noexcept {
  const std::string text(address);
  in_addr v4{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24U == 127;
  in6_addr v6{};
  return ::inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

tl::expected<void, std::string> check_listen(std::string_view address, bool has_password) {
  if (has_password || is_loopback(address)) return {};
  return tl::unexpected(fmt::format(
      "{} can be reached from other machines, and no password is set: whoever gets there could start "
      "and stop suites. Set a user and a password, or listen on 127.0.0.1",
      address));
}

}  // namespace wsbench::control::web
