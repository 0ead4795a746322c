#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/exports/text_writer.hpp"
#include "store/event/event.hpp"

// HdrHistogram's interval log, version 1.3, as its own tools read it (HistogramLogProcessor, hdr-plot, ...):
//
//   #<comment>
//   #[Histogram log format version 1.3]
//   #[BaseTime: 1700000000.123 (seconds since epoch)]
//   #[StartTime: 1700000000.123 (seconds since epoch), 2023-11-14T22:13:20Z]
//   "StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"
//   0.000,1.000,2.114,HISTFAAA...
//
// StartTimestamp is in seconds since BaseTime, Interval_Max in milliseconds, and the last field is base64 of
// a compressed histogram, version 2, whose integers are big-endian:
//
//   compressed := 0x1c849314 u32, bytes of what follows u32, zlib(histogram)
//   histogram  := 0x1c849313 u32, bytes of counts u32, 0 u32 (normalizing index offset),
//                 3 u32 (significant digits), 1 u64 (lowest value), 2^43 - 1 u64 (highest value),
//                 1.0 f64 (conversion ratio), counts
//   counts     := for each bucket up to the largest value's, a ZigZag LEB128 number: a count, or below 0 the
//                 number of empty buckets in a row
//
// Source: HdrHistogram's AbstractHistogram.encodeIntoByteBuffer, ZigZagEncoding and HistogramLogWriter.

namespace wsbench::exports {

/// Durations in nanoseconds with three significant digits, from 1 ns to 2.4 hours; a longer one counts as 2.4
/// hours.
class HdrHistogram {
 public:
  HdrHistogram();

  void record(event::Duration duration) noexcept;
  void clear() noexcept;

  bool empty() const noexcept { return count_ == 0; }
  event::Duration max() const noexcept { return event::Duration(static_cast<event::Duration::rep>(max_)); }

  /// The compressed form, in base64.
  std::string encoded() const;

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

/// Writes the log of values that are recorded in the order of time. An interval is a second, counted from the
/// first value; a second without a value has no line. A value belongs to the second in which it was
/// completed.
class HdrLog {
 public:
  HdrLog(std::string_view title, TextWriter& writer);

  void record(event::Time completed, event::Duration duration);
  void finish();

 private:
  void begin(event::Time first);
  void write_interval();

  const std::string title_;
  TextWriter& writer_;
  HdrHistogram histogram_;
  event::Time base_{};
  event::Time end_{};  ///< of the current interval
  bool has_begun_ = false;
};

}  // namespace wsbench::exports
