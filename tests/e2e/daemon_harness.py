"""A `wsbench daemon` for a test, with contestants of its own supervisord, and what the tests ask of it."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import xmlrpc.client

PROGRAM = os.environ.get("WSBENCH_PROGRAM", "wsbench")

# Small, and done in a few seconds on a busy machine. Whether results are valid is not what these tests are about.
SUITE = {
    "host": "127.0.0.1",
    "db_root": "unused",
    "clients": 10,
    "seconds": 1,
    "interval_ms": 100,
    "calibrate": False,
    "accept_invalid": True,
    "servers": ["cpp-websocketpp", "node-ws"],
}


def wait_until(condition, what, seconds=30):
    """The first true value of `condition()`; AssertionError when it does not come."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)
    return value


class Daemon:
    """A daemon on a free port of loopback; `directory` holds its file, its runs and its log."""

    def __init__(self, directory, **config):
        self.directory = pathlib.Path(directory)
        self.runs = self.directory / "runs"
        self.file = self.directory / "daemon.json"
        self.config = {"db_root": str(self.runs), "listen": "127.0.0.1:0", "local": True, **config}
        self.process = None
        self.start()

    def start(self):
        self.file.write_text(json.dumps(self.config))
        self.output = self.directory / f"output-{time.monotonic_ns()}"
        with self.output.open("wb") as out:
            self.process = subprocess.Popen([PROGRAM, "daemon", self.file], stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        said = wait_until(self._url_said, "the daemon says where it listens")
        self.url = said

    def _url_said(self):
        text = self.output.read_text()
        if self.process.poll() is not None:
            raise AssertionError(f"the daemon ended with {self.process.returncode}: {text}")
        found = re.search(r"listening at (http://\S+)", text)
        return found and found[1]

    def log(self):
        return self.output.read_text(errors="replace")

    def stop(self, seconds=15):
        """SIGTERM; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def rpc(self):
        return xmlrpc.client.ServerProxy(self.url + "/RPC2", allow_none=True)

    def get(self, path, **headers):
        """(status, body) of a GET."""
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def status(self):
        return json.loads(self.get("/api/status")[1])

    def jobs(self):
        """By group."""
        return {job["group"]: job for job in self.status()["jobs"]}

    def contestant(self, group, name):
        """None while it is not known."""
        job = self.jobs().get(group, {})
        return next((one for one in job.get("contestants", []) if one["name"] == name), None)

    def submit(self, name, **changes):
        """The job's group."""
        return self.rpc.wsbench.submit(name, json.dumps({**SUITE, **changes}), {"overrides": [], "local": True})["group"]

    def wait_for_job(self, group, *states, seconds=60):
        def ended():
            job = self.jobs()[group]
            return job if job["state"] in states else None
        return wait_until(ended, f"{group} is {' or '.join(states)}", seconds)

    def wait_for_turn(self, group, name, *states, seconds=30):
        def there():
            one = self.contestant(group, name)
            return one if one and one["state"] in states else None
        return wait_until(there, f"{group}:{name} is {' or '.join(states)}", seconds)

    def command(self, *arguments, **options):
        """A subcommand of wsbench's that asks this daemon."""
        return subprocess.run([PROGRAM, *arguments], env={**os.environ, "WSBENCH_SERVER": self.url}, text=True,
                              capture_output=True, timeout=60, check=False, **options)

    def supervisorctl(self, *arguments, timeout=60):
        """(exit status, stdout)"""
        done = subprocess.run(["supervisorctl", "-s", self.url, *arguments], text=True, capture_output=True,
                              timeout=timeout, check=False, cwd=self.directory)
        return done.returncode, done.stdout


class DaemonTest(unittest.TestCase):
    """Each test has a folder of its own, which is gone with it."""

    def setUp(self):
        self.directory = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="wsbench-")))

    def daemon(self, **config):
        return self.enterContext(Daemon(self.directory, **config))
