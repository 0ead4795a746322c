"""The monitor plug-in inside a real supervisord, with programs made for the test."""

import http.client
import json
import os
import pathlib
import resource
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import xmlrpc.client

import harness
from manifests_test import MANIFEST

PROGRAMS = pathlib.Path(__file__).resolve().parent / "programs"
BURNT = 0.3
CPU = min(os.sched_getaffinity(0))  # of the program "busy"

INI = """\
[program:tree]
command=/usr/bin/python3 {programs}/tree.py
environment=BURN="{burnt}"
autostart=false
startsecs=0
startretries=0
stopasgroup=true

[program:forked]
command=/usr/bin/python3 {programs}/forked.py
autostart=false
startsecs=0
startretries=0
stopasgroup=true
killasgroup=true

[program:busy]
command=/usr/bin/python3 {programs}/busy.py
environment=CPU="{cpu}"
autostart=false
startsecs=0
startretries=0

[program:unmanifest]
command=/bin/sleep 60
autostart=false

[program:slow]
command=/nowhere/slow
autostart=false

[program:workers]
command=/bin/sleep 60
process_name=%(program_name)s_%(process_num)s
numprocs=2
autostart=false
"""


def competition_of_the_test(directory):
    """The competition's launcher, configuration and plug-in, with other programs."""
    competition = pathlib.Path(directory) / "competition"
    shutil.copytree(harness.COMPETITION / "monitor", competition / "monitor")
    for file in ("serve", "supervisord.conf"):
        shutil.copy(harness.COMPETITION / file, competition)
    (competition / "servers").mkdir()
    (competition / "servers" / "test.ini").write_text(INI.format(programs=PROGRAMS, burnt=BURNT, cpu=CPU))
    for name, changes in (
        ("tree", {"version": r"printf 'tr\303\251e 1.0'"}),
        ("slow", {"check": "sleep 1"}),
    ):
        (competition / name).mkdir()
        (competition / name / "contestant.json").write_text(json.dumps({**MANIFEST, **changes}))
    return competition


class MonitorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.supervisord = cls.enterClassContext(harness.Supervisord(competition_of_the_test(directory)))
        cls.rpc = cls.supervisord.rpc
        cls.wsbench = cls.rpc.wsbench

    def assert_fault(self, code, method, *arguments):
        with self.assertRaises(xmlrpc.client.Fault) as caught:
            method(*arguments)
        self.assertEqual(code, caught.exception.faultCode)

    def start(self, name):
        pid = self.supervisord.start(name)
        self.addCleanup(harness.wait_until, lambda: not harness.group_members(pid), f"{name} is gone")
        self.addCleanup(self.rpc.supervisor.stopProcess, name)
        return pid

    def start_tree(self):
        return self.start("tree")

    def test_a_sample_covers_the_whole_tree_orphans_included(self):
        pid = self.start_tree()
        sample = harness.wait_until(
            lambda: (sample := self.wsbench.sample("tree"))["threads"] == 5 and sample, "the tree has grown"
        )
        self.assertEqual((pid, 4), (sample["pid"], sample["processes"]))
        files = sum(len(os.listdir(f"/proc/{member}/fd")) for member in harness.group_members(pid))
        # The kernel counts the descriptor that a waiting accept() has reserved; a listing does not show it.
        self.assertIn(sample["files"] - files, (0, 1))
        self.assertGreater(sample["rss_kib"], 4 * 1024)

    def test_pss_counts_the_pages_that_forked_workers_share_once_and_rss_once_for_each(self):
        self.start("forked")
        sample = self.wsbench.sample("forked:forked", True)
        self.assertEqual(5, sample["processes"])
        # Beside the 200 MiB that they share: Python itself, and the few pages that each has written to.
        self.assertAlmostEqual(210, sample["pss_kib"] / 1024, delta=10)
        self.assertAlmostEqual(5 * 210, sample["rss_kib"] / 1024, delta=5 * 10)
        self.assertGreater(sample["pss_read_seconds"], 0)

    def test_pss_is_read_only_when_asked_for(self):
        self.start_tree()
        sample = self.wsbench.sample("tree")
        self.assertEqual(0, sample["pss_kib"])
        self.assertNotIn("pss_read_seconds", sample)

    def test_the_run_queue_wait_of_a_starved_program_is_told(self):
        self.start("busy")
        # It has the CPU to itself, or shares it with what else happens to run: only the difference tells.
        rivals = [
            subprocess.Popen(
                ["/usr/bin/python3", str(PROGRAMS / "busy.py")],
                env={**os.environ, "CPU": str(CPU), "PORT": str(harness.free_port())},
            )
            for _ in range(3)
        ]
        try:
            before, began = self.wsbench.sample("busy"), time.monotonic()
            time.sleep(1)
            after, passed = self.wsbench.sample("busy"), time.monotonic() - began
            waited = after["run_queue_wait_seconds"] - before["run_queue_wait_seconds"]
            used = after["cpu_seconds"] - before["cpu_seconds"]
            # It could run all the time: it did, or waited.
            self.assertAlmostEqual(passed, waited + used, delta=0.2 * passed)
            self.assertGreater(waited, 0.5 * passed)
        finally:
            for rival in rivals:
                rival.kill()
                rival.wait()

    def test_the_cpu_time_of_the_machine_is_told(self):
        def machine():
            fields = pathlib.Path("/proc/stat").read_text().splitlines()[0].split()
            ticks = os.sysconf("SC_CLK_TCK")
            return sum(map(int, fields[1:9])) / ticks, int(fields[8]) / ticks

        self.start_tree()
        before, sample, after = machine(), self.wsbench.sample("tree"), machine()
        told = (sample["machine_cpu_seconds"], sample["machine_steal_seconds"])
        for low, value, high in zip(before, told, after):
            self.assertLessEqual(low, value)
            self.assertLessEqual(value, high)
        self.assertEqual(os.cpu_count(), sample["machine_cpus"])

    def test_cpu_time_of_children_that_have_ended_is_counted(self):
        self.start_tree()
        self.assertGreaterEqual(self.wsbench.sample("tree")["cpu_seconds"], BURNT)

    def test_a_new_leader_is_sampled_afresh(self):
        for _ in range(2):
            pid = self.supervisord.start("tree")
            self.assertEqual(pid, self.wsbench.sample("tree")["pid"])
            self.rpc.supervisor.stopProcess("tree")
            harness.wait_until(lambda: not harness.group_members(pid), "the tree is gone")

    def test_established_connections_on_the_port_are_counted_in_both_families(self):
        self.start_tree()
        # The connection that told that the port is open is established no more: its client has closed it.
        harness.wait_until(lambda: self.wsbench.sample("tree")["connections"] == 0, "the first one is closed")
        connections = [
            socket.create_connection((address, self.supervisord.port))
            for address, count in (("127.0.0.1", 30), ("::1", 12))
            for _ in range(count)
        ]
        try:
            self.assertEqual(42, self.wsbench.sample("tree")["connections"])
        finally:
            for connection in connections:
                connection.close()
        harness.wait_until(lambda: self.wsbench.sample("tree")["connections"] == 0, "all are closed")

    def test_names_that_are_wrong_or_not_running_are_faults_as_supervisord_has_them(self):
        self.assert_fault(10, self.wsbench.sample, "nobody")
        self.assert_fault(10, self.wsbench.sample, "tree:nobody")
        self.assert_fault(10, self.wsbench.sample, "tree:*")
        self.assert_fault(10, self.wsbench.sample, "workers")
        self.assert_fault(70, self.wsbench.sample, "workers:workers_0")
        self.assert_fault(70, self.wsbench.sample, "tree")
        self.assert_fault(10, self.wsbench.getContestantInfo, "nobody")
        self.assert_fault(2, self.wsbench.sample)

    def test_what_is_installed_is_told_even_with_a_version_beyond_ascii(self):
        info = self.wsbench.getContestantInfo("tree")
        self.assertEqual(("tree", True, "tr?e 1.0"), (info["name"], info["installed"], info["version"]))

    def test_all_contestants_are_told_by_name_those_without_a_manifest_too(self):
        infos = self.wsbench.getAllContestantInfo()
        self.assertEqual(
            [("busy", False), ("forked", False), ("slow", True), ("tree", True), ("unmanifest", False)],
            [(info["name"], info["manifest"]) for info in infos][:5],
        )
        self.assertEqual({frozenset(infos[0])}, {frozenset(info) for info in infos})

    def test_a_slow_check_holds_up_nobody_else(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.supervisord.listen_port, timeout=10)
        self.addCleanup(connection.close)
        begin = time.monotonic()
        connection.request("POST", "/RPC2", xmlrpc.client.dumps(("slow",), "wsbench.getContestantInfo"))
        self.assertEqual("RUNNING", self.rpc.supervisor.getState()["statename"])
        self.assertLess(time.monotonic() - begin, 1)  # that long the check sleeps
        ((info,), _) = xmlrpc.client.loads(connection.getresponse().read())
        self.assertTrue(info["installed"])
        self.assertGreaterEqual(time.monotonic() - begin, 1)

    def test_a_multicall_waits_for_deferred_answers(self):
        before, info, after = self.rpc.system.multicall(
            [
                {"methodName": "wsbench.getMonitorVersion", "params": []},
                {"methodName": "wsbench.getContestantInfo", "params": ["tree"]},
                {"methodName": "wsbench.getMonitorVersion", "params": []},
            ]
        )
        self.assertEqual((before, "tree"), (after, info["name"]))

    def test_the_machine_is_described(self):
        info = self.wsbench.getMachineInfo()
        self.assertEqual(os.uname().release, info["kernel"])
        self.assertEqual(os.uname().nodename, info["hostname"])
        self.assertEqual(os.cpu_count(), info["cpus"])
        self.assertEqual(pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip(), info["boot_id"])
        self.assertEqual(
            os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024, info["memory_kib"]
        )
        # serve raises the soft limit: contestants inherit it.
        hard = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 1 << 20)
        self.assertEqual(hard, info["files_soft"])
        somaxconn = pathlib.Path("/proc/sys/net/core/somaxconn").read_text().strip()
        self.assertEqual(somaxconn, info["sysctls"]["net.core.somaxconn"])
        self.assertRegex(info["supervisor"], r"^\d+\.\d+")

    def test_methods_are_listed_with_their_signatures(self):
        methods = [name for name in self.rpc.system.listMethods() if name.startswith("wsbench.")]
        self.assertEqual(
            {
                "wsbench.getAllContestantInfo": ["array"],
                "wsbench.getContestantInfo": ["struct", "string"],
                "wsbench.getMachineInfo": ["struct"],
                "wsbench.getMonitorVersion": ["string"],
                "wsbench.sample": ["struct", "string", "boolean"],
            },
            {name: self.rpc.system.methodSignature(name) for name in methods},
        )


if __name__ == "__main__":
    unittest.main()
