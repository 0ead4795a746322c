#include "orchestrator/command_line/options.hpp"

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "orchestrator/commands/daemon_access.hpp"

namespace wsbench::command_line {

void add_overrides(CLI::App& command, config::Overrides& overrides, const char* description) {
  command
      .add_option_function<std::vector<std::string>>(
          "--set",
          [&overrides](const std::vector<std::string>& pairs) {
            for (const auto& pair : pairs) {
              const auto equals = pair.find('=');
              if (equals == std::string::npos || equals == 0) {
                throw CLI::ValidationError("--set", "\"" + pair + "\" is not KEY=VALUE");
              }
              overrides.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
            }
          },
          description)
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

void add_help_keys(CLI::App& command, const std::vector<config::KeyInfo>& (*keys)(),
                   std::string (*schema)()) {
  const auto end_with = [](std::string text) {
    text.pop_back();  // the parser ends the last line
    throw CLI::CallForVersion(text, 0);
  };
  command.add_flag_callback(
      "--help-keys", [=] { end_with(keys_text(keys())); },
      "print the keys of CONFIG, their defaults and ranges, and exit");
  command.add_flag_callback(
      "--json-schema", [=] { end_with(schema()); }, "print the JSON Schema of CONFIG, for editors, and exit");
}

void add_transport(CLI::App& command, config::Overrides& overrides) {
  command
      .add_option_function<std::string>(
          "--transport", [&overrides](const std::string& kind) { overrides.emplace_back("transport", kind); },
          "how the load's bytes are moved: io_uring, epoll, asio, or auto (io_uring if the kernel permits "
          "it)")
      ->check(CLI::IsMember({"auto", "io_uring", "epoll", "asio"}));
}

void add_server(CLI::App& command, commands::ControlServerOptions& options) {
  command
      .add_option(
          "--server", options.url,
          "the control server: http://[user:password@]host:port; $WSBENCH_SERVER, or http://127.0.0.1:9002")
      ->type_name("URL");
}

}  // namespace wsbench::command_line
