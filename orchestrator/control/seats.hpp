#pragma once

#include <cassert>
#include <cstddef>
#include <optional>
#include <utility>

namespace wsbench::control {

/// Counts the connections that are alive, whatever has become of them: a request being read, an answer being
/// written, a reader of the feed. Used from one thread; outlives its seats.
class Seats {
 public:
  /// Held by a connection for as long as it lives.
  class Seat {
   public:
    Seat(Seat&& other) noexcept : seats_(std::exchange(other.seats_, nullptr)) {}
    Seat& operator=(Seat&& other) noexcept {
      std::swap(seats_, other.seats_);
      return *this;
    }
    ~Seat() {
      if (seats_ != nullptr) --seats_->taken_;
    }

   private:
    friend class Seats;
    explicit Seat(Seats& seats) noexcept : seats_(&seats) { ++seats.taken_; }
    Seats* seats_;
  };

  explicit Seats(std::size_t limit) noexcept : limit_(limit) {}
  Seats(const Seats&) = delete;
  Seats& operator=(const Seats&) = delete;
  ~Seats() { assert(taken_ == 0); }

  std::optional<Seat> take() noexcept {
    if (taken_ >= limit_) return std::nullopt;
    return Seat(*this);
  }
  bool empty() const noexcept { return taken_ == 0; }

 private:
  const std::size_t limit_;
  std::size_t taken_ = 0;
};

}  // namespace wsbench::control
