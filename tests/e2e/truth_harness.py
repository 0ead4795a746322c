"""`wsbench test` against a server of known truth: what it tells, what it stored, and what the server really did."""

import collections
import csv
import io
import json
import math
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from run_harness import PROGRAM, wsbench

TRUTH_SERVER = os.environ.get("TRUTH_SERVER", "truth_server")
BUSY_LOOPS = os.environ.get("BUSY_LOOPS", "busy_loops")

# The server has a CPU of its own where there are two, so that it stays true whatever is done to the client.
CPUS = sorted(os.sched_getaffinity(0))
SERVER_CPUS, CLIENT_CPUS = ((CPUS[0],), tuple(CPUS[1:])) if len(CPUS) > 1 else (tuple(CPUS), tuple(CPUS))

# What a quiet machine's host and its other processes take at most of its CPUs.
MOST_STOLEN = 0.02
MOST_FOREIGN = 0.1
ATTEMPTS = 3

Record = collections.namedtuple("Record", "connection client sequence read_ns sent_ns outcome")
Record.__doc__ = """A message that the server read: times by CLOCK_MONOTONIC, sent_ns None where nothing was sent."""


def started(arguments, cpus):
    """A process on these CPUs that says something on its standard output, which is a pipe."""
    return subprocess.Popen([str(argument) for argument in arguments], stdout=subprocess.PIPE, text=True,
                            stdin=subprocess.DEVNULL, preexec_fn=lambda: os.sched_setaffinity(0, cpus))


def ended(process):
    """Its output; AssertionError unless it ends well on a SIGTERM."""
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0, f"{process.args[0]} ended with {process.returncode}"
    return output


class TruthServer:
    """truth_server with these options ("--delay", 5), as a context. After stop(): `records` and `summary`."""

    def __init__(self, *options):
        self._directory = tempfile.TemporaryDirectory(prefix="wsbench-truth-")
        self._log = pathlib.Path(self._directory.name) / "log.csv"
        self._process = started([TRUTH_SERVER, "--log", self._log, *options], SERVER_CPUS)
        said = self._process.stdout.readline()
        if not said.startswith("listening on "):
            self._process.communicate()
            raise AssertionError(f"truth_server {options} does not serve")
        self.port = int(said.split()[-1])
        self.records = self.summary = None

    def stop(self):
        self.summary = json.loads(ended(self._process))
        with open(self._log, newline="") as log:
            self.records = [
                Record(int(connection), int(client), int(sequence), int(read), int(sent) if sent else None, outcome)
                for connection, client, sequence, read, sent, outcome in list(csv.reader(log))[1:]]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.records is None:
            self._process.kill()
            self._process.communicate()
        self._directory.cleanup()


class BusyLoops:
    """So many busy threads on the client's CPUs, as a context. They are of the client's session: a kernel that shares
    CPUs between sessions first (sched_autogroup) gives each of them as much as the client."""

    def __init__(self, count):
        self._process = started([BUSY_LOOPS, count, "--cpus", ",".join(map(str, CLIENT_CPUS))], CPUS)
        assert self._process.stdout.readline() == "busy\n"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.communicate()


class Machine:
    """Who has the machine's CPUs, from its construction on. Our children count when they have been waited for."""

    def __init__(self):
        self._began = self._ticks()

    @staticmethod
    def _ticks():
        with open("/proc/stat") as stat:
            user, nice, system, idle, iowait, irq, softirq, stolen = map(int, stat.readline().split()[1:9])
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        own = time.process_time() + children.ru_utime + children.ru_stime
        return {"all": user + nice + system + idle + iowait + irq + softirq + stolen, "stolen": stolen,
                "foreign": user + nice + system - own * os.sysconf("SC_CLK_TCK")}

    def shares(self):
        """(what the hypervisor gave to others, what other processes took) of all CPUs' time."""
        now = self._ticks()
        passed = max(now["all"] - self._began["all"], 1)
        return tuple(max(now[key] - self._began[key], 0) / passed for key in ("stolen", "foreign"))

    def is_quiet(self):
        stolen, foreign = self.shares()
        return stolen <= MOST_STOLEN and foreign <= MOST_FOREIGN


class Patience:
    """How long a program of tests waits for a quiet machine, in all."""

    left = 20  # seconds

    @classmethod
    def wait(cls):
        is_quiet = False
        while cls.left > 0 and not is_quiet:
            machine = Machine()
            time.sleep(0.5)
            cls.left -= 0.5
            is_quiet = machine.is_quiet()
        if not is_quiet:
            raise unittest.SkipTest("this machine is not quiet: its host or other processes take its CPUs")


class Measurement:
    """What wsbench told of one load, what it stored of the messages that it measured, and the server's log of them."""

    def __init__(self, told, events, server, shares):
        self.told = told  # the round of results.json
        self.stolen, self.foreign = shares
        # (client, sequence) -> microseconds of the wall clock
        self.due, self.sent, came = {}, {}, {}
        for row in csv.DictReader(io.StringIO(events)):
            message = int(row["client_id"]), int(row["event_key"])
            if row["type"] == "recv_message":
                came[message] = int(row["timestamp"])
            elif row["phase"] == "measuring":
                self.sent[message], self.due[message] = int(row["timestamp"]), int(row["event_data"])
        self.received = {message: came[message] for message in self.sent if message in came}
        self.records = server.records
        self.served = [record for record in server.records if (record.client, record.sequence) in self.sent]

    def latencies(self):
        """Of the measured messages that came back, in seconds, as they were stored."""
        return sorted((self.received[message] - self.due[message]) / 1e6 for message in self.received)

    def true_latencies(self):
        """From reading to sending, in seconds, of the same messages, by the server's log."""
        return sorted((record.sent_ns - record.read_ns) / 1e9 for record in self.served if record.sent_ns)

    def count(self, outcome):
        """How many of the measured messages had it."""
        return sum(record.outcome == outcome for record in self.served)

    def missed_gates(self):
        return [gate["name"] for gate in self.told["gates"] if not gate["passed"]]


def mean(values):
    return sum(values) / len(values)


def quantile(values, share):
    """By nearest rank; the values are sorted."""
    return values[max(math.ceil(share * len(values)), 1) - 1]


def seconds(nanoseconds):
    return nanoseconds / 1e9


def measure(server_options, clients=100, length=2, busy_loops=0, **keys):
    """A Measurement of `length` seconds. `keys` are those of a suite's file."""
    machine = Machine()
    with tempfile.TemporaryDirectory(prefix="wsbench-truth-") as directory, TruthServer(*server_options) as server:
        run = pathlib.Path(directory) / "once-20261122T213000Z"
        sets = [f"--set={key}={json.dumps(value) if not isinstance(value, str) else value}"
                for key, value in keys.items()]
        with BusyLoops(busy_loops):
            finished = wsbench("test", run, length, "127.0.0.1", server.port, clients, "--json", *sets,
                               preexec_fn=lambda: os.sched_setaffinity(0, CLIENT_CPUS))
        server.stop()
        shares = machine.shares()
        if finished.returncode not in (0, 1):
            raise AssertionError(finished.stderr)
        told = json.loads(finished.stdout)["contestants"][0]["rounds"][0]
        events = wsbench("events", run, "--kind", "send_message", "--kind", "recv_message")
        if events.returncode != 0:
            raise AssertionError(events.stderr)
        return Measurement(told, events.stdout, server, shares)


def measure_quietly(*arguments, **keys):
    """measure() while nobody else wants the machine; SkipTest if that cannot be had."""
    for _ in range(ATTEMPTS):
        Patience.wait()
        machine = Machine()
        measurement = measure(*arguments, **keys)
        if machine.is_quiet():
            return measurement
    raise unittest.SkipTest(f"this machine does not stay quiet: its host takes {measurement.stolen:.0%} of its CPUs, "
                            f"and other processes {measurement.foreign:.0%}")


class TruthTest(unittest.TestCase):
    def assert_near(self, truth, told, share, slack=0.0, what=""):
        """Durations in seconds: they differ by at most a share of the truth and some slack."""
        self.assertLessEqual(abs(told - truth), share * truth + slack,
                             f"{what}: {told * 1e3:.3f} ms told, {truth * 1e3:.3f} ms true")


def run_tests(arguments=None):
    """unittest.main() for CTest, whose exit status tells when every test was skipped, as a whole or in part."""
    arguments = sys.argv[1:] if arguments is None else arguments
    result = unittest.main(argv=[sys.argv[0], *arguments], exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    skipped = {getattr(test, "test_case", test).id() for test, _ in result.skipped}  # a subtest is its test's part
    sys.exit(77 if result.testsRun == len(skipped) else 0)
