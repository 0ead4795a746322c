"""What a closed loop hides is told all the same, and a slow server is measured: against a server of known truth."""

import csv
import os
import pathlib
import subprocess
import sys
import tempfile

from run_harness import wsbench
from truth_harness import TruthServer, TruthTest, measure, run_tests

PAIR_EVENTS = pathlib.Path(__file__).resolve().parent.parent / "tools" / "pair_events.py"
CLIENTS = 20
LENGTH = 2
CLOSED = {"clients": CLIENTS, "mode": "closed"}
FROM = ("--delay", 1, "--faults-from", 0.6)  # the warm-up is over by then


class Closed(TruthTest):
    """Each client waits for its echo before it sends again."""

    def assert_told(self, found, **figures):
        wanted = {"altered": 0, "duplicated": 0, "reordered": 0, "lost": 0, "stuck_clients": 0, **figures}
        self.assertEqual(wanted, {name: found.told[name] for name in wanted})
        self.assertEqual({"completed": CLIENTS}, found.told["ended"])
        self.assertEqual(found.told["due"], found.told["sent"])
        self.assertNotIn("littles_law", found.missed_gates())

    def test_clients_whose_echo_never_comes_are_stuck(self):
        found = measure((*FROM, "--drop-every", 2000), **CLOSED)
        dropped = found.count("dropped")
        self.assertGreater(dropped, 1)
        self.assert_told(found, lost=dropped, stuck_clients=dropped)
        end = max(found.due.values())  # The others never pause.
        waited = sum(end - due for message, due in found.due.items() if message not in found.received)
        self.assertAlmostEqual(waited / 1e6 / LENGTH / CLIENTS, found.told["waiting_share"], delta=0.01)

    def test_clients_whose_echo_comes_altered_go_on(self):
        found = measure((*FROM, "--alter-share", 0.01), **CLOSED)
        altered = found.count("altered")
        self.assertGreater(altered, CLIENTS)
        self.assert_told(found, lost=altered, altered=altered)

    def test_an_echo_that_comes_twice_makes_one_message_due(self):
        found = measure((*FROM, "--duplicate-share", 0.01), **CLOSED)
        self.assertGreater(found.count("duplicated"), CLIENTS)
        self.assert_told(found, duplicated=found.count("duplicated"))

    def test_some_messages_a_client_are_enough_for_littles_law(self):
        found = measure(("--delay", 240), **CLOSED)
        self.assertLessEqual(len(found.sent), 9 * CLIENTS)
        self.assert_told(found)
        self.assertAlmostEqual(CLIENTS, found.told["messages_under_way"], delta=0.01 * CLIENTS)


class Slow(TruthTest):
    def test_a_server_whose_first_echo_takes_longer_than_a_handshake_may_is_measured(self):
        found = measure(("--delay", 700, "--every-message"), clients=5, interval_ms=500, connect_timeout_ms=500)
        self.assertEqual(20, found.told["received"])
        self.assertGreater(found.told["latency"]["min_ns"], 700e6)


class Exported(TruthTest):
    def test_events_say_which_echoes_came_late_and_pair_without_those_that_are_wrong(self):
        faults = [option for fault in ("swap", "drop", "duplicate", "alter") for option in (f"--{fault}-share", 0.03)]
        with tempfile.TemporaryDirectory(prefix="wsbench-truth-") as directory, TruthServer(*faults) as server:
            run, out = os.path.join(directory, "once-20261122T213000Z"), pathlib.Path(directory) / "out"
            wsbench("test", run, LENGTH, "127.0.0.1", server.port, CLIENTS, "--set=interval_ms=20")
            exported = wsbench("export", run, "-o", out)
            self.assertEqual(0, exported.returncode, exported.stderr)
            folder, = out.iterdir()
            with open(folder / "events.csv", newline="") as events:
                kinds = {row["type"] for row in csv.DictReader(events)}
            self.assertLessEqual({"duplicate_echo", "altered_echo", "phase_began"}, kinds)
            paired = subprocess.run([sys.executable, PAIR_EVENTS, folder], capture_output=True, text=True)
            self.assertEqual(0, paired.returncode, paired.stderr)


if __name__ == "__main__":
    run_tests()
