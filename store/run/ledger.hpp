#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/run/error.hpp"
#include "store/run/run.hpp"

namespace wsbench::store {

/// Named documents in a RocksDB of their own: what a long-lived program must still know after a kill. A write
/// is synced when it returns, and a batch is written as a whole or not at all. One process at a time; all
/// methods may be called from any thread.
class Ledger {
 public:
  /// Opens it, or makes it (and its parents). Error locked when another process has it open.
  static Result<std::unique_ptr<Ledger>> open(const std::filesystem::path& directory);

  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  /// What changes together: a document under each name, or none where the name is to be removed.
  using Batch = std::vector<std::pair<std::string, std::optional<std::string>>>;
  Result<void> write(const Batch& batch);

  Result<std::optional<std::string>> get(std::string_view name) const;
  /// The documents whose names begin with `prefix`, by name in byte order.
  Result<std::vector<std::pair<std::string, std::string>>> list(std::string_view prefix) const;

 private:
  class Impl;
  explicit Ledger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsbench::store
