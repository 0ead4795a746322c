#include "client/transport/loop.hpp"

namespace wsbench::client::transport {

std::unique_ptr<Loop> make_loop(Kind kind) {
  switch (resolved(kind)) {
    case Kind::io_uring:
      return make_uring_loop();
    case Kind::asio:
      return make_asio_loop();
    default:
      return make_epoll_loop();
  }
}

}  // namespace wsbench::client::transport
