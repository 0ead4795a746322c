#include "client/transport/source.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>

namespace wsbench::client::transport {

namespace {

constexpr event::Duration kLookAgain = std::chrono::milliseconds{100};
/// Of all ports, those that the kernel finds quickly: less than half, for others use some, too.
constexpr double kQuicklyFound = 0.4;

std::string text_of(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The numbers in a text, whatever stands between them.
std::vector<unsigned> numbers_in(std::string_view text) {
  std::vector<unsigned> numbers;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    unsigned number = 0;
    const auto [behind, error] = std::from_chars(at, end, number);
    if (error == std::errc()) numbers.push_back(number);
    at = behind == at ? at + 1 : behind;
  }
  return numbers;
}

std::set<unsigned> ports_in(std::string_view list) {
  std::set<unsigned> ports;
  while (!list.empty()) {
    const auto entry = numbers_in(list.substr(0, list.find(',')));
    if (!entry.empty())
      for (unsigned port = entry.front(); port <= std::min(entry.back(), 65535U); ++port) ports.insert(port);
    list.remove_prefix(std::min(list.find(','), list.size() - 1) + 1);
  }
  return ports;
}

Address with_port(Address address, std::uint16_t port) noexcept {
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  const std::uint16_t in_order = htons(port);
  std::memcpy(reinterpret_cast<char*>(&address.storage) + offsetof(sockaddr_in, sin_port), &in_order,
              sizeof in_order);
  return address;
}

/// The address from which this machine reaches the peer, without a port; where there is no route, all
/// addresses. A datagram socket is told it when it connects, which sends nothing.
Address own_address_towards(const Address& peer) noexcept {
  Address own;
  own.size = peer.size;
  own.storage.ss_family = peer.storage.ss_family;
  const int file = ::socket(peer.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (file < 0) return own;
  socklen_t size = sizeof own.storage;
  Address found;
  if (::connect(file, peer.get(), peer.size) == 0 &&
      ::getsockname(file, reinterpret_cast<sockaddr*>(&found.storage), &size) == 0) {
    found.size = size;
    own = with_port(found, 0);
  }
  ::close(file);
  return own;
}

}  // namespace

std::vector<std::uint16_t> local_ports() {
  return parse_local_ports(text_of("/proc/sys/net/ipv4/ip_local_port_range"),
                           text_of("/proc/sys/net/ipv4/ip_local_reserved_ports"));
}

std::vector<std::uint16_t> parse_local_ports(std::string_view range, std::string_view reserved) {
  std::vector<unsigned> limits = numbers_in(range);
  if (limits.size() != 2) limits = {32768, 60999};  // the kernel's own
  const auto taken = ports_in(reserved);
  std::vector<std::uint16_t> ports;
  for (unsigned port = limits[0]; port <= std::min(limits[1], 65535U); ++port)
    if (taken.count(port) == 0) ports.push_back(static_cast<std::uint16_t>(port));
  return ports;
}

Source::Source(const Address& address, std::vector<std::uint16_t> ports)
    : address_(address), ports_(std::move(ports)) {}

int Source::bind(int file) noexcept {
  if (!ports_.empty()) return bind_to_next(file);
  const int on = 1;
  ::setsockopt(file, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  return ::bind(file, address_.get(), address_.size) == 0 ? 0 : errno;
}

int Source::bind_to_next(int file) noexcept {
  if (event::Clock::now() < look_again_.load(std::memory_order_relaxed)) return EADDRNOTAVAIL;
  for (std::size_t tried = 0; tried < ports_.size(); ++tried) {
    const std::size_t place = next_.fetch_add(1, std::memory_order_relaxed) % ports_.size();
    const Address bound = with_port(address_, ports_[place]);
    if (::bind(file, bound.get(), bound.size) == 0) return 0;
    if (errno != EADDRINUSE) return errno;
  }
  look_again_.store(event::Clock::now() + kLookAgain, std::memory_order_relaxed);
  return EADDRNOTAVAIL;
}

std::deque<Source> sources_for(const Route& route, std::uint32_t clients, std::vector<std::uint16_t> ports) {
  std::vector<Address> addresses = route.sources;
  const auto each =
      static_cast<double>(clients) / static_cast<double>(std::max<std::size_t>(1, addresses.size()));
  if (each <= kQuicklyFound * static_cast<double>(ports.size())) {
    ports.clear();
  } else {
    if (addresses.empty()) addresses.push_back(own_address_towards(route.peer));
    // From some other place: those of the load before may not be free again.
    const auto now = static_cast<std::size_t>(event::Clock::now().time_since_epoch().count());
    const auto middle = static_cast<std::ptrdiff_t>(ports.empty() ? 0 : now / 1000 % ports.size());
    std::rotate(ports.begin(), ports.begin() + middle, ports.end());
  }
  std::deque<Source> sources;
  for (const Address& address : addresses) sources.emplace_back(address, ports);
  return sources;
}

}  // namespace wsbench::client::transport
