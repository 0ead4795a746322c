#include <cmath>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "orchestrator/config/suite_config.hpp"

// configs/suite.schema.json and the parser say the same in two places; these tests hold them together.

using namespace wsbench::config;
using nlohmann::json;

namespace {

/// An object of the suite file: where it is in the schema, and in a suite ("" for the suite itself).
struct Level {
  const char* schema_pointer;
  const char* key;
};
const std::vector<Level> kLevels{
    {"", ""}, {"/properties/thresholds", "thresholds"}, {"/properties/supervisord/oneOf/1", "supervisord"}};

json schema_of(const Level& level) {
  std::ifstream stream(std::string(WSBENCH_CONFIGS) + "/suite.schema.json");
  return json::parse(stream).at(json::json_pointer(level.schema_pointer));
}

json properties_of(const Level& level) {
  return schema_of(level).at("properties");
}

json minimal() {
  return {{"host", "h"}, {"db_root", "runs"}};
}

std::string complaint(const json& suite) {
  const auto config = parse_config(suite.dump(), "x.json");
  return config ? "" : config.error().message;
}

/// What the parser says of a suite that is minimal but for one member.
std::string complaint(const Level& level, const std::string& key, const json& value) {
  json suite = minimal();
  (level.key[0] == '\0' ? suite : suite[level.key])[key] = value;
  return complaint(suite);
}

std::set<std::string> keys_of(const json& object) {
  std::set<std::string> keys;
  for (const auto& member : object.items()) keys.insert(member.key());
  return keys;
}

/// The keys that the parser knows, from its own words to someone who wrote an unknown one.
std::set<std::string> known_keys(const Level& level) {
  const std::string message = complaint(level, "Q", 1);
  const std::string before = "known are ";
  const std::size_t begin = message.find(before);
  REQUIRE(begin != std::string::npos);
  std::istringstream list(message.substr(begin + before.size()));
  std::set<std::string> keys;
  for (std::string word; list >> word;)
    keys.insert(word.back() == ',' ? word.substr(0, word.size() - 1) : word);
  return keys;
}

}  // namespace

TEST_CASE("schema and parser know the same keys and refuse all others") {
  for (const Level& level : kLevels) {
    CHECK(keys_of(properties_of(level)) == known_keys(level));
    CHECK(schema_of(level)["additionalProperties"] == false);
  }
}

TEST_CASE("schema and parser have the same defaults") {
  const json defaults = to_json(*parse_config(minimal().dump(), "x.json"));
  for (const Level& level : kLevels) {
    const json& effective = level.key[0] == '\0' ? defaults : defaults[level.key];
    const json properties = properties_of(level);
    for (const auto& [key, property] : properties.items()) {
      INFO(level.key << "/" << key);
      const bool required = level.key[0] == '\0' && minimal().contains(key);
      if (required) continue;
      CHECK(property.contains("default") == effective.contains(key));
      if (property.contains("default")) CHECK(property["default"] == effective[key]);
    }
  }
}

TEST_CASE("schema and parser have the same limits for numbers") {
  int limits = 0;
  for (const Level& level : kLevels) {
    const json properties = properties_of(level);
    for (const auto& [key, property] : properties.items()) {
      if (!property.contains("minimum")) continue;
      REQUIRE(property.contains("maximum"));
      const json& least = property["minimum"];
      const json& most = property["maximum"];
      const bool whole = property["type"] == "integer";
      const json below =
          whole ? json(least.get<std::int64_t>() - 1) : json(std::nextafter(least.get<double>(), -1.0));
      const json above =
          whole ? json(most.get<std::int64_t>() + 1) : json(std::nextafter(most.get<double>(), 1e300));
      INFO(level.key << "/" << key << " from " << least << " to " << most);
      CHECK(complaint(level, key, least) == "");
      CHECK(complaint(level, key, most) == "");
      CHECK(complaint(level, key, below) != "");
      CHECK(complaint(level, key, above) != "");
      if (whole) CHECK(complaint(level, key, least.get<double>() + 0.5) != "");
      ++limits;
    }
  }
  CHECK(limits >= 20);
}

TEST_CASE("schema and parser have the same limits for the length of texts") {
  for (const Level& level : kLevels) {
    const json properties = properties_of(level);
    for (const auto& [key, property] : properties.items()) {
      if (!property.contains("maxLength")) continue;
      const auto most = property["maxLength"].get<std::size_t>();
      const char filler = key == "host" ? 'h' : '/';
      INFO(level.key << "/" << key);
      CHECK(complaint(level, key, std::string(most, filler)) == "");
      CHECK(complaint(level, key, std::string(most + 1, filler)) != "");
      CHECK(complaint(level, key, "") != "");
    }
  }
  const Level suite = kLevels.front();
  const auto most = schema_of(suite)["/properties/servers/items/maxLength"_json_pointer].get<std::size_t>();
  CHECK(complaint(suite, "servers", json::array({std::string(most, 'n')})) == "");
  CHECK(complaint(suite, "servers", json::array({std::string(most + 1, 'n')})) != "");
}

TEST_CASE("schema and parser have the same words for enums") {
  int words = 0;
  const json properties = properties_of(kLevels.front());
  for (const auto& [key, property] : properties.items()) {
    if (!property.contains("enum")) continue;
    for (const json& word : property["enum"]) {
      INFO(key << " " << word);
      CHECK(complaint(kLevels.front(), key, word) == "");
      ++words;
    }
    const std::string message = complaint(kLevels.front(), key, "neither");
    for (const json& word : property["enum"]) CHECK(message.find(word.dump()) != std::string::npos);
  }
  CHECK(words == 10);
}

TEST_CASE("schema and parser require the same keys") {
  std::set<std::string> required;
  const json schema = schema_of(kLevels.front());
  for (const json& key : schema["required"]) {
    json suite = minimal();
    suite.erase(key.get<std::string>());
    CHECK(complaint(suite).find("/" + key.get<std::string>() + ": is missing") != std::string::npos);
    required.insert(key);
  }
  CHECK(required == keys_of(minimal()));
}

TEST_CASE("schema and parser have the same types") {
  const std::vector<std::pair<std::string, json>> values{
      {"boolean", true},          {"integer", 20},          {"number", 0.5},
      {"object", json::object()}, {"array", json::array()}, {"null", nullptr},
      {"string", "no such value"}};
  for (const Level& level : kLevels) {
    const json properties = properties_of(level);
    for (const auto& [key, property] : properties.items()) {
      if (key == "$schema" || key == "supervisord" || property.contains("enum")) continue;
      const std::string type = property["type"];
      for (const auto& [value_type, value] : values) {
        const bool allowed = type == value_type || (type == "number" && value_type == "integer");
        if (allowed) continue;
        INFO(level.key << "/" << key << ", a " << type << ", given " << value);
        CHECK(complaint(level, key, value) != "");
      }
    }
  }
}

TEST_CASE("the patterns of the schema and the parser's rules agree") {
  using namespace std::string_literals;
  const std::vector<std::string> texts{
      "",      "/",      "/a",    "/a b", "/a#b", "/a\"b",       "/\xC3\xA9", "/a\nb", "a",      "a b",
      "a:b",   "a:b:c",  ":a",    "a:",   "a/b",  "a*",          ".a",        "a.b",   "g:.a",   "go-gorilla",
      "a\tb",  "a\x7F",  "_X",    "X1",   "1X",   "127.0.0.1",   "::1",       "[::1]", "h:80",   "~",
      "a\0b"s, "/a\0b"s, "$HOME", "/~",   "/!",   "http://host", "fe80::1%x", "a@b",   "/x/../y"};
  const auto check = [&](const Level& level, const std::string& key, const json& property, bool list) {
    const std::regex pattern(property["pattern"].get<std::string>());
    for (const std::string& text : texts) {
      const bool by_schema = std::regex_search(text, pattern);
      const std::string message = complaint(level, key, list ? json::array({text}) : json(text));
      // What a text means is beyond a pattern: whether it is an IPv6 address, whether a variable is set.
      const bool by_rule = message.find("must be") == std::string::npos;
      INFO(level.key << "/" << key << " given " << json(text) << ": " << message);
      if (key == "host") {
        CHECK((by_schema || !by_rule));
      } else {
        CHECK(by_schema == by_rule);
      }
    }
  };
  int patterns = 0;
  for (const Level& level : kLevels) {
    const json properties = properties_of(level);
    for (const auto& [key, property] : properties.items()) {
      const bool list = property.contains("items") && property["items"].contains("pattern");
      if (!list && !property.contains("pattern")) continue;
      check(level, key, list ? property["items"] : property, list);
      ++patterns;
    }
  }
  CHECK(patterns == 9);
}
