#pragma once

#include <chrono>
#include <cstdint>
#include <string>

// Quantities as people read them: three significant digits, a unit that fits, no trailing zeros.

namespace wsbench::util {

/// "83 us", "1.24 ms", "2.1 s"; ns, us, ms or s, and from 1,000 s on as format_elapsed() has it. 0 is "0 s".
std::string format_duration(std::chrono::nanoseconds duration);

/// "512 B", "1.24 KB", "83 MB"; a KB is 1,000 bytes, GB and TB accordingly.
std::string format_bytes(std::uint64_t bytes);

/// "12,345".
std::string format_count(std::uint64_t count);

/// "12.5%" from 0.125, with two decimals at most. Only 0 is "0%" and only 1 is "100%": what is near them is
/// "<0.01%" and ">99.99%". Precondition: the ratio is finite.
std::string format_percentage(double ratio);

/// "0:00:05", "12:34:56", "100:00:00"; seconds are cut, not rounded. Negative durations give "0:00:00".
std::string format_elapsed(std::chrono::nanoseconds elapsed);

}  // namespace wsbench::util
