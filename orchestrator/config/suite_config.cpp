#include "orchestrator/config/suite_config.hpp"

#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "orchestrator/config/document.hpp"
#include "orchestrator/config/suite_keys.hpp"

namespace wsbench::config {

std::string suite_name(const std::filesystem::path& file) {
  std::string name = file.stem().string();
  for (char& c : name) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == ':' || c == '/' || c == '*') c = '-';
  }
  if (name.empty() || name.front() == '.') name = "suite" + name;
  return name;
}

tl::expected<Config, ConfigError> parse_config(std::string_view text, const std::filesystem::path& file,
                                               const Overrides& overrides) {
  Config config;
  const auto read = read_document(suite_text(text, file), overrides,
                                  [&](const nlohmann::json& document, ConfigFindings& findings) {
                                    config = read_config(document, findings);
                                  });
  if (!read) return tl::unexpected(read.error());
  config.name = suite_name(file);
  return config;
}

tl::expected<Config, ConfigError> read_suite_file(const std::filesystem::path& file,
                                                  const Overrides& overrides) {
  const auto text = read_config_file(file);
  if (!text) return tl::unexpected(text.error());
  return parse_config(*text, file, overrides);
}

}  // namespace wsbench::config
