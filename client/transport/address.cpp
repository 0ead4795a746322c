#include "client/transport/address.hpp"

#include <netdb.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace wsbench::client::transport {

namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

tl::expected<AddressList, std::string> look_up(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code == EAI_SYSTEM) return tl::unexpected(std::system_category().message(errno));
  if (code != 0) return tl::unexpected<std::string>(gai_strerror(code));
  return AddressList(found, &freeaddrinfo);
}

Address address_of(const addrinfo& info) noexcept {
  Address address;
  std::memcpy(&address.storage, info.ai_addr, info.ai_addrlen);
  address.size = info.ai_addrlen;
  return address;
}

/// 0, or the errno for which a socket cannot be bound to the address.
int try_bind(const Address& address) noexcept {
  const int file = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (file < 0) return errno;
  const int error = ::bind(file, address.get(), address.size) == 0 ? 0 : errno;
  ::close(file);
  return error;
}

const addrinfo* first_of_family(const addrinfo* list, int family) noexcept {
  for (; list != nullptr; list = list->ai_next) {
    if (list->ai_family == family) return list;
  }
  return nullptr;
}

}  // namespace

tl::expected<Route, std::string> find_route(const std::string& host, std::uint16_t port,
                                            const std::vector<std::string>& sources) {
  Route route;
  for (const std::string& text : sources) {
    const auto found = look_up(text, 0, AI_NUMERICHOST);
    if (!found) return tl::unexpected("source address \"" + text + "\": " + found.error());
    route.sources.push_back(address_of(**found));
    if (const int error = try_bind(route.sources.back()); error != 0) {
      return tl::unexpected("source address " + text + ": " + std::system_category().message(error));
    }
    if (route.sources.back().family() != route.sources.front().family()) {
      return tl::unexpected("source address " + text + ": IPv4 and IPv6 cannot be mixed");
    }
  }
  const auto found = look_up(host, port, AI_ADDRCONFIG);
  if (!found) return tl::unexpected("cannot resolve \"" + host + "\": " + found.error());
  const int wanted = route.sources.empty() ? AF_INET : route.sources.front().family();
  const addrinfo* chosen = first_of_family(found->get(), wanted);
  if (chosen == nullptr && !route.sources.empty()) {
    return tl::unexpected("\"" + host + "\" has no address of the source addresses' family");
  }
  route.peer = address_of(chosen != nullptr ? *chosen : **found);
  return route;
}

}  // namespace wsbench::client::transport
