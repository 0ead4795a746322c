"""Every contestant that can be started here, through supervisord and held to the rules of the README: a test each.

WSBENCH_ALL_CONTESTANTS=1 adds the checks that take long.
"""

import contextlib
import os
import resource
import time
import unittest

import conformance
import harness
from raw_websocket import RawWebSocket

SLOW_CHECKS = {"clients_2000"}
CLIENTS_LEFT_BEHIND = 20


class ConformanceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))
        cls.supervisord = cls.enterClassContext(harness.Supervisord())

    def run_contestant(self, name):
        info = self.inquire(name)
        if not info["installed"]:
            self.skipTest(f"{name} is not installed: {info['error']}")
        self.assertTrue(info["version"])
        left_out = set() if os.environ.get("WSBENCH_ALL_CONTESTANTS") else SLOW_CHECKS

        pid = self.supervisord.start(name)
        try:
            server = conformance.Server(self.supervisord.port, pid)
            outcomes = conformance.run(server, [check for check in conformance.CHECKS if check not in left_out])
            outcomes[conformance.SIGTERM] = self.end(name, server)
        finally:
            if self.supervisord.is_up(name):
                self.supervisord.rpc.supervisor.stopProcess(name)

        expected = info["expected"]
        for check, failure in outcomes.items():
            with self.subTest(check):
                if check in expected:
                    self.assertTrue(failure, f"passed, but its manifest expects otherwise: {expected[check]}")
                else:
                    self.assertEqual("", failure)
        self.assertLessEqual(set(expected) - left_out, set(outcomes))

    def inquire(self, name):
        """What the plug-in says of it; asked again where a busy machine took longer than it allows."""
        for _ in range(3):
            info = self.supervisord.rpc.wsbench.getContestantInfo(name)
            if info["version"] or "took more than" not in info["error"] and not info["installed"]:
                break
        return info

    def end(self, name, server):
        """Why SIGTERM does not end it as it must, while clients are there; "" if it does."""
        with contextlib.ExitStack() as stack:
            for _ in range(CLIENTS_LEFT_BEHIND):
                stack.enter_context(RawWebSocket(server.port)).request()
            (config,) = [
                config for config in self.supervisord.rpc.supervisor.getAllConfigInfo() if config["name"] == name
            ]
            begin = time.monotonic()
            self.supervisord.rpc.supervisor.stopProcess(name)
            if time.monotonic() - begin >= config["stopwaitsecs"]:
                return "only SIGKILL ended it"
        try:
            harness.wait_until(lambda: not harness.group_members(server.group), "its processes are gone", 10)
            harness.wait_until(lambda: harness.can_listen(server.port), "the port is free", 10)
        except AssertionError as error:
            return str(error)
        return ""


def _test_of(name):
    return lambda self: self.run_contestant(name)


for _name in harness.contestant_names():
    setattr(ConformanceTest, f"test_{_name}", _test_of(_name))


if __name__ == "__main__":
    unittest.main()
