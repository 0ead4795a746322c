#include "orchestrator/commands/supervisord_access.hpp"

#include <stdlib.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "rpc/endpoint.hpp"
#include "rpc/http_transport.hpp"

namespace wsbench::commands {

namespace fs = std::filesystem;

struct SupervisordAccess::Folder {
  fs::path path;
  explicit Folder(fs::path made) : path(std::move(made)) {}
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

SupervisordAccess::~SupervisordAccess() = default;

tl::expected<SupervisordAccess, std::string> SupervisordAccess::open(const SupervisordOptions& options) {
  SupervisordAccess access;
  if (options.local) {
    auto pattern = (fs::temp_directory_path() / "wsbench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      return tl::unexpected(fmt::format("{} cannot be made", pattern));
    access.folder_ = std::make_shared<Folder>(pattern);
    const auto competition = contestants::find_competition();
    if (!competition) return tl::unexpected(competition.error());
    auto local = contestants::LocalSupervisord::start({.competition = *competition,
                                                       .directory = pattern,
                                                       .contestants_port = options.contestants_port,
                                                       .cpus = {},
                                                       .directory_stays = false});
    if (!local) return tl::unexpected(local.error());
    access.local_.emplace(std::move(*local));
    access.endpoint_ = access.local_->endpoint();
  } else if (options.endpoint) {
    access.endpoint_ = *options.endpoint;
  } else {
    auto endpoint = rpc::parse_endpoint(options.url);
    if (!endpoint) return tl::unexpected(endpoint.error());
    access.endpoint_ = std::move(*endpoint);
  }
  access.supervisor_.emplace(rpc::make_http_transport(access.endpoint_));
  if (const auto state = access.supervisor_->get_state(); !state) {
    const bool absent = state.error().kind == rpc::Error::Kind::unreachable;
    return tl::unexpected(state.error().message +
                          (absent ? "; start one with competition/serve, or ask with --local" : ""));
  }
  return access;
}

}  // namespace wsbench::commands
