#include "tests/e2e/bench.hpp"

#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

#include "rpc/endpoint.hpp"
#include "rpc/http_transport.hpp"
#include "rpc/supervisor.hpp"
#include "tests/support/free_port.hpp"

namespace wsbench::test {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

std::string program(const std::string& name, const std::string& command, int port) {
  return fmt::format(
      "[program:{0}]\ncommand={1}\nenvironment=PORT=\"{2}\",ADDRESS=\"127.0.0.1\"\nautostart=false\n"
      "autorestart=false\nstartretries=0\nstartsecs=0\nstopasgroup=true\nkillasgroup=true\nstopwaitsecs=2\n"
      "stdout_logfile={{dir}}/{0}.out\nstderr_logfile={{dir}}/{0}.err\n",
      name, command, port);
}

std::string programs(int port) {
  const std::string source = WSBENCH_SOURCE;
  const auto misbehaving = "/usr/bin/python3 -B " + source + "/tests/e2e/misbehaving.py ";
  std::string sections;
  for (const auto* mode :
       {"exits", "silent", "http-200", "wrong-bytes", "dies", "exclusive", "stubborn", "orphans"}) {
    sections += program(mode, misbehaving + mode, port);
  }
  sections += program("closes", misbehaving + "closes 3", port);
  sections += program("missing", "/nowhere/echo-server", port);
  for (const auto* name : {"good", "better", "best"}) {
    sections += program(name, source + "/competition/build/cpp-websocketpp", port);
  }
  return sections;
}

}  // namespace

Bench::Bench() : port_(free_port()), supervisord_({programs(port_)}) {}

std::string Bench::suite(const std::vector<std::string>& servers, const json& changes) const {
  json config{{"host", "127.0.0.1"},
              {"port", port_},
              {"db_root", db_root()},
              {"supervisord", supervisord_.url()},
              {"clients", 20},
              {"seconds", 1},
              {"interval_ms", 50},
              {"servers", servers},
              {"start_timeout_seconds", 3},
              {"connect_timeout_ms", 500},
              {"calibrate", false}};
  config.merge_patch(changes);
  return directory_.write("suite.json", config.dump(2)).string();
}

fs::path Bench::run() const {
  std::vector<fs::path> runs;
  for (const auto& entry : fs::directory_iterator(db_root())) runs.push_back(entry.path());
  if (runs.size() != 1) throw std::runtime_error(fmt::format("{} runs in {}", runs.size(), db_root()));
  return runs.front();
}

json Bench::results() const {
  std::ifstream in(run() / "results.json");
  const auto document = json::parse(in);
  json by_name = json::object();
  for (const auto& contestant : document.at("contestants")) {
    const auto& rounds = contestant.at("rounds");
    if (!rounds.empty()) by_name[contestant.at("name").get<std::string>()] = rounds.at(0);
  }
  return by_name;
}

bool Bench::is_up(const std::string& contestant) const {
  rpc::Supervisor supervisor(rpc::make_http_transport(rpc::parse_endpoint(supervisord_.url()).value()));
  return rpc::is_up(supervisor.get_process_info(contestant).value().state);
}

}  // namespace wsbench::test
