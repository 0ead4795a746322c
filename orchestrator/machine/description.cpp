#include "orchestrator/machine/description.hpp"

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orchestrator/util/quantities.hpp"

namespace wsbench::machine {

using nlohmann::json;

namespace {

std::string first_line(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

/// The value behind "key" and a separator, in a file of such lines.
std::string value_of(const std::string& file, std::string_view key, char separator) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.compare(0, key.size(), key) != 0) continue;
    auto begin = line.find(separator);
    if (begin == std::string::npos) continue;
    begin = line.find_first_not_of(" \t\"", begin + 1);
    const auto end = line.find_last_not_of(" \t\"");
    return begin == std::string::npos ? "" : line.substr(begin, end - begin + 1);
  }
  return "";
}

void add_if_known(json& object, const char* key, const std::string& value) {
  if (!value.empty()) object[key] = value;
}

json sysctls() {
  json values = json::object();
  for (const char* name : {"net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog",
                           "net.ipv4.ip_local_port_range", "net.netfilter.nf_conntrack_max", "fs.nr_open"}) {
    std::string path = "/proc/sys/";
    for (const char* c = name; *c != '\0'; ++c) path += *c == '.' ? '/' : *c;
    add_if_known(values, name, first_line(path));
  }
  return values;
}

}  // namespace

json describe_this_machine() {
  json machine;
  utsname system{};
  if (::uname(&system) == 0) {
    machine["hostname"] = system.nodename;
    machine["kernel"] = system.release;
  }
  add_if_known(machine, "os", value_of("/etc/os-release", "PRETTY_NAME", '='));
  add_if_known(machine, "cpu_model", value_of("/proc/cpuinfo", "model name", ':'));
  machine["cpus"] = ::sysconf(_SC_NPROCESSORS_ONLN);
  add_if_known(machine, "governor", first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
  machine["memory_kib"] = ::sysconf(_SC_PHYS_PAGES) * (::sysconf(_SC_PAGESIZE) / 1024);
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    machine["files_soft"] = files.rlim_cur;
    machine["files_hard"] = files.rlim_max;
  }
  add_if_known(machine, "boot_id", first_line("/proc/sys/kernel/random/boot_id"));
  machine["sysctls"] = sysctls();
  return machine;
}

CpuTimes cpu_times() {
  // cpu  user nice system idle iowait irq softirq steal guest guest_nice; the guests' are in user and nice
  // already.
  constexpr int kSteal = 7;
  CpuTimes times;
  std::ifstream in("/proc/stat");
  std::string word;
  in >> word;
  for (int i = 0; i <= kSteal; ++i) {
    double ticks = 0;
    if (!(in >> ticks)) break;
    times.all += ticks;
    if (i == kSteal) times.stolen = ticks;
  }
  return times;
}

bool is_same_machine(const json& one, const json& other) {
  if (!one.is_object() || !other.is_object()) return false;
  const auto boot = one.value("boot_id", "");
  return !boot.empty() && boot == other.value("boot_id", "");
}

std::string describe_machine(const json& machine) {
  if (!machine.is_object()) return "unknown";
  std::vector<std::string> parts;
  if (machine.contains("cpus")) {
    parts.push_back(
        fmt::format("{} x {}", machine["cpus"].dump(), machine.value("cpu_model", "unknown CPU")));
  }
  if (machine.contains("memory_kib") && machine["memory_kib"].is_number()) {
    parts.push_back(
        util::format_bytes(static_cast<std::uint64_t>(machine["memory_kib"].get<double>() * 1024)));
  }
  if (machine.contains("kernel")) parts.push_back("Linux " + machine.value("kernel", ""));
  // Virtual machines have no governor; the monitor then tells an empty one.
  if (const auto governor = machine.value("governor", ""); !governor.empty())
    parts.push_back("governor " + governor);
  if (machine.contains("files_soft") && machine["files_soft"].is_number()) {
    parts.push_back(util::format_count(static_cast<std::uint64_t>(machine["files_soft"].get<double>())) +
                    " files");
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace wsbench::machine
