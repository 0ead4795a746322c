#include "orchestrator/config/suite_keys.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "orchestrator/config/suite_config.hpp"
#include "tests/support/key_docs.hpp"

// What is made from the table of keys, and what is held to it.

using namespace wsbench::config;
using nlohmann::json;
using wsbench::test::config_file;
using wsbench::test::key_docs_problems;
using wsbench::test::readme_keys;

namespace {

/// An object of the suite file: where it is in the schema, and in a suite ("" for the suite itself).
struct Level {
  const char* schema_pointer;
  const char* key;
};
const std::vector<Level> kLevels{
    {"", ""}, {"/properties/thresholds", "thresholds"}, {"/properties/supervisord/oneOf/1", "supervisord"}};

json schema_of(const Level& level) {
  return json::parse(suite_schema()).at(json::json_pointer(level.schema_pointer));
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

/// A good value of a key that is not its default.
json another_value(const KeyInfo& key) {
  const std::map<std::string, json> texts{{"host", "h2"},      {"db_root", "r2"},
                                          {"path", "/2"},      {"log_file", "l2"},
                                          {"servers", {"s2"}}, {"source_addresses", {"::2"}},
                                          {"user", "u2"},      {"unix_socket", "/2.sock"}};
  if (const auto text = texts.find(key.name); text != texts.end()) return text->second;
  const json schema = key.schema;
  if (schema.contains("enum")) return schema["enum"].back();
  if (schema.contains("maximum")) return schema["maximum"];
  if (schema.value("type", "") == "boolean") return !schema["default"].get<bool>();
  return "http://h2:2";
}

/// The keys of an object, and of the objects in it, in which two configs differ.
std::set<std::string> changed_keys(const json& one, const json& other) {
  std::set<std::string> keys;
  for (const auto& change : json::diff(one, other))
    keys.insert(change.at("path").get<std::string>().substr(1));
  return keys;
}

json effective(const json& suite) {
  const auto config = parse_config(suite.dump(), "x.json");
  INFO((config ? "" : config.error().message));
  REQUIRE(config);
  return to_json(*config);
}

}  // namespace

TEST_CASE("configs/suite.schema.json is what the table says") {
  INFO("to write it anew: build/dev/wsbench run --json-schema > configs/suite.schema.json");
  CHECK(config_file("suite.schema.json") == suite_schema());
}

TEST_CASE("README's table has every key of a suite with its default") {
  CHECK(key_docs_problems(readme_keys("key"), suite_keys()) == "");
}

TEST_CASE("a README that forgets a key, invents one or has another default is found out") {
  auto rows = readme_keys("key");
  rows[5].fallback += "0";
  rows.erase(rows.begin());
  const auto problems = key_docs_problems(rows, suite_keys());
  CHECK(problems ==
        "README.md lacks this row: host | required\n"
        "README.md lacks this row: clients | 10000\n"
        "README.md has this row, which is no key's: clients | 100000\n");
}

TEST_CASE("every key reaches a member of its own, is written again, and nothing else changes") {
  const json defaults = effective(minimal());
  for (const KeyInfo& key : suite_keys()) {
    if (!key.is_for_people() || key.name == "supervisord") continue;
    if (key.members.empty()) {
      auto suite = minimal();
      suite[key.name] = another_value(key);
      INFO(key.name << " " << suite[key.name]);
      auto changed = changed_keys(defaults, effective(suite));
      if (key.name == "mode") changed.erase("interval_ms");  // which means nothing in mode closed
      // Of a list that was there and empty, the element.
      if (key.name == "source_addresses" && changed.erase("source_addresses/-") > 0) changed.insert(key.name);
      CHECK(changed == std::set<std::string>{key.name});
    }
    for (const KeyInfo& member : key.members) {
      auto suite = minimal();
      suite[key.name][member.name] = another_value(member);
      INFO(key.name << " " << suite[key.name]);
      CHECK(changed_keys(defaults, effective(suite)) == std::set<std::string>{key.name + "/" + member.name});
    }
  }
}

TEST_CASE("the help tells every key, its default and its range in 80 columns") {
  const auto text = keys_text(suite_keys());
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(line.size() <= 80);
    CHECK((line.empty() || line.back() != ' '));
  }
  const auto has = [&](const std::string& part) { return text.find(part) != std::string::npos; };
  for (const KeyInfo& key : suite_keys()) {
    CHECK(has("\n" + key.name + " ") == key.is_for_people());
    for (const KeyInfo& member : key.members) CHECK(has("\n" + key.name + "." + member.name + " "));
  }
  CHECK(
      has("\nseconds                       600                  0.001 to 604800 s\n"
          "    how long each contestant is measured in each round\n"));
}

TEST_CASE("two configs differ in the keys that shape the measurement") {
  const auto differing = [](const json& members) {
    auto suite = minimal();
    suite.update(members);
    return differences(effective(minimal()), effective(suite));
  };
  using Keys = std::vector<std::string>;
  CHECK(
      differing({{"db_root", "x"}, {"log_file", "x"}, {"supervisord", "http://h"}, {"accept_invalid", true}})
          .empty());
  CHECK(differing({{"thresholds", {{"rss_mb", 1}}}}).empty());
  CHECK(differing({{"clients", 1}, {"monitor", false}, {"mode", "closed"}}) ==
        Keys{"clients", "mode", "monitor"});
  CHECK(differing({{"servers", {"a"}}, {"threads", 1}}) == Keys{"servers", "threads"});
}

TEST_CASE("a config that was stored before a key was there has its default") {
  auto stored = effective(minimal());
  stored.erase("transport");
  CHECK(differences(effective(minimal()), stored).empty());
  auto other = minimal();
  other["transport"] = "epoll";
  CHECK(differences(effective(other), stored) == std::vector<std::string>{"transport"});
  stored["of_a_newer_wsbench"] = 1;
  CHECK(differences(effective(minimal()), stored) == std::vector<std::string>{"of_a_newer_wsbench"});
}

TEST_CASE("`wsbench test` takes the keys that shape a single load") {
  std::set<std::string> refused;
  for (const KeyInfo& key : suite_keys()) {
    if (key.is_for_people() && !key.is_in_test) refused.insert(key.name);
  }
  CHECK(refused == std::set<std::string>{"db_root", "supervisord", "servers", "rounds", "order", "monitor",
                                         "calibrate", "log_file", "start_timeout_seconds"});
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
      // What a text means is beyond a pattern: whether it is an IP address, whether a variable is set.
      const bool by_rule = message.find("must be") == std::string::npos;
      INFO(level.key << "/" << key << " given " << json(text) << ": " << message);
      if (key == "host" || key == "source_addresses") {
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
  CHECK(patterns == 10);
}
