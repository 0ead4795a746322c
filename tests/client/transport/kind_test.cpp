#include "client/transport/kind.hpp"

#include <catch2/catch.hpp>

#include "client/transport/loop.hpp"

using namespace wsbench::client::transport;

TEST_CASE("every kind of transport is found again by its name") {
  const Kind kind = GENERATE(Kind::automatic, Kind::io_uring, Kind::epoll, Kind::asio);
  CHECK(kind_of(name(kind)) == kind);
}

TEST_CASE("no other name is a transport") {
  CHECK_FALSE(kind_of(""));
  CHECK_FALSE(kind_of("uring"));
  CHECK_FALSE(kind_of("automatic"));
}

TEST_CASE("automatic is io_uring where that can be had, else epoll; nothing else is replaced") {
  const bool has_io_uring = !why_not(Kind::io_uring);
  CHECK(resolved(Kind::automatic) == (has_io_uring ? Kind::io_uring : Kind::epoll));
  CHECK(resolved(Kind::asio) == Kind::asio);
  CHECK(resolved(Kind::io_uring) == Kind::io_uring);
  CHECK_FALSE(why_not(Kind::automatic));
  CHECK_FALSE(why_not(Kind::epoll));
}

TEST_CASE("why io_uring cannot be had is the error that its making ends with") {
  if (!why_not(Kind::io_uring)) {
    CHECK(make_uring_loop() != nullptr);
  } else {
    CHECK_THROWS(make_uring_loop());
  }
}
