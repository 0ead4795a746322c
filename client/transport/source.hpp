#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "client/transport/address.hpp"
#include "store/event/event.hpp"

namespace wsbench::client::transport {

/// The ports that this machine connects from, ascending: net.ipv4.ip_local_port_range without
/// net.ipv4.ip_local_reserved_ports, which hold for IPv6 too.
std::vector<std::uint16_t> local_ports();

/// The same from the texts of these settings, such as "32768 60999" and "40000,40010-40020".
std::vector<std::uint16_t> parse_local_ports(std::string_view range, std::string_view reserved);

/// Of so many ports, those that a load may count on: the rest is left to others. A port that is bound to is
/// this process's alone, whoever it connects to, and one that another has cannot be bound to.
constexpr std::size_t usable_ports(std::size_t ports) noexcept {
  return ports - ports / 10;
}

/// An address of this machine that connections come from. Thread-safe.
class Source {
 public:
  /// `ports`: those to choose from, in this order; empty: the kernel chooses, in connect(), where a port need
  /// only differ from those that are connected to the same peer.
  Source(const Address& address, std::vector<std::uint16_t> ports);

  /// Binds a socket of the address's family. 0, or an errno; EADDRNOTAVAIL when all ports are taken.
  int bind(int file) noexcept;

 private:
  int bind_to_next(int file) noexcept;

  const Address address_;
  const std::vector<std::uint16_t> ports_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<event::Time> look_again_{event::Time{}};  ///< before it, no port is free
};

/// The sources of a load of so many clients, to be taken in turn; empty: the kernel may choose both address
/// and port.
///
/// It may as long as it finds ports quickly. connect() tries those of one parity first, one after the other:
/// when half of the range is taken, each call tries all of that half in vain, and 25 us become 2.7 ms (Linux
/// 6.18, 28,232 ports). So when it would come to that, ports are chosen here. All sources take them in one
/// order, so that few are denied to others.
std::deque<Source> sources_for(const Route& route, std::uint32_t clients, std::vector<std::uint16_t> ports);

}  // namespace wsbench::client::transport
