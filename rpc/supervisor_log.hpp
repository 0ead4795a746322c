#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/log_reader.hpp"
#include "rpc/session.hpp"

namespace wsbench::rpc {

/// One of supervisord's logs through its methods. Borrows the session.
class SupervisorLog final : public LogSource {
 public:
  enum class Channel { standard_output, standard_error };

  /// supervisord's own log.
  explicit SupervisorLog(Session& session);
  SupervisorLog(Session& session, std::string_view process, Channel channel);

  Result<std::string> read(std::int64_t offset, std::int64_t length) override;
  Result<LogTail> tail(std::int64_t offset, std::int64_t length) override;
  Result<std::vector<std::optional<std::string>>> read_all(const std::vector<LogWindow>& windows) override;
  Result<std::int64_t> size() override;

 private:
  Array params(std::int64_t offset, std::int64_t length) const;

  Session& session_;
  std::string read_method_;
  std::string tail_method_;  ///< empty: there is none, for the main log
  Array name_;               ///< the process, or nothing
};

}  // namespace wsbench::rpc
