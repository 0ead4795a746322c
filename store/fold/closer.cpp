#include "store/fold/closer.hpp"

namespace wsbench::store {

void Closer::take(const Chunk& chunk) {
  Unanswered::Message message;
  for (const event::Event& echo : chunk.unmatched) {
    if (!open_.take(echo.client, echo.sequence, message)) continue;
    matches_.add_echo(echo, message);
    if (matches_.received == matches_.due.size()) record_matches();
  }
  for (const Unanswered::Message& one : chunk.unanswered) open_.add(one);
  for (const event::Event& event : chunk.others) take_other(event);
  record_matches();
  tally_.pack();
}

void Closer::record_matches() {
  tally_.record(matches_);
  tally_.window().record_echoes(matches_);
  matches_.clear();
}

void Closer::take_other(const event::Event& event) {
  event::Time began;
  switch (event.kind) {
    case event::Kind::ws_init:
      tally_.record_handshake_begun();
      handshakes_.feed(event, began);
      break;
    case event::Kind::ws_onopen:
      if (handshakes_.feed(event, began)) tally_.record_handshake(began, event.time);
      break;
    case event::Kind::ws_onclose:
    case event::Kind::exit:
      take_ending(event);
      break;
    case event::Kind::not_sent:
      tally_.record_unsent(event::Unsent::unpack(event.value));
      break;
    case event::Kind::server:
    case event::Kind::instrument:
      samples_.push_back(event);
      break;
    case event::Kind::phase_began:  // Known before.
    case event::Kind::send_message:
    case event::Kind::recv_message:
    case event::Kind::duplicate_echo:
    case event::Kind::altered_echo:
    case event::Kind::foreign_message:
    case event::Kind::read_lag:
      break;
  }
}

void Closer::take_ending(const event::Event& event) {
  tally_.record_ending(event::Ending::unpack(event.value));
  if (event::Time began; handshakes_.end(event.client, began)) {
    tally_.record_handshake_failed(event.time - began);
    return;
  }
  tally_.record_disconnected(event.time);
  if (span_ && (!span_->drained || event.time < *span_->drained)) ended_.emplace(event.client, event.time);
}

void Closer::finish() {
  open_.for_each([&](const Unanswered::Message& message) {
    if (message.phase != event::Phase::measuring) return;
    const auto ended = ended_.find(message.client);
    tally_.record_unanswered(message, ended == ended_.end() ? std::nullopt : std::optional(ended->second));
  });
}

}  // namespace wsbench::store
