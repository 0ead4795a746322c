#include "orchestrator/control/web/access.hpp"

#include <algorithm>
#include <utility>

#include <websocketpp/sha1/sha1.hpp>

#include "orchestrator/control/web/http_text.hpp"
#include "orchestrator/control/web/listen_address.hpp"
#include "rpc/base64.hpp"

namespace wsbench::control::web {

namespace {

// So much later is a wrong password told, and so much slower are passwords tried.
constexpr std::chrono::milliseconds kWrongLogin{1000};
constexpr std::string_view kSha = "{SHA}";

using Digest = std::array<std::uint8_t, 20>;

Digest sha1(std::string_view text) {
  Digest digest{};
  websocketpp::sha1::calc(text.data(), text.size(), digest.data());
  return digest;
}

/// Looks at every byte, wherever the first difference is.
bool are_equal(const Digest& a, const Digest& b) noexcept {
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
  return difference == 0;
}

std::optional<Digest> digest_from_hex(std::string_view text) {
  Digest digest{};
  if (text.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(lower_case(text.substr(i, 1)));
    if (digit == std::string_view::npos) return std::nullopt;
    digest[i / 2] = static_cast<std::uint8_t>(std::size_t{digest[i / 2]} << 4U | digit);
  }
  return digest;
}

Response refusal(int status, std::string text) {
  Response response;
  response.status = status;
  response.body = std::move(text) + "\n";
  return response;
}

Response login_wanted(std::string text) {
  Response response = refusal(401, std::move(text));
  response.headers = {{"WWW-Authenticate", "Basic realm=\"default\""}};
  return response;
}

/// "localhost:9002" is "localhost", "[::1]:9002" is "::1".
std::string_view without_port(std::string_view host) {
  if (host.substr(0, 1) == "[") return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

/// "application/json; charset=utf-8" is "application/json".
std::string media_type(const std::string* content_type) {
  if (content_type == nullptr) return {};
  std::string type = lower_case(content_type->substr(0, content_type->find(';')));
  type.erase(type.find_last_not_of(" \t") + 1);
  return type;
}

std::optional<Response> refuse_form(const Request& request) {
  if (request.method != "POST") return std::nullopt;
  const std::string type = media_type(request.header("content-type"));
  if (request.path == "/api" || request.path.compare(0, 5, "/api/") == 0) {
    if (type == "application/json") return std::nullopt;
    return refusal(415, "Content-Type: application/json is wanted.");
  }
  const bool is_of_form =
      type == "text/plain" || type == "multipart/form-data" || type == "application/x-www-form-urlencoded";
  if (!is_of_form) return std::nullopt;
  return refusal(415, "A form cannot ask for that; XML-RPC comes as Content-Type: text/xml.");
}

/// Browsers say where a request comes from. A page of another port of this host is "same-site".
std::optional<Response> refuse_other_site(const Request& request) {
  const std::string* site = request.header("sec-fetch-site");
  if (site == nullptr || (*site != "cross-site" && *site != "same-site")) return std::nullopt;
  if (request.method == "GET" && request.path == "/") return std::nullopt;
  return refusal(403, "Another site's page cannot ask for that.");
}

}  // namespace

tl::expected<Access, std::string> Access::make(const AccessSettings& settings) {
  Access access;
  access.listen_host_ = settings.listen_address;
  access.is_on_loopback_ = is_loopback(settings.listen_address);
  for (const auto& origin : settings.origins) access.origins_.push_back(lower_case(origin));
  if (settings.user.empty() && settings.password.empty()) return access;
  if (settings.user.empty()) return tl::unexpected(std::string("a password without a user"));
  if (settings.password.empty()) return tl::unexpected(std::string("a user without a password"));
  if (settings.user.find(':') != std::string::npos) {
    return tl::unexpected(std::string("a user's name cannot hold a ':' in HTTP"));
  }

  Login login{sha1(settings.user), {}};
  if (settings.password.compare(0, kSha.size(), kSha) == 0) {
    const auto digest = digest_from_hex(std::string_view(settings.password).substr(kSha.size()));
    if (!digest) {
      return tl::unexpected(std::string("behind {SHA} the password's SHA-1 stands in 40 hexadecimal digits"));
    }
    login.password = *digest;
  } else {
    login.password = sha1(settings.password);
  }
  access.login_ = login;
  return access;
}

std::optional<Response> Access::refuse(const Request& request) const {
  if (request.method == "GET" && request.path == "/healthz") return std::nullopt;
  const std::string* host = request.header("host");
  if (!login_ && is_on_loopback_ && host != nullptr && !is_own_host(*host)) {
    return refusal(403, "This server is called localhost, 127.0.0.1 or [::1].");
  }
  if (const std::string* origin = request.header("origin");
      origin != nullptr && !is_own_origin(*origin, host)) {
    return refusal(403, "Another site's page cannot ask for anything.");
  }
  if (auto refused = refuse_other_site(request)) return refused;
  if (login_) {
    if (auto refused = refuse_login(request.header("authorization"))) return refused;
  }
  return refuse_form(request);
}

bool Access::is_own_host(const std::string& host) const {
  const std::string name = lower_case(without_port(host));
  return name == "localhost" || name == "127.0.0.1" || name == "::1" || name == listen_host_;
}

bool Access::is_own_origin(const std::string& origin, const std::string* host) const {
  const std::string lower = lower_case(origin);
  if (std::find(origins_.begin(), origins_.end(), lower) != origins_.end()) return true;
  const std::size_t scheme = lower.find("://");
  if (scheme == std::string::npos || host == nullptr) return false;
  return lower.compare(scheme + 3, std::string::npos, lower_case(*host)) == 0;
}

std::optional<Response> Access::refuse_login(const std::string* authorization) const {
  if (authorization == nullptr) return login_wanted("A user and a password are wanted.");
  const std::size_t blank = authorization->find(' ');
  if (lower_case(authorization->substr(0, blank)) != "basic") {
    return login_wanted("Basic authentication is wanted.");
  }
  if (blank == std::string::npos) return refusal(400, "The Authorization cannot be read.");
  const auto decoded = rpc::decode_base64(std::string_view(*authorization).substr(blank + 1));
  if (!decoded) return refusal(400, "The Authorization cannot be read.");

  const std::size_t colon = std::min(decoded->find(':'), decoded->size());
  const std::string_view user = std::string_view(*decoded).substr(0, colon);
  const std::string_view password = std::string_view(*decoded).substr(std::min(colon + 1, decoded->size()));
  const bool is_user = are_equal(sha1(user), login_->user);
  const bool is_password = are_equal(sha1(password), login_->password);
  if (is_user && is_password) return std::nullopt;
  Response refused = login_wanted("The user or the password is wrong.");
  refused.after = kWrongLogin;
  return refused;
}

}  // namespace wsbench::control::web
