"""A real run for tests: `wsbench test` against the null echo server, once for a whole program of tests."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PROGRAM = os.environ.get("WSBENCH_PROGRAM", "wsbench")
RUN_NAME = "once-20261122T213000Z"
CLIENTS = 20


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wsbench(*arguments, **options):
    """A finished `wsbench ARGUMENTS`; text unless told otherwise."""
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, stdin=subprocess.DEVNULL,
                          timeout=60, **{"text": True, **options})


def wait_until(condition, what, seconds=30):
    """The first true value of `condition()`; AssertionError when it does not come."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)
    return value


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Runs:
    """A db_root in a temporary directory, with one run of a second of closed loop."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="wsbench-export-")
        self.root = pathlib.Path(self.directory.name) / "runs"
        self.run = self.root / RUN_NAME
        port = free_port()
        server = subprocess.Popen([PROGRAM, "null-echo", "--port", str(port)], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: is_listening(port), "the null echo server listens")
            ended = wsbench("test", self.run, 1, "127.0.0.1", port, CLIENTS, "--set", "mode=closed",
                            "--set", "threads=2", "--set", "accept_invalid=true")
            if ended.returncode not in (0, 1):
                raise AssertionError(ended.stderr)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(10)

    def copy(self, name):
        """Another run of the same content."""
        return pathlib.Path(shutil.copytree(self.run, self.root / name))

    def close(self):
        self.directory.cleanup()
