#pragma once

#include <string_view>
#include <vector>

#include "store/fold/fold.hpp"
#include "store/fold/tally.hpp"
#include "store/read/reader.hpp"

namespace wsbench::store {

struct FoldedRound {
  Tally tally;                        ///< packed
  std::vector<event::Event> samples;  ///< of server and instrument, in the order of their recording
};

/// The events of a selection, a round's, folded by several threads. The calling one reads blocks in the order
/// of their keys and hands them out in chunks; others unpack and match them, each chunk by itself; and the
/// caller, once more in their order, brings together what chunks have left open: messages without an echo,
/// and echoes without a message.
Result<FoldedRound> fold_round(const Run& run, std::string_view contestant, const Selection& selection,
                               const Frame& frame, const FoldOptions& options);

}  // namespace wsbench::store
