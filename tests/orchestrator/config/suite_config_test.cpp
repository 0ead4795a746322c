#include "orchestrator/config/suite_config.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace wsbench::config;
using namespace std::chrono_literals;
namespace client = wsbench::client;

namespace {

/// A suite with what is required in its second line, and `members` in its third.
std::string suite(const std::string& members) {
  return "{\n  \"host\": \"h\", \"db_root\": \"runs\"" + (members.empty() ? "" : ",\n  " + members) + "\n}\n";
}

std::string complaint_of_text(std::string_view text, const Overrides& overrides = {}) {
  const auto config = parse_config(text, "configs/x.json", overrides);
  return config ? "(valid)" : config.error().message;
}

std::string complaint(const std::string& members, const Overrides& overrides = {}) {
  return complaint_of_text(suite(members), overrides);
}

Config valid(const std::string& members, const Overrides& overrides = {}) {
  const auto config = parse_config(suite(members), "configs/x.json", overrides);
  INFO((config ? "" : config.error().message));
  REQUIRE(config.has_value());
  return *config;
}

/// An environment variable for the length of a test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

}  // namespace

TEST_CASE("a suite needs host and db_root and has defaults for the rest") {
  const Config config = valid("");
  CHECK(config.name == "x");
  CHECK(config.host == "h");
  CHECK(config.db_root == "runs");
  CHECK_FALSE(config.port);
  CHECK(config.effective_port() == 8000);
  CHECK(config.supervisord.display() == "http://localhost:9001");
  CHECK(config.clients == 10000);
  CHECK(config.seconds == 600s);
  CHECK(config.servers.empty());
  CHECK_FALSE(config.interval);
  CHECK(config.effective_interval() == 1s);
  CHECK(config.connect_timeout == 2s);
  CHECK(config.start_timeout == 30s);
  CHECK(config.monitor);
  CHECK(config.calibrate);
  CHECK_FALSE(config.accept_invalid);
  CHECK_FALSE(config.thresholds.latency_p99_ms);
}

TEST_CASE("every value of a suite file reaches the config") {
  const Config config = valid(R"("port": 8080, "clients": 1e4, "seconds": 2.5, "servers": ["a", "g:b"],
      "log_file": "x.log", "interval_ms": 0.5, "payload_bytes": 100, "connect_timeout_ms": 500,
      "ramp_per_second": 50, "warmup": 0.25, "rounds": 3, "order": "shuffled", "seed": 7, "path": "/chat?x=1",
      "mode": "open", "arrivals": "exponential", "source_addresses": ["127.0.0.2", "::1"], "threads": 2,
      "transport": "epoll", "start_timeout_seconds": 1.5, "monitor": false, "calibrate": false, "accept_invalid": true,
      "thresholds": {"latency_p99_ms": 50, "lost_ratio": 0}, "$schema": "suite.schema.json",
      "supervisord": {"unix_socket": "/run/s.sock", "user": "u", "password": "p"})");
  CHECK(config.port == 8080);
  CHECK(config.clients == 10000);
  CHECK(config.seconds == 2500ms);
  CHECK(config.servers == std::vector<std::string>{"a", "g:b"});
  CHECK(config.log_file == "x.log");
  CHECK(config.interval == 500us);
  CHECK(config.payload_bytes == 100);
  CHECK(config.connect_timeout == 500ms);
  CHECK(config.ramp_per_second == 50);
  CHECK(config.warmup == 0.25);
  CHECK(config.rounds == 3);
  CHECK(config.order == Order::shuffled);
  CHECK(config.seed == 7);
  CHECK(config.path == "/chat?x=1");
  CHECK(config.mode == client::Mode::open);
  CHECK(config.arrivals == client::Arrivals::exponential);
  CHECK(config.source_addresses == std::vector<std::string>{"127.0.0.2", "::1"});
  CHECK(config.threads == 2U);
  CHECK(config.transport == client::transport::Kind::epoll);
  CHECK(config.start_timeout == 1500ms);
  CHECK_FALSE(config.monitor);
  CHECK_FALSE(config.calibrate);
  CHECK(config.accept_invalid);
  CHECK(config.thresholds.latency_p99_ms == 50.0);
  CHECK(config.thresholds.lost_ratio == 0.0);
  CHECK(config.supervisord.unix_socket == "/run/s.sock");
  CHECK(config.supervisord.user == "u");
  CHECK(config.supervisord.password == "p");
}

TEST_CASE("unknown keys suggest the likely one, or list what is known") {
  CHECK(complaint(R"("clints": 3)") == R"(configs/x.json:3: /clints: unknown key; did you mean "clients"?)");
  CHECK(complaint(R"("interval": 3)") ==
        R"(configs/x.json:3: /interval: unknown key; did you mean "interval_ms"?)");
  CHECK(complaint(R"("thresholds": {"latency_p90_ms": 3})") ==
        R"(configs/x.json:3: /thresholds/latency_p90_ms: unknown key; did you mean "latency_p50_ms"?)");
  CHECK(complaint(R"("thresholds": {"colour": 3})") ==
        "configs/x.json:3: /thresholds/colour: unknown key; known are latency_p50_ms, latency_p99_ms, "
        "latency_p999_ms, latency_max_ms, handshake_p99_ms, rss_mb, lost_ratio, established_ratio");
  CHECK(complaint(R"("a\nb": 3)").substr(0, 45) == R"(configs/x.json:3: /a\u000ab: unknown key; kno)");
}

TEST_CASE("required keys are asked for, unless a misspelt one is about to become them") {
  CHECK(complaint_of_text("\n\n{}") ==
        "configs/x.json:3: /host: is missing and has no default; it is the machine where the contestants "
        "listen: "
        "a host name or an IP address; with --local it is loopback\n"
        "configs/x.json:3: /db_root: is missing and has no default; it is the directory of the runs, created "
        "if "
        "absent; a relative path is relative to the working directory");
  CHECK(complaint_of_text(R"({"hots": "h", "db_root": "runs"})") ==
        R"(configs/x.json:1: /hots: unknown key; did you mean "host"?)");
}

TEST_CASE("numbers outside their range or of another type are refused with the range") {
  const std::string clients = "configs/x.json:3: /clients: must be a whole number from 1 to 1000000, not ";
  CHECK(complaint(R"("clients": -3)") == clients + "-3");
  CHECK(complaint(R"("clients": 0)") == clients + "0");
  CHECK(complaint(R"("clients": 2.5)") == clients + "2.5");
  CHECK(complaint(R"("clients": "100")") == clients + R"(the text "100")");
  CHECK(complaint(R"("clients": true)") == clients + "true");
  CHECK(complaint(R"("clients": null)") == clients + "null");
  CHECK(complaint(R"("clients": [1])") == clients + "an array");
  CHECK(complaint(R"("clients": 99999999999999999999)") == clients + "1e+20");
  CHECK(complaint(R"("seconds": 0)") ==
        "configs/x.json:3: /seconds: must be a number from 0.001 to 604800, not 0");
  CHECK(complaint(R"("warmup": 1.5)") == "configs/x.json:3: /warmup: must be a number from 0 to 1, not 1.5");
  CHECK(complaint(R"("port": 65536)") ==
        "configs/x.json:3: /port: must be a whole number from 1 to 65535, not 65536");
  CHECK(complaint(R"("monitor": "yes")") ==
        R"(configs/x.json:3: /monitor: must be true or false, not the text "yes")");
  CHECK(complaint(R"("mode": "opne")") ==
        R"(configs/x.json:3: /mode: must be "open" or "closed", not "opne")");
  CHECK(complaint(R"("thresholds": {"lost_ratio": 2})") ==
        "configs/x.json:3: /thresholds/lost_ratio: must be a number from 0 to 1, not 2");
  CHECK(complaint(R"("thresholds": 5)") ==
        R"(configs/x.json:3: /thresholds: must be an object such as {"latency_p99_ms": 50}, not 5)");
}

TEST_CASE("texts that cannot be what they stand for are refused") {
  const std::string host =
      R"(configs/x.json:1: /host: must be a host name or an IP address such as "bench.example.org", "127.0.0.1" or )"
      R"("::1", not )";
  for (const std::string& bad :
       std::vector<std::string>{R"("http://h")", R"("h:8000")", R"("")", R"("a b")", R"("[::1]")"}) {
    CHECK(complaint_of_text(R"({"db_root": "r", "host": )" + bad + "}") == host + bad);
  }
  CHECK(complaint_of_text(R"({"db_root": "r", "host": "fe80::1%eth0"})") == "(valid)");
  CHECK(
      complaint(R"("path": "chat")") ==
      R"(configs/x.json:3: /path: must be a request path that begins with "/" and has no space, "#" or non-ASCII )"
      R"(character, not "chat")");
  CHECK(complaint(R"("path": "/a b")") != "(valid)");
  CHECK(complaint(R"("path": "/a\r\nX: y")") != "(valid)");
  CHECK(complaint(R"("log_file": "")") ==
        R"(configs/x.json:3: /log_file: must be a path without control characters, not "")");
}

TEST_CASE("lists are checked element by element and for duplicates") {
  CHECK(complaint("\"servers\": [\n \"a\",\n \"b c\",\n 7]") ==
        "configs/x.json:5: /servers/1: must be a contestant as supervisord names it: \"name\" or "
        "\"group:name\", "
        "without spaces, \"/\" and \"*\", not led by \".\", not \"b c\"\n"
        "configs/x.json:6: /servers/2: must be a contestant as supervisord names it: \"name\" or "
        "\"group:name\", "
        "without spaces, \"/\" and \"*\", not led by \".\", not 7");
  CHECK(complaint("\"servers\": [\"a\",\n\"b\",\n\"a\"]") ==
        "configs/x.json:5: /servers/2: \"a\" is there already, as /servers/0; to measure a contestant more "
        "than once, "
        "set \"rounds\"");
  CHECK(complaint("\"servers\": [\"a\", \"\", \"\",\n\"a\"]")
            .find("x.json:4: /servers/3: \"a\" is there already") != std::string::npos);
  CHECK(complaint(R"("servers": [])") ==
        "configs/x.json:3: /servers: must name at least one contestant; to measure every contestant, leave "
        "the key "
        "out");
  CHECK(complaint(R"("servers": "go-gorilla")") ==
        "configs/x.json:3: /servers: must be an array, [ ... ], each element a contestant as supervisord "
        "names it: "
        "\"name\" or \"group:name\", without spaces, \"/\" and \"*\", not led by \".\"; not the text "
        "\"go-gorilla\"");
  CHECK(
      complaint(R"("source_addresses": ["localhost"])") ==
      R"(configs/x.json:3: /source_addresses/0: must be an IP address such as "127.0.0.2" or "::1", not "localhost")");
  CHECK(complaint(R"("source_addresses": ["::1", "127.0.0.1", "0:0::1"])") ==
        R"(configs/x.json:3: /source_addresses/2: "0:0::1" is there already, as /source_addresses/0)");
}

TEST_CASE("keys without a meaning in closed mode are refused there") {
  CHECK(complaint("\"interval_ms\": 100,\n\"arrivals\": \"exponential\",\n\"mode\": \"closed\"") ==
        "configs/x.json:3: /interval_ms: has no meaning in mode \"closed\", where a client sends as soon as "
        "its last "
        "echo is back; take it out, or set mode \"open\"\n"
        "configs/x.json:4: /arrivals: \"exponential\" has no meaning in mode \"closed\", where a client "
        "sends as soon "
        "as its last echo is back; take it out, or set mode \"open\"");
  CHECK(valid(R"("mode": "closed", "arrivals": "uniform")").mode == client::Mode::closed);
}

TEST_CASE("all findings of a file are told, in the order of its lines") {
  CHECK(complaint("\"seconds\": -1,\n\"clints\": 3,\n\"port\": 0") ==
        "configs/x.json:3: /seconds: must be a number from 0.001 to 604800, not -1\n"
        "configs/x.json:4: /clints: unknown key; did you mean \"clients\"?\n"
        "configs/x.json:5: /port: must be a whole number from 1 to 65535, not 0");
}

TEST_CASE("a key that is given twice is an error even when both values are good") {
  CHECK(complaint("\"clients\": 3,\n\"clients\": 4") ==
        "configs/x.json:4: /clients: is given twice, first in line 3");
}

TEST_CASE("what is not JSON or no object is refused as a whole") {
  CHECK(complaint_of_text("{\n  \"host\": \"h\"\n  \"db_root\": \"runs\"\n}") ==
        "configs/x.json:3:3: a comma is missing before this");
  CHECK(complaint_of_text("[]") == "configs/x.json:1: a suite is one JSON object, { ... }, not an array");
}

TEST_CASE("supervisord's object form is checked key by key") {
  CHECK(complaint(R"("supervisord": {"host": "h", "port": 0})") ==
        "configs/x.json:3: /supervisord/port: must be a whole number from 1 to 65535, not 0");
  CHECK(complaint(R"("supervisord": {"hostname": "h"})") ==
        R"(configs/x.json:3: /supervisord/hostname: unknown key; did you mean "host"?)");
  CHECK(
      complaint(R"("supervisord": {"unix_socket": "/s", "port": 1})") ==
      R"(configs/x.json:3: /supervisord/unix_socket: stands instead of "host" and "port"; give one or the other)");
  CHECK(
      complaint(R"("supervisord": {"unix_socket": "run/s.sock"})") ==
      R"(configs/x.json:3: /supervisord/unix_socket: must be an absolute path of at most 107 bytes such as )"
      R"("/run/supervisor.sock", not "run/s.sock")");
  CHECK(
      complaint(R"("supervisord": 9001)") ==
      R"(configs/x.json:3: /supervisord: must be an object such as {"host": "localhost", "port": 9001} or a URL )"
      R"(such as "http://localhost:9001", not 9001)");
  CHECK(complaint(R"("supervisord": {"password": "p"})") ==
        "configs/x.json:3: /supervisord/user: is missing; a password needs the user that it belongs to");
}

TEST_CASE("a password can come from the environment") {
  const Variable variable("WSBENCH_TEST_PASSWORD", "from-environment");
  const Variable empty("WSBENCH_TEST_EMPTY", "");
  const Config config = valid(R"("supervisord": {"user": "u", "password_env": "WSBENCH_TEST_PASSWORD"})");
  CHECK(config.supervisord.password == "from-environment");
  CHECK(
      complaint(R"("supervisord": {"user": "u", "password_env": "WSBENCH_TEST_UNSET"})") ==
      "configs/x.json:3: /supervisord/password_env: the environment variable WSBENCH_TEST_UNSET is not set");
  CHECK(complaint(R"("supervisord": {"user": "u", "password_env": "WSBENCH_TEST_EMPTY"})") ==
        "configs/x.json:3: /supervisord/password_env: the environment variable WSBENCH_TEST_EMPTY is empty");
  CHECK(complaint(R"("supervisord": {"user": "u", "password_env": "a b"})") ==
        R"(configs/x.json:3: /supervisord/password_env: must be the name of an environment variable such as )"
        R"("SUPERVISOR_PASSWORD", not "a b")");
  CHECK(complaint(
            R"("supervisord": {"user": "u", "password": "p", "password_env": "WSBENCH_TEST_PASSWORD"})") ==
        R"(configs/x.json:3: /supervisord/password_env: stands instead of "password"; give one of the two)");
}

TEST_CASE("no message and no stored config shows a password") {
  const std::string secret = "s3cret-Word";
  const std::string object = R"("supervisord": {"user": "u", "password": ")" + secret + R"("})";
  CHECK(to_json(valid(object)).dump().find(secret) == std::string::npos);
  CHECK(to_json(valid(object))["supervisord"]["user"] == "u");
  for (const std::string& faulty : {
           R"("supervisord": {"user": "u:v", "password": ")" + secret + R"(", "hst": 1})",
           R"("supervisord": {"user": "u", "password": [")" + secret + R"("]})",
           R"("supervisord": "http://u:)" + secret + R"(@h:99999999")",
           R"("supervisord": "ftp://u:)" + secret + R"(@h:9001")",
           R"("supervisord": "http://u:)" + secret + R"(@")",
       }) {
    const std::string message = complaint(faulty);
    CHECK(message != "(valid)");
    CHECK(message.find(secret) == std::string::npos);
  }
  for (const auto& [key, value] : Overrides{{"supervisord", "ftp://u:" + secret + "@h"},
                                            {"supervisord.password", "[\"" + secret + "\"]"}}) {
    const std::string message = complaint("", {{key, value}});
    CHECK(message.substr(0, 6) == "--set ");
    CHECK(message.find(secret) == std::string::npos);
  }
}

TEST_CASE("supervisord can be given as a URL") {
  const Config config = valid(R"("supervisord": "http://u:p@bench.example.org:9009")");
  CHECK(config.supervisord.host == "bench.example.org");
  CHECK(config.supervisord.port == 9009);
  CHECK(config.supervisord.user == "u");
  CHECK(config.supervisord.password == "p");
}

TEST_CASE("overrides replace what the file says before it is checked") {
  const Overrides overrides{{"clients", "5"},
                            {"clients", "7"},
                            {"host", "127.0.0.1"},
                            {"servers", "a,b"},
                            {"source_addresses", "[\"127.0.0.9\"]"},
                            {"thresholds.latency_p99_ms", "12.5"},
                            {"supervisord.port", "9100"},
                            {"interval_ms", "null"},
                            {"mode", "closed"}};
  const Config config = valid(R"("clients": -1, "interval_ms": 100)", overrides);
  CHECK(config.clients == 7);
  CHECK(config.host == "127.0.0.1");
  CHECK(config.servers == std::vector<std::string>{"a", "b"});
  CHECK(config.source_addresses == std::vector<std::string>{"127.0.0.9"});
  CHECK(config.thresholds.latency_p99_ms == 12.5);
  CHECK(config.supervisord.port == 9100);
  CHECK(config.mode == client::Mode::closed);
}

TEST_CASE("what is wrong with an override names it instead of a line") {
  CHECK(complaint("", {{"clients", "-3"}}) ==
        "--set clients=-3: must be a whole number from 1 to 1000000, not -3");
  CHECK(complaint("", {{"clients", "many"}}) ==
        R"(--set clients=many: must be a whole number from 1 to 1000000, not the text "many")");
  CHECK(complaint("", {{"clints", "3"}}) == R"(--set clints=3: unknown key; did you mean "clients"?)");
  CHECK(complaint("", {{"thresholds.rss", "3"}}) ==
        R"(--set thresholds.rss=3: unknown key; did you mean "rss_mb"?)");
  CHECK(complaint("", {{"servers", "a,b/c"}}).substr(0, 40) == "--set servers=a,b/c: /servers/1: must be");
  CHECK(complaint("", {{"log_file.x", "3"}}) ==
        "--set log_file.x=3: /log_file: must be a path without control characters, not an object");
  CHECK(complaint(R"("supervisord": "http://h")", {{"supervisord.port", "3"}}) ==
        R"(--set supervisord.port=3: "supervisord" is not an object in the file; set it as a whole)");
  CHECK(complaint("\"seconds\": 0", {{"clients", "0"}}) ==
        "configs/x.json:3: /seconds: must be a number from 0.001 to 604800, not 0\n"
        "--set clients=0: must be a whole number from 1 to 1000000, not 0");
  CHECK(complaint("", {{"db_root", "null"}}) ==
        "--set db_root=null: is missing and has no default; it is the directory of the runs, created if "
        "absent; a "
        "relative path is relative to the working directory");
}

TEST_CASE("input that is made to wear the reader down is refused in a line or twenty, and at once") {
  const auto begin = std::chrono::steady_clock::now();
  SECTION("an override that is nested deeply") {
    CHECK(complaint("", {{"a", std::string(80'000, '[')}}) ==
          "--set a=" + std::string(60, '[') + "...: objects and arrays are nested more than 16 deep");
    CHECK(complaint("", {{"a", std::string(80'000, '[') + std::string(80'000, ']')}}).size() < 200);
  }
  SECTION("an override whose key has a hundred thousand dots, or is as long") {
    const std::string why = ": a key has at most 200 bytes, and at most 8 names with a dot between them";
    CHECK(complaint("", {{std::string(100'000, '.'), "1"}}) ==
          "--set " + std::string(60, '.') + "...=1" + why);
    CHECK(complaint("", {{std::string(1'000'000, 'k'), "1"}}) ==
          "--set " + std::string(60, 'k') + "...=1" + why);
    CHECK(complaint("", {{"a.b.c.d.e.f.g.h.i", "1"}}) == "--set a.b.c.d.e.f.g.h.i=1" + why);
  }
  SECTION("an override that is a list of half a million") {
    CHECK(complaint("", {{"servers", std::string(500'000, ',')}}) ==
          "--set servers=" + std::string(60, ',') + "...: there are more than 10000 values");
    CHECK(complaint("", {{"servers", std::string(5'000, ',')}}) ==
          "--set servers=" + std::string(60, ',') + "...: must have at most 1000 elements, not 5001");
  }
  SECTION("an override that is a list of many wrong elements") {
    const auto message = complaint("", {{"servers", std::string(999, ',')}});
    CHECK(std::count(message.begin(), message.end(), '\n') == 20);
    CHECK(message.substr(message.rfind('\n')) == "\nand 980 more");
    CHECK(message.size() < 10'000);
  }
  SECTION("a file of many unknown keys") {
    std::string members;
    for (int i = 0; i < 9'000; ++i) members += fmt::format("\"{}clientsclientsclients\": 1,\n", i);
    const auto message = complaint(members + R"("clients": 1)");
    CHECK(message.substr(message.rfind('\n')) == "\nand 8980 more");
  }
  SECTION("a file whose pointers would be long and many") {
    const auto key = std::string(500'000, 'k');
    std::string zeros(400'000, '0');
    for (std::size_t i = 1; i < zeros.size(); i += 2) zeros[i] = ',';
    zeros += '0';
    CHECK(complaint("\"" + key + "\": [" + zeros + "]").substr(0, 60) ==
          "configs/x.json:3:500004: a key is longer than 200 bytes");
    CHECK(complaint("\"k\": [" + zeros + "]").find("there are more than 10000 values") != std::string::npos);
  }
  SECTION("a hundred thousand overrides") {
    CHECK(complaint("", Overrides(100'000, {"clients", "1"})) == "--set: more than 1000 keys are replaced");
  }
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
}

TEST_CASE("what a message quotes is short and stays on its line") {
  CHECK(complaint("", {{"clients", "a\nb" + std::string(100, 'x')}}) ==
        "--set clients=a\\u000ab" + std::string(57, 'x') +
            "...: must be a whole number from 1 to 1000000, "
            "not the text \"a\\nb" +
            std::string(57, 'x') + "\"...");
  CHECK(complaint("\"clients\": " + std::string(500, '9')).size() < 150);
}

TEST_CASE("a config comes back the same from its own JSON") {
  const std::string members = GENERATE(
      "", R"("mode": "closed")", R"("seconds": 0.25, "interval_ms": 33.333333, "warmup": 0.3)",
      R"("servers": ["a"], "log_file": "l", "threads": 3, "source_addresses": ["::1"], "transport": "asio")",
      R"("thresholds": {"latency_p50_ms": 1.5, "established_ratio": 1}, "seed": 9007199254740991)",
      R"("supervisord": {"unix_socket": "/run/s.sock", "user": "u", "password": "p"})");
  const auto stored = to_json(valid(members));
  const auto again = parse_config(stored.dump(), "x.json");
  INFO(stored.dump());
  REQUIRE(again);
  CHECK(to_json(*again).dump() == stored.dump());
}

TEST_CASE("a stored config tells what holds, not what was written") {
  const auto stored = to_json(valid(R"("seconds": 10)"));
  CHECK(stored["port"] == 8000);
  CHECK(stored["seconds"].dump() == "10");
  CHECK(stored["interval_ms"] == 1000);
  CHECK_FALSE(to_json(valid(R"("mode": "closed")")).contains("interval_ms"));
  CHECK(to_json(valid("")) == to_json(valid(R"("port": 8000, "interval_ms": 1e3, "clients": 10000)")));
}

TEST_CASE("the suite's name is its file's, made fit for a directory and a process group") {
  CHECK(parse_config(suite(""), "a/b/small-scale.json")->name == "small-scale");
  CHECK(parse_config(suite(""), "my suite: 2.json")->name == "my-suite--2");
  CHECK(parse_config(suite(""), ".json")->name == "suite.json");
}

TEST_CASE("a file that cannot be read says why") {
  CHECK(read_suite_file("no/such.json").error().message ==
        "no/such.json: cannot be read: No such file or directory");
  CHECK(read_suite_file("/dev").error().message == "/dev: cannot be read: it is a directory");
  CHECK(read_suite_file("/dev/zero").error().message == "/dev/zero:1:1: the document is larger than 1 MiB");
}

TEST_CASE("the suite files of this repository are valid") {
  const std::string file = GENERATE("smoke.json", "small-scale.json", "full-scale.json");
  const auto config = read_suite_file(std::string(WSBENCH_CONFIGS) + "/" + file);
  INFO((config ? "" : config.error().message));
  REQUIRE(config);
  CHECK(config->db_root == "runs");
}
