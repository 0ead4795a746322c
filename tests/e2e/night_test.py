"""A night in small: suites queued, the daemon killed and started again, and nothing lost or done twice."""

import csv
import json
import subprocess
import unittest

from daemon_harness import PROGRAM, SUITE, DaemonTest, wait_until

NIGHT = 5
ROUNDS = 2


class Night(DaemonTest):
    def test_five_suites_survive_two_kills(self):
        daemon = self.daemon()
        names = [f"suite-{i}" for i in range(NIGHT)]
        for name in names:
            daemon.submit(name, rounds=ROUNDS)

        # While a contestant of the second suite is measured, with results behind it and others before it.
        daemon.wait_for_turn("suite-1", "node-ws", "measuring", seconds=60)
        daemon.kill()
        daemon.start()
        # In the fourth, when it is just being started.
        wait_until(lambda: daemon.jobs()["suite-3"]["state"] == "running", "the fourth suite begins", 90)
        daemon.kill()
        daemon.start()
        for name in names:
            daemon.wait_for_job(name, "complete", seconds=120)

        runs = sorted(run["run"] for run in daemon.rpc.wsbench.runs() if run["contestants"])
        self.assertEqual(names, [run.rpartition("-")[0] for run in runs])
        for run in runs:
            with self.subTest(run=run):
                self.check_run(daemon.runs / run)

    def check_run(self, run):
        results = json.loads((run / "results.json").read_text())
        self.assertTrue(results["complete"])
        self.assertEqual(SUITE["servers"], [contestant["name"] for contestant in results["contestants"]])
        for contestant in results["contestants"]:
            self.assertEqual([(i, "completed") for i in range(ROUNDS)],
                             [(each["round"], each["state"]) for each in contestant["rounds"]])
        # Each event that is stored, not what the results say of them: a turn that was taken twice would have
        # twice its clients.
        subprocess.run([PROGRAM, "export", run, "--table", "events"], check=True, capture_output=True, timeout=60)
        for contestant in results["contestants"]:
            connected, sent = [0] * ROUNDS, [0] * ROUNDS
            with (run / "stats" / contestant["name"] / "events.csv").open() as table:
                for event in csv.DictReader(table):
                    if event["type"] == "ws_onopen":
                        connected[int(event["round"]) - 1] += 1
                    elif event["type"] == "send_message" and event["phase"] == "measuring":
                        sent[int(event["round"]) - 1] += 1
            self.assertEqual([each["established"] for each in contestant["rounds"]], connected)
            self.assertEqual([SUITE["clients"]] * ROUNDS, connected)
            self.assertEqual([each["sent"] for each in contestant["rounds"]], sent)


if __name__ == "__main__":
    unittest.main()
