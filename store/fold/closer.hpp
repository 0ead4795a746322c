#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/event/block.hpp"
#include "store/fold/matcher.hpp"
#include "store/fold/tally.hpp"
#include "store/fold/unanswered.hpp"
#include "store/run/error.hpp"
#include "store/run/keys.hpp"

namespace wsbench::store {

/// Some successive blocks on their way: packed, then as what they have left open.
struct Chunk {
  struct Packed {
    keys::BlockKey key;
    std::size_t end = 0;  ///< in `bytes`
  };
  std::vector<Packed> blocks;
  std::string bytes;

  bool done = false;
  std::optional<Error> error;
  std::vector<event::Event> unmatched;
  std::vector<event::Event> others;
  std::vector<Unanswered::Message> unanswered;

  void clear() noexcept {
    blocks.clear();
    bytes.clear();
    done = false;
    error.reset();
    unmatched.clear();
    others.clear();
    unanswered.clear();
  }
};

/// Brings together what chunks have left open. They come in their order. Used from one thread.
class Closer {
 public:
  explicit Closer(const Frame& frame) : tally_(frame), span_(frame.span) {}

  void take(const Chunk& chunk);
  /// To be called after the last chunk: what is open then stays so.
  void finish();
  Tally& tally() noexcept { return tally_; }
  std::vector<event::Event>& samples() noexcept { return samples_; }

 private:
  void take_other(const event::Event& event);
  void take_ending(const event::Event& event);
  void record_matches();

  Tally tally_;
  std::optional<Span> span_;
  Unanswered open_;
  HandshakeMatcher handshakes_;
  Matches matches_;
  std::vector<event::Event> samples_;
  std::unordered_map<std::uint32_t, event::Time> ended_;  ///< clients whose end came before that of the drain
};

}  // namespace wsbench::store
