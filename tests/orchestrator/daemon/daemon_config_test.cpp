#include "orchestrator/daemon/daemon_config.hpp"

#include <cstdlib>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/key_docs.hpp"
#include "tests/support/temp_dir.hpp"

using namespace wsbench::daemon;
using nlohmann::json;
using wsbench::test::TempDir;

namespace {

std::string error_of(const std::string& text) {
  const TempDir directory;
  const auto config = read_daemon_file(directory.write("daemon.json", text));
  return config ? "" : config.error().message;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the daemon's file that comes with the project is read, and loopback is its default") {
  const auto config = read_daemon_file(WSBENCH_CONFIGS "/daemon.json");
  REQUIRE(config);
  CHECK(config->db_root == "runs");
  CHECK((config->address == "127.0.0.1" && config->port == 9002));
  CHECK((config->user.empty() && config->log_file.empty() && !config->local));
}

TEST_CASE("a daemon's file has these keys, with overrides") {
  const TempDir directory;
  const auto file = directory.write("daemon.json", R"({"db_root": "r", "listen": "[::1]:0", "user": "u",
    "password": "p", "log_file": "l", "pid_file": "i", "origins": ["https://x.example"], "local": true})");
  const auto config = read_daemon_file(file, {{"listen", "127.0.0.1:7"}});
  REQUIRE(config);
  CHECK((config->address == "127.0.0.1" && config->port == 7));
  CHECK((config->user == "u" && config->password == "p" && config->local));
  CHECK((config->log_file == "l" && config->pid_file == "i"));
  CHECK(config->origins == std::vector<std::string>{"https://x.example"});
}

TEST_CASE("what is wrong with a daemon's file is told with its line") {
  CHECK(has(error_of("{}"), "db_root"));
  CHECK(has(error_of("{\"db_root\": \"r\",\n \"lisen\": \":1\"}"),
            ":2: /lisen: unknown key; did you mean \"listen\"?"));
  CHECK(has(error_of(R"({"db_root": "r", "listen": "nowhere:x"})"), "/listen"));
  CHECK(has(error_of(R"({"db_root": "r", "local": 1})"), "/local"));
  CHECK(has(error_of("[]"), "a daemon's file is one JSON object"));
}

TEST_CASE("beyond loopback a daemon needs a whole login") {
  CHECK(has(error_of(R"({"db_root": "r", "listen": "0.0.0.0:9002"})"), "password"));
  CHECK(error_of(R"({"db_root": "r", "listen": "0.0.0.0:9002", "user": "u", "password": "p"})").empty());
  CHECK_FALSE(error_of(R"({"db_root": "r", "user": "u"})").empty());
  CHECK_FALSE(error_of(R"({"db_root": "r", "password": "secret"})").empty());
  CHECK_FALSE(has(error_of(R"({"db_root": "r", "password": "secret"})"), "secret"));
  CHECK_FALSE(error_of(R"({"db_root": "r", "user": "u", "password": "{SHA}abc"})").empty());
}

TEST_CASE("configs/daemon.schema.json and README's table are what the table of keys says") {
  INFO("to write it anew: build/dev/wsbench daemon --json-schema > configs/daemon.schema.json");
  CHECK(wsbench::test::config_file("daemon.schema.json") == daemon_schema());
  CHECK(wsbench::test::key_docs_problems(wsbench::test::readme_keys("key of the daemon's file"),
                                         daemon_keys()) == "");
}

TEST_CASE("a list of the daemon's file can be replaced as on a command line") {
  const TempDir directory;
  const auto file = directory.write("daemon.json", R"({"db_root": "r"})");
  const auto config = read_daemon_file(file, {{"origins", "https://a.example,https://b.example"}});
  REQUIRE(config);
  CHECK(config->origins == std::vector<std::string>{"https://a.example", "https://b.example"});
}

TEST_CASE("a submitted suite has the daemon's db_root and no log file of its own") {
  const auto config = parse_submitted(R"({"host": "h", "log_file": "/etc/passwd", "db_root": "/elsewhere"})",
                                      "night-1.5", {}, "/daemon/runs");
  REQUIRE(config);
  CHECK(config->config.db_root == "/daemon/runs");
  CHECK_FALSE(config->config.log_file);
  CHECK(config->config.name == "night-1.5");
  CHECK(parse_submitted(R"({"host": "h"})", "smoke.json", {}, "/daemon/runs")->config.name == "smoke");
}

TEST_CASE("a submitted suite has no password in it, and names no variable but the daemon's own") {
  ::setenv("WSBENCH_TEST_PASSWORD", "secret", 1);
  const auto error = [](const std::string& supervisord, const wsbench::config::Overrides& overrides = {}) {
    const auto config =
        parse_submitted(R"({"host": "h", "supervisord": )" + supervisord + "}", "s", overrides, "/r");
    return config ? "" : config.error().message;
  };
  CHECK(has(error(R"("http://u:secret@h:9001")"), "WSBENCH_"));
  CHECK_FALSE(has(error(R"("http://u:secret@h:9001")"), "secret"));
  CHECK(has(error(R"({"user": "u", "password": "secret"})"), "/supervisord/password"));
  CHECK(has(error(R"({"user": "u", "password_env": "HOME"})"), "must begin with WSBENCH_"));
  CHECK(has(error(R"({"host": "h"})", {{"supervisord.password", "secret"}, {"supervisord.user", "u"}}),
            "WSBENCH_"));
  CHECK(error(R"({"user": "u", "password_env": "WSBENCH_TEST_PASSWORD"})").empty());
}

TEST_CASE("what is kept of a submitted suite has its overrides in it, and what they replaced is gone") {
  const auto submitted =
      parse_submitted(R"({"host": "h", "supervisord": "http://u:secret@h:9001", "clients": 5})", "s",
                      {{"supervisord", "http://h:9001"}, {"clients", "7"}}, "/r");
  REQUIRE(submitted);
  CHECK_FALSE(has(submitted->text, "secret"));
  CHECK(parse_submitted(submitted->text, "s", {}, "/r")->config.clients == 7);
}

TEST_CASE("a submission whose overrides would wear the daemon down is refused in a line") {
  const auto [key, value] = GENERATE(table<std::string, std::string>({
      {"a", std::string(80'000, '[') + std::string(80'000, ']')},
      {std::string(100'000, '.'), "1"},
      {"servers", std::string(500'000, ',')},
  }));
  const auto refused = parse_submitted("{\"host\": \"h\"}", "x", {{key, value}}, "/r");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.size() < 250);
}

TEST_CASE("no message has the daemon's password in it") {
  const TempDir directory;
  const auto file = directory.write("daemon.json", R"({"db_root": "r", "user": "u"})");
  for (const auto* password : {"12345", "{SHA}12345"}) {
    const auto config = read_daemon_file(file, {{"password", password}});
    REQUIRE_FALSE(config);
    CHECK_FALSE(has(config.error().message, "12345"));
  }
}
