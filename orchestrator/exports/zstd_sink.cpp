#include "orchestrator/exports/zstd_sink.hpp"

#include <zstd.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <tl/expected.hpp>

namespace wsbench::exports {
namespace {

constexpr int kMostThreads = 4;

class ZstdSink final : public Sink {
 public:
  explicit ZstdSink(std::unique_ptr<Sink> to)
      : to_(std::move(to)), context_(ZSTD_createCCtx()), out_(ZSTD_CStreamOutSize()) {
    const int threads = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMostThreads);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
    // Fails if libzstd was built without threads: it then compresses in this thread.
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_nbWorkers, threads);
  }

  Result<void> write(std::string_view bytes) override {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    while (in.pos < in.size)
      if (const auto left = compress(in, ZSTD_e_continue); !left) return tl::unexpected(left.error());
    return {};
  }

  Result<void> finish() override {
    ZSTD_inBuffer in{nullptr, 0, 0};
    for (;;) {
      const auto left = compress(in, ZSTD_e_end);
      if (!left) return tl::unexpected(left.error());
      if (*left == 0) return to_->finish();
    }
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
  };

  /// One step. Returns how many bytes libzstd still holds.
  Result<std::size_t> compress(ZSTD_inBuffer& in, ZSTD_EndDirective directive) {
    ZSTD_outBuffer out{out_.data(), out_.size(), 0};
    const std::size_t left = ZSTD_compressStream2(context_.get(), &out, &in, directive);
    if (ZSTD_isError(left) != 0)
      return tl::unexpected(
          Error{Error::Kind::write, fmt::format("zstd cannot compress: {}", ZSTD_getErrorName(left))});
    if (const auto written = to_->write({out_.data(), out.pos}); !written)
      return tl::unexpected(written.error());
    return left;
  }

  std::unique_ptr<Sink> to_;
  std::unique_ptr<ZSTD_CCtx, Free> context_;
  std::vector<char> out_;
};

}  // namespace

std::unique_ptr<Sink> make_zstd_sink(std::unique_ptr<Sink> to) {
  return std::make_unique<ZstdSink>(std::move(to));
}

}  // namespace wsbench::exports
