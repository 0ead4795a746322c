#pragma once

#include <cassert>
#include <cstddef>
#include <optional>
#include <utility>

namespace wsbench::control::web {

/// Counts the connections that are alive, whatever has become of them: a request being read, an answer being
/// written, a reader of the feed. Used from one thread; outlives its slots.
class ConnectionSlots {
 public:
  /// Held by a connection for as long as it lives.
  class Slot {
   public:
    Slot(Slot&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
    Slot& operator=(Slot&& other) noexcept {
      std::swap(slots_, other.slots_);
      return *this;
    }
    ~Slot() {
      if (slots_ != nullptr) --slots_->taken_;
    }

   private:
    friend class ConnectionSlots;
    explicit Slot(ConnectionSlots& slots) noexcept : slots_(&slots) { ++slots.taken_; }
    ConnectionSlots* slots_;
  };

  explicit ConnectionSlots(std::size_t limit) noexcept : limit_(limit) {}
  ConnectionSlots(const ConnectionSlots&) = delete;
  ConnectionSlots& operator=(const ConnectionSlots&) = delete;
  ~ConnectionSlots() { assert(taken_ == 0); }

  std::optional<Slot> take() noexcept {
    if (taken_ >= limit_) return std::nullopt;
    return Slot(*this);
  }
  bool empty() const noexcept { return taken_ == 0; }

 private:
  const std::size_t limit_;
  std::size_t taken_ = 0;
};

}  // namespace wsbench::control::web
