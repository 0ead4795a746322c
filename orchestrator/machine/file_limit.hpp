#pragma once

#include <cstdint>

namespace wsbench::machine {

/// How many files this process may open.
std::uint64_t file_limit();

/// Raises that, the soft limit, to the hard one.
void raise_file_limit();

}  // namespace wsbench::machine
