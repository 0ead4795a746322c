#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "tests/support/temp_dir.hpp"

namespace wsbench::test {

struct SupervisordOptions {
  /// [program:x] sections and others, appended to the configuration. "{dir}" stands for the directory.
  std::string sections;
  std::string user = "tester";
  std::string password = "p@ss/w:rd";
};

/// A real supervisord in a directory of its own, on a free port of 127.0.0.1 and on a unix socket.
/// The constructor returns when it accepts connections, and throws with its log when it does not come up.
/// The destructor ends it and its programs, waits for them, and removes the directory.
class Supervisord {
 public:
  explicit Supervisord(SupervisordOptions options);
  ~Supervisord();
  Supervisord(const Supervisord&) = delete;
  Supervisord& operator=(const Supervisord&) = delete;

  pid_t pid() const { return pid_; }
  int port() const { return port_; }
  const std::filesystem::path& directory() const { return directory_.path(); }

  std::string url() const;  ///< http://user:password@127.0.0.1:port
  std::string url_without_user() const;
  std::string unix_url() const;  ///< unix://user:password@/path

  /// Rewrites the configuration, for supervisord to read again when it is told to.
  void write_config(const std::string& sections);

  /// supervisord's own log, so far.
  std::string log() const;

  /// Ends it now, as the destructor would.
  void terminate();

 private:
  void start();
  bool is_accepting() const;
  bool has_exited();

  SupervisordOptions options_;
  TempDir directory_;
  int port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace wsbench::test
