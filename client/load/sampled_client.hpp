#pragma once

#include <cstdint>
#include <string_view>

#include "client/load/recorder.hpp"
#include "client/websocket/websocket.hpp"

namespace wsbench::client {

/// Stands between a client whose reads are sampled and its WebSocket: passes everything on, and records how
/// late the reads were that brought an echo. Used from its shard's thread; client and recorder must outlive
/// it.
class SampledClient final : public WebSocket::Listener {
 public:
  SampledClient(WebSocket::Listener& client, std::uint32_t id, Recorder& recorder) noexcept
      : client_(client), recorder_(recorder), id_(id) {}

  void on_open(event::Time time) noexcept override { client_.on_open(time); }
  void on_message(std::string_view payload, Opcode opcode, event::Time time) noexcept override {
    last_message_ = time;
    client_.on_message(payload, opcode, time);
  }
  void on_read_lag(const event::ReadLag& lag, event::Time time) noexcept override {
    if (time != last_message_) return;  // A part of a message, or a ping.
    recorder_.record_sample({time, lag.value(), id_, lag.sequence(), event::Kind::read_lag});
  }
  void on_pong(std::string_view payload) noexcept override { client_.on_pong(payload); }
  void on_end(const event::Ending& ending, bool by_close_frame, event::Time time) noexcept override {
    client_.on_end(ending, by_close_frame, time);
  }
  void on_gone() noexcept override { client_.on_gone(); }

 private:
  WebSocket::Listener& client_;
  Recorder& recorder_;
  const std::uint32_t id_;
  event::Time last_message_{};
};

}  // namespace wsbench::client
