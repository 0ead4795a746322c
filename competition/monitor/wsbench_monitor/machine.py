"""What a measurement was made on."""

import os
import platform
import resource

from supervisor.compat import xmlrpclib
from supervisor.options import VERSION as SUPERVISOR_VERSION

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

_SYSCTLS = (
    "fs.nr_open",
    "net.core.somaxconn",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_max_syn_backlog",
    "net.netfilter.nf_conntrack_max",
)


def describe():
    """The struct that wsbench.getMachineInfo answers; what this machine does not tell is an empty string."""
    memory_kib = int(_value("/proc/meminfo", "MemTotal").split()[0])
    files_soft, files_hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return {
        "hostname": platform.node(),
        "kernel": platform.release(),
        "os": platform.freedesktop_os_release().get("PRETTY_NAME", ""),
        "cpu_model": _value("/proc/cpuinfo", "model name"),
        "cpus": os.cpu_count(),
        "cpus_allowed": _value("/proc/self/status", "Cpus_allowed_list"),
        "governor": _first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        # XML-RPC integers have 32 bits.
        "memory_kib": memory_kib if memory_kib <= xmlrpclib.MAXINT else float(memory_kib),
        "files_soft": files_soft,
        "files_hard": files_hard,
        "sysctls": _sysctls(),
        "supervisor": SUPERVISOR_VERSION,
        "python": platform.python_version(),
        "boot_id": _first_line("/proc/sys/kernel/random/boot_id"),
    }


def cpu_use():
    """Members of a sample: how many CPUs are online, and their time since the machine was started, all of it (idleness
    included) and what the hypervisor gave to others (steal)."""
    fields = _first_line("/proc/stat").split()
    # cpu user nice system idle iowait irq softirq steal guest guest_nice; the guests' are in user and nice already.
    ticks = [int(field) for field in fields[1:9]]
    if len(ticks) < 8:
        return {}
    return {
        "machine_cpus": os.cpu_count(),
        "machine_cpu_seconds": sum(ticks) / _TICKS_PER_SECOND,
        "machine_steal_seconds": ticks[7] / _TICKS_PER_SECOND,
    }


def _first_line(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline().strip()
    except OSError:
        return ""


def _value(path, key):
    """The value of the first "key: value" line."""
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name.strip() == key:
                return value.strip()
    return ""


def _sysctls():
    values = {name: _first_line("/proc/sys/" + name.replace(".", "/")) for name in _SYSCTLS}
    return {name: " ".join(value.split()) for name, value in values.items() if value}
