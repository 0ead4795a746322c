#include "orchestrator/exports/hdr_log.hpp"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "rpc/base64.hpp"

namespace wsbench::exports {
namespace {

constexpr std::uint32_t kCookie = 0x1c849313;
constexpr std::uint32_t kCompressedCookie = 0x1c849314;
constexpr std::uint32_t kSignificantDigits = 3;

// Three digits take 2,048 linear buckets; the upper half of them repeats for every doubling of the range.
constexpr unsigned kHalfBits = 10;
constexpr std::uint64_t kHalf = 1ULL << kHalfBits;
constexpr unsigned kTopBit = 42;
constexpr std::uint64_t kLargest = (2ULL << kTopBit) - 1;
constexpr std::size_t kCounts = 2 * kHalf + (kTopBit - kHalfBits) * kHalf;

constexpr event::Duration kInterval = std::chrono::seconds{1};

std::size_t index_of(std::uint64_t value) noexcept {
  const auto top = static_cast<unsigned>(std::bit_width(value | kHalf)) - 1;
  const unsigned shift = top - kHalfBits;
  return shift * kHalf + (value >> shift);
}

template <typename T>
void put_big_endian(std::string& to, T value) {
  for (std::size_t byte = sizeof value; byte-- > 0;) to += static_cast<char>(value >> (8 * byte));
}

/// LEB128 of the ZigZag form. A ninth byte holds 8 bits rather than 7.
void put_zigzag(std::string& to, std::int64_t value) {
  auto rest = (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
  for (int byte = 0; byte < 8 && rest > 0x7F; ++byte, rest >>= 7U) to += static_cast<char>(rest | 0x80U);
  to += static_cast<char>(rest);
}

std::string deflated(const std::string& bytes) {
  uLongf size = ::compressBound(bytes.size());
  std::string out(size, '\0');
  [[maybe_unused]] const int outcome = ::compress(reinterpret_cast<Bytef*>(out.data()), &size,
                                                  reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  assert(outcome ==
         Z_OK);  // compressBound() gave it room, and nothing survives a failed allocation of 256 KB
  out.resize(size);
  return out;
}

double seconds(event::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

HdrHistogram::HdrHistogram() : counts_(kCounts) {}

void HdrHistogram::record(event::Duration duration) noexcept {
  const auto value =
      std::min(static_cast<std::uint64_t>(std::max<event::Duration::rep>(duration.count(), 0)), kLargest);
  ++counts_[index_of(value)];
  ++count_;
  max_ = std::max(max_, value);
}

void HdrHistogram::clear() noexcept {
  std::fill(counts_.begin(), counts_.end(), 0U);
  count_ = max_ = 0;
}

std::string HdrHistogram::encoded() const {
  std::string counts;
  const std::size_t end = empty() ? 1 : index_of(max_) + 1;
  for (std::size_t i = 0; i < end;) {
    const std::size_t begin = i;
    while (i < end && counts_[i] == 0) ++i;
    if (i > begin) put_zigzag(counts, -static_cast<std::int64_t>(i - begin));
    if (i < end) put_zigzag(counts, static_cast<std::int64_t>(counts_[i++]));
  }
  std::string histogram;
  put_big_endian(histogram, kCookie);
  put_big_endian(histogram, static_cast<std::uint32_t>(counts.size()));
  put_big_endian(histogram, std::uint32_t{0});
  put_big_endian(histogram, kSignificantDigits);
  put_big_endian(histogram, std::uint64_t{1});
  put_big_endian(histogram, kLargest);
  put_big_endian(histogram, std::bit_cast<std::uint64_t>(1.0));
  const std::string body = deflated(histogram + counts);
  std::string compressed;
  put_big_endian(compressed, kCompressedCookie);
  put_big_endian(compressed, static_cast<std::uint32_t>(body.size()));
  return rpc::encode_base64(compressed + body);
}

HdrLog::HdrLog(std::string_view title, TextWriter& writer) : title_(title), writer_(writer) {}

void HdrLog::begin(event::Time first) {
  has_begun_ = true;
  // The header has whole milliseconds.
  base_ = event::Time(std::chrono::floor<std::chrono::milliseconds>(first.time_since_epoch()));
  end_ = base_ + kInterval;
  const auto since_epoch = seconds(base_.time_since_epoch());
  const auto whole = std::chrono::floor<std::chrono::seconds>(base_.time_since_epoch());
  writer_.text(fmt::format(
      "#[wsbench: {}, in nanoseconds, a line a second]\n"
      "#[Histogram log format version 1.3]\n"
      "#[BaseTime: {:.3f} (seconds since epoch)]\n"
      "#[StartTime: {:.3f} (seconds since epoch), {:%FT%TZ}]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
      title_, since_epoch, since_epoch, fmt::gmtime(static_cast<std::time_t>(whole.count()))));
}

void HdrLog::record(event::Time completed, event::Duration duration) {
  if (!has_begun_) begin(completed);
  if (completed >= end_) {
    write_interval();
    end_ += (1 + (completed - end_) / kInterval) * kInterval;
  }
  histogram_.record(duration);
}

void HdrLog::write_interval() {
  if (histogram_.empty()) return;
  writer_.text(fmt::format("{:.3f},{:.3f},{:.3f},", seconds(end_ - kInterval - base_), seconds(kInterval),
                           1e3 * seconds(histogram_.max())));
  writer_.text(histogram_.encoded());
  writer_.text("\n");
  histogram_.clear();
}

void HdrLog::finish() {
  // Tools recognise a log without values only by its header.
  if (!has_begun_) begin({});
  write_interval();
}

}  // namespace wsbench::exports
