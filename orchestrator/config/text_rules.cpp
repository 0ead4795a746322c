#include "orchestrator/config/text_rules.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace wsbench::config {

namespace {

constexpr std::size_t kLongestHost = 253;   // RFC 1035
constexpr std::size_t kLongestPath = 4095;  // PATH_MAX less its NUL
constexpr std::size_t kLongestName = 100;   // a directory's name is made of it
constexpr std::size_t kLongestSocketPath = sizeof(sockaddr_un::sun_path) - 1;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_address_of(int family, const std::string& text) {
  in6_addr bytes{};
  return inet_pton(family, text.c_str(), &bytes) == 1;
}

bool is_address(std::string_view text) {
  const std::string terminated(text);
  // inet_pton would stop at a NUL and call the rest good.
  if (terminated.find('\0') != std::string::npos) return false;
  return is_address_of(AF_INET, terminated) || is_address_of(AF_INET6, terminated);
}

bool is_host(std::string_view text) {
  if (text.empty() || text.size() > kLongestHost) return false;
  if (text.find(':') != std::string_view::npos) return is_address(text.substr(0, text.find('%')));
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_'; });
}

bool is_path(std::string_view text) {
  return !text.empty() && text.size() <= kLongestPath && std::none_of(text.begin(), text.end(), is_control);
}

bool is_request_path(std::string_view text) {
  return text.starts_with('/') && text.size() <= kLongestPath &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '#'; });
}

bool is_program(std::string_view text) {
  return !text.empty() && text.front() != '.' && std::none_of(text.begin(), text.end(), [](char c) {
    return is_control(c) || c == ' ' || c == '/' || c == ':' || c == '*';
  });
}

bool is_contestant(std::string_view text) {
  if (text.size() > kLongestName) return false;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return is_program(text);
  return is_program(text.substr(0, colon)) && is_program(text.substr(colon + 1));
}

bool is_socket_path(std::string_view text) {
  return text.size() <= kLongestSocketPath && text.starts_with('/') && is_path(text);
}

bool is_user(std::string_view text) {
  return !text.empty() &&
         std::none_of(text.begin(), text.end(), [](char c) { return is_control(c) || c == ':'; });
}

bool is_variable(std::string_view text) {
  return !text.empty() && !is_digit(text.front()) && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '_';
  });
}

/// The address's bytes: equal for all spellings of one address. What is no address stays as it is.
std::string canonical_address(const std::string& address) {
  in6_addr bytes{};
  const auto* text = reinterpret_cast<const char*>(&bytes);
  if (inet_pton(AF_INET, address.c_str(), &bytes) == 1) return {text, sizeof(in_addr)};
  if (inet_pton(AF_INET6, address.c_str(), &bytes) == 1) return {text, sizeof(in6_addr)};
  return address;
}

constexpr TextRule kContestant{
    R"(a contestant as supervisord names it: "name" or "group:name", without spaces, "/" and "*", not led by ".")",
    is_contestant,
    R"(^[^\u0000-\u0020\u007f/:*.][^\u0000-\u0020\u007f/:*]*(:[^\u0000-\u0020\u007f/:*.][^\u0000-\u0020\u007f/:*]*)?$)",
    kLongestName};
constexpr TextRule kAddress{R"(an IP address such as "127.0.0.2" or "::1")", is_address, "^[0-9A-Fa-f.:]+$"};

}  // namespace

// constinit: tables of keys are made of these before main().
constinit const TextRule kHost{
    R"(a host name or an IP address such as "bench.example.org", "127.0.0.1" or "::1")", is_host,
    "^[A-Za-z0-9._:%-]+$", kLongestHost};
constinit const TextRule kPath{"a path without control characters", is_path, R"(^[^\u0000-\u001f\u007f]+$)",
                               kLongestPath};
constinit const TextRule kRequestPath{
    R"(a request path that begins with "/" and has no space, "#" or non-ASCII character)", is_request_path,
    R"(^/[!-"$-~]*$)", kLongestPath};
constinit const TextRule kSocketPath{
    R"(an absolute path of at most 107 bytes such as "/run/supervisor.sock")", is_socket_path,
    R"(^/[^\u0000-\u001f\u007f]*$)", kLongestSocketPath};
constinit const TextRule kUser{"a user name without colon and control characters", is_user,
                               R"(^[^\u0000-\u001f\u007f:]+$)"};
constinit const TextRule kVariable{R"(the name of an environment variable such as "SUPERVISOR_PASSWORD")",
                                   is_variable, "^[A-Za-z_][A-Za-z0-9_]*$"};

constinit const ListRule kContestants{
    .element = kContestant,
    .least = 1,
    .when_too_short = "must name at least one contestant; to measure every contestant, leave the key out",
    .advice = "; to measure a contestant more than once, set \"rounds\""};
constinit const ListRule kAddresses{.element = kAddress, .identity = canonical_address};

nlohmann::ordered_json text_schema(const TextRule& rule) {
  nlohmann::ordered_json schema = {{"type", "string"}};
  if (!rule.pattern.empty()) schema["pattern"] = rule.pattern;
  if (rule.longest > 0) schema["maxLength"] = rule.longest;
  return schema;
}

}  // namespace wsbench::config
