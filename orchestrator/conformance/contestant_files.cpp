#include "orchestrator/conformance/contestant_files.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "orchestrator/conformance/conformance.hpp"
#include "orchestrator/util/json_text.hpp"
#include "orchestrator/util/suggest.hpp"

namespace wsbench::conformance {

using util::Finding;

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

enum class Type { text, texts, reasons };

struct Key {
  const char* name;
  Type type;
};

/// Every key is required: the plug-in (competition/monitor/wsbench_manifest.py) refuses a manifest without
/// it.
constexpr Key kKeys[] = {
    {"language", Type::text},        {"platform", Type::text}, {"packages", Type::texts},
    {"build_packages", Type::texts}, {"needs", Type::texts},   {"build", Type::text},
    {"check", Type::text},           {"version", Type::text},  {"processes", Type::text},
    {"notes", Type::text},           {"cannot", Type::texts},  {"expected", Type::reasons}};

bool is_text(const json& value) {
  return value.is_string();
}

bool has_type(const json& value, Type type) {
  if (type == Type::text) return is_text(value);
  const bool container = type == Type::texts ? value.is_array() : value.is_object();
  return container && std::all_of(value.begin(), value.end(), is_text);
}

const char* name(Type type) {
  if (type == Type::text) return "a string";
  return type == Type::texts ? "an array of strings" : "an object of strings";
}

/// "; did you mean \"x\"?", or nothing.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  const auto likely = util::nearest(word, candidates);
  return likely ? fmt::format("; did you mean \"{}\"?", *likely) : std::string();
}

/// Whether a line of an ini is "command=...".
bool gives_command(std::string_view line) {
  const auto sign = line.find_first_of("=:");
  if (sign == std::string_view::npos) return false;
  const auto key = line.substr(0, sign);
  return key.substr(0, key.find_last_not_of(" \t") + 1) == "command" &&
         line.find_first_not_of(" \t\r", sign + 1) != std::string_view::npos;
}

/// Gathers what is wrong with one contestant.
class Inspection {
 public:
  Inspection(const fs::path& competition, std::string contestant)
      : competition_(competition), contestant_(std::move(contestant)) {}

  std::vector<Finding> inspect() {
    if (!is_contestant_name(contestant_)) {
      add("a name is {language}-{platform}[-more] in lower case, and may end in -N");
    }
    inspect_ini(competition_ / "servers" / (contestant_ + ".ini"));
    inspect_manifest(competition_ / contestant_ / "contestant.json");
    return std::move(findings_);
  }

 private:
  void add(std::string_view what) {
    findings_.push_back({Finding::Level::error, fmt::format("{}: {}", contestant_, what)});
  }

  void inspect_ini(const fs::path& file) {
    std::ifstream in(file);
    if (!in) {
      return add(fmt::format("no servers/{}.ini, so supervisord does not know it: make it of another's",
                             contestant_));
    }
    std::vector<std::string> programs;
    bool has_command = false;
    for (std::string line; std::getline(in, line);) {
      has_command = has_command || gives_command(line);
      constexpr std::string_view kProgram = "[program:";
      if (line.rfind(kProgram, 0) == 0) {
        programs.push_back(line.substr(kProgram.size(), line.find(']') - kProgram.size()));
      }
    }
    if (programs != std::vector<std::string>{contestant_}) {
      add(fmt::format(
          "servers/{0}.ini must have one section, [program:{0}]; it has {1}", contestant_,
          programs.empty() ? "none" : fmt::format("[program:{}]", fmt::join(programs, "], [program:"))));
    } else if (!has_command) {
      add(fmt::format("servers/{}.ini has no command=, which starts it", contestant_));
    }
  }

  void inspect_manifest(const fs::path& file) {
    const auto text = util::read_json_file(file);
    if (!text) {
      return add(fmt::format("no {}/contestant.json: competition/README.md tells what belongs into it",
                             contestant_));
    }
    const auto manifest = util::parse_json(*text);
    if (!manifest) return add("contestant.json: " + manifest.error().display());
    if (!manifest->is_object()) return add("contestant.json is not an object");
    inspect_keys(*manifest);
    inspect_expectations(*manifest);
  }

  void inspect_keys(const json& manifest) {
    std::vector<std::string> known;
    for (const auto& key : kKeys) {
      known.emplace_back(key.name);
      if (!manifest.contains(key.name)) {
        add(fmt::format("contestant.json lacks \"{}\", {}", key.name, name(key.type)));
      } else if (!has_type(manifest.at(key.name), key.type)) {
        add(fmt::format("contestant.json: \"{}\" must be {}", key.name, name(key.type)));
      }
    }
    for (const auto& [key, value] : manifest.items()) {
      if (std::find(known.begin(), known.end(), key) == known.end())
        add(fmt::format("contestant.json: no such key as \"{}\"{}", key, suggestion(key, known)));
    }
  }

  void inspect_expectations(const json& manifest) {
    if (!manifest.contains("expected") || !has_type(manifest.at("expected"), Type::reasons)) return;
    std::vector<std::string> rules;
    for (const auto& rule : all_rules()) rules.emplace_back(rule.name);
    for (const auto& [rule, why] : manifest.at("expected").items()) {
      if (std::find(rules.begin(), rules.end(), rule) == rules.end()) {
        add(fmt::format("contestant.json expects \"{}\" to fail, which is no rule{}", rule,
                        suggestion(rule, rules)));
      } else if (why.get_ref<const std::string&>().empty()) {
        add(fmt::format("contestant.json expects \"{}\" to fail, but does not say why", rule));
      }
    }
  }

  const fs::path& competition_;
  const std::string contestant_;
  std::vector<Finding> findings_;
};

}  // namespace

bool is_contestant_name(std::string_view name) noexcept {
  if (name.size() > 2 && name.substr(name.size() - 2) == "-N") name.remove_suffix(2);
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_word = [&](char c) { return is_lower(c) || (c >= '0' && c <= '9'); };
  const auto dash = name.find('-');
  if (dash == 0 || dash == std::string_view::npos) return false;
  if (!std::all_of(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(dash), is_lower)) return false;
  // No word after a dash is empty.
  char before = 'a';
  for (const char c : name) {
    if (c == '-' ? before == '-' : !is_word(c)) return false;
    before = c;
  }
  return before != '-';
}

std::vector<std::string> contestants_in(const fs::path& competition) {
  std::set<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(competition / "servers", error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".ini") names.insert(entry->path().stem().string());
  }
  for (fs::directory_iterator entry(competition, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (fs::exists(entry->path() / "contestant.json", ignored))
      names.insert(entry->path().filename().string());
  }
  return {names.begin(), names.end()};
}

std::vector<Finding> check_contestant_files(const fs::path& competition, const std::string& name) {
  return Inspection(competition, name).inspect();
}

}  // namespace wsbench::conformance
