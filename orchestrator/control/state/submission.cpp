#include "orchestrator/control/state/submission.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/control/state/names.hpp"
#include "orchestrator/util/json_text.hpp"

namespace wsbench::control::state {

using nlohmann::json;

namespace {

using Problem = tl::unexpected<std::string>;

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// A config given as an object gets lines, so that findings can tell them.
std::string config_text(const json& config) {
  return config.is_string() ? config.get<std::string>()
                            : config.dump(2, ' ', false, json::error_handler_t::replace);
}

bool is_override(const json& pair) {
  return pair.is_array() && pair.size() == 2 && pair[0].is_string();
}

/// What is wrong with a member; empty when nothing is.
std::string problem_of(const std::string& key, const json& member) {
  if (key == "name") {
    const bool is_good = member.is_string() && is_file_name(member.get<std::string>());
    return is_good ? ""
                   : "name: must be 1 to 200 of the characters A-Z a-z 0-9 . _ -, and not begin with a dot";
  }
  if (key == "config") {
    return member.is_string() || member.is_object() ? ""
                                                    : "config: must be a suite file's object, or its text";
  }
  if (key == "overrides") {
    const bool is_good = member.is_array() && std::all_of(member.begin(), member.end(), is_override);
    return is_good ? "" : "overrides: must be pairs [key, value]";
  }
  if (key == "local") return member.is_boolean() ? "" : "local: must be true or false";
  return fmt::format("{}: unknown member; known are name, config, overrides and local", util::excerpt(key));
}

}  // namespace

tl::expected<Submission, std::string> read_submission(const json& document) {
  if (!document.is_object()) return Problem("must be an object with name and config");
  for (const auto& [key, member] : document.items()) {
    if (auto problem = problem_of(key, member); !problem.empty()) return Problem(std::move(problem));
  }
  for (const char* key : {"name", "config"}) {
    if (!document.contains(key)) return Problem(fmt::format("{}: is missing", key));
  }
  Submission submission{document["name"].get<std::string>(), config_text(document["config"]), {}, false};
  for (const auto& pair : document.value("overrides", json::array())) {
    submission.overrides.emplace_back(pair[0].get<std::string>(), text_of(pair[1]));
  }
  submission.local = document.value("local", false);
  return submission;
}

}  // namespace wsbench::control::state
