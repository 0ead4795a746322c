#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "orchestrator/control/web/http.hpp"

namespace wsbench::control::web {

struct AccessSettings {
  std::string listen_address = "127.0.0.1";  ///< numeric
  std::string user;                          ///< empty: no login
  /// As it is, or "{SHA}" and the SHA-1 of it in hexadecimal digits, as supervisord has it.
  std::string password;
  /// Origins, "https://bench.example.org", whose pages may ask beside those that the server itself serves: of
  /// a proxy before it.
  std::vector<std::string> origins;
};

/// Who may ask for what. Immutable, thread-safe.
///
/// Against other people: HTTP basic authentication. Against other people's pages in the user's own browser,
/// which come with the user's login and from the user's loopback: an Origin must be the server's own; without
/// a login the Host must be one of loopback (a page that has its name rebound to 127.0.0.1 comes with its
/// name); what says that it comes from another site is refused but for `/`; what changes something must have
/// a Content-Type that no form can send.
class Access {
 public:
  /// The error is one line: half a login, or a digest that is none.
  static tl::expected<Access, std::string> make(const AccessSettings& settings);

  /// 400, 401, 403 or 415; nothing: the request may pass. GET /healthz always may.
  std::optional<Response> refuse(const Request& request) const;

 private:
  using Digest = std::array<std::uint8_t, 20>;
  struct Login {
    Digest user{};  ///< SHA-1 both: of one length, so that comparing them takes one time
    Digest password{};
  };

  Access() = default;
  bool is_own_host(const std::string& host) const;
  bool is_own_origin(const std::string& origin, const std::string* host) const;
  std::optional<Response> refuse_login(const std::string* authorization) const;

  std::optional<Login> login_;
  std::string listen_host_;
  bool is_on_loopback_ = true;
  std::vector<std::string> origins_;
};

}  // namespace wsbench::control::web
