#include "rpc/http_transport.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <tl/expected.hpp>

#include "rpc/http_client.hpp"

namespace wsbench::rpc {
namespace {

class HttpTransport final : public Transport {
 public:
  HttpTransport(const Endpoint& endpoint, const TransportOptions& options)
      : peer_(endpoint.display()),
        user_(endpoint.user),
        client_({.origin = endpoint.unix_socket.empty() ? peer_ : "http://localhost",
                 .unix_socket = endpoint.unix_socket,
                 .peer = peer_,
                 .user = endpoint.user,
                 .password = endpoint.password,
                 .headers = {"Content-Type: text/xml", "Accept: text/xml"},
                 .connect_timeout = options.connect_timeout,
                 .max_answer_bytes = options.max_answer_bytes}) {}

  Result<std::string> post(std::string_view body, std::chrono::milliseconds deadline) override {
    auto answer = client_.post("/RPC2", body, deadline);
    if (!answer) return tl::unexpected(std::move(answer.error()));
    if (answer->status == 200) return std::move(answer->body);
    const bool is_unauthorized = answer->status == 401;
    return tl::unexpected(Error{
        .kind = is_unauthorized ? Error::Kind::unauthorized : Error::Kind::http,
        .status = answer->status,
        .message = !is_unauthorized ? fmt::format("{} answered with HTTP status {}", peer_, answer->status)
                   : user_.empty()  ? fmt::format("{} asks for a user and a password", peer_)
                                    : fmt::format("{} refuses the password of user \"{}\"", peer_, user_)});
  }

  std::string peer() const override { return peer_; }

 private:
  const std::string peer_;
  const std::string user_;
  HttpClient client_;
};

}  // namespace

std::unique_ptr<Transport> make_http_transport(const Endpoint& endpoint, const TransportOptions& options) {
  return std::make_unique<HttpTransport>(endpoint, options);
}

}  // namespace wsbench::rpc
