#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace wsbench::machine {

/// What the load ran on: hostname, kernel, os, cpu_model, cpus, governor, memory_kib, files_soft, files_hard,
/// boot_id and sysctls (an object); a fact that cannot be had is absent. The monitor's getMachineInfo has the
/// same keys.
nlohmann::json describe_this_machine();

/// What all CPUs of this machine together have spent since it booted, in ticks.
struct CpuTimes {
  double all = 0;
  double stolen = 0;  ///< wanted, but given to others by the hypervisor
};

/// From /proc/stat (proc(5)); zeros where it cannot be read.
CpuTimes cpu_times();

/// True when both descriptions are of one boot of one machine; absent or null ones are not.
bool is_same_machine(const nlohmann::json& one, const nlohmann::json& other);

/// "4 x Xeon E5, 8 GB, Linux 6.1, governor performance, 20,000 files": a line for people; "unknown" for null.
std::string describe_machine(const nlohmann::json& machine);

}  // namespace wsbench::machine
