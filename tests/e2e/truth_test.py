"""What wsbench tells of a server is what the server did: held against the log of a server of known truth."""

import time

from truth_harness import TruthTest, mean, measure, measure_quietly, quantile, run_tests, seconds

# What each sends: 2,000 messages a second, or 20 clients that never pause.
LOOPS = {
    "open": {"clients": 200, "interval_ms": 100},
    "exponential": {"clients": 200, "interval_ms": 100, "arrivals": "exponential"},
    "closed": {"clients": 20, "mode": "closed"},
}


class Delays(TruthTest):
    """The instrument's own share is a wake-up and two copies: 0.2 ms are allowed for it."""

    def hold(self, delay):
        for loop, keys in LOOPS.items():
            with self.subTest(loop):
                found = measure_quietly(("--delay", delay), **keys)
                self.assertGreater(len(found.served), 100)
                self.assertEqual(len(found.sent), found.told["received"])
                truth = found.true_latencies()
                latency = found.told["latency"]
                self.assert_near(quantile(truth, 0.5), seconds(latency["p50_ns"]), 0.03, 0.2e-3, "p50")
                self.assert_near(mean(truth), seconds(latency["mean_ns"]), 0.03, 0.2e-3, "mean")

    def test_of_1_ms_are_told(self):
        self.hold(1)

    def test_of_5_ms_are_told(self):
        self.hold(5)

    def test_of_50_ms_are_told(self):
        self.hold(50)

    def test_of_two_kinds_are_told(self):
        found = measure_quietly(("--delay", 5, "--slow-delay", 100, "--slow-share", 0.02), **LOOPS["open"])
        truth = found.true_latencies()
        self.assertGreater(quantile(truth, 0.995), 0.1)
        self.assert_near(quantile(truth, 0.995), quantile(found.latencies(), 0.995), 0.05, what="p99.5")
        self.assert_near(quantile(truth, 0.99), seconds(found.told["latency"]["p99_ns"]), 0.05, what="p99")
        self.assert_near(mean(truth), seconds(found.told["latency"]["mean_ns"]), 0.05, what="mean")

    def test_of_handshakes_are_told(self):
        found = measure_quietly(("--handshake-delay", 50), **LOOPS["open"])
        self.assertEqual(200, found.told["established"])
        self.assert_near(0.05, seconds(found.told["handshake"]["p50_ns"]), 0.03, 0.2e-3, "p50")


class Stalls(TruthTest):
    """Messages fall due whatever the server does: those that a stall keeps waiting count with all of their wait."""

    def hold(self, option):
        found = measure_quietly(("--delay", 1, f"--{option}-at", 1, f"--{option}-for", 0.8), **LOOPS["open"])
        # The server knows when it sent; when a message was due only the client does, by a clock with the same pace.
        anchor = time.time_ns() - time.monotonic_ns()
        truth = sorted((record.sent_ns + anchor) / 1e9 - found.due[record.client, record.sequence] / 1e6
                       for record in found.served)
        self.assertGreater(truth[-1], 0.75)
        latency = found.told["latency"]
        self.assert_near(truth[-1], seconds(latency["max_ns"]), 0.05, what="max")
        self.assert_near(quantile(truth, 0.99), seconds(latency["p99_ns"]), 0.05, what="p99")
        self.assert_near(mean(truth), seconds(latency["mean_ns"]), 0.05, what="mean")

    def test_are_told(self):
        self.hold("stall")

    def test_are_told_when_the_server_does_not_even_read(self):
        self.hold("pause")


class Mute(TruthTest):
    """Four clients that are never answered again, somewhere in the measuring phase."""

    def test_clients_of_an_open_loop_lose_every_message(self):
        found = measure(("--mute-clients", 4, "--mute-at", 0.6), **LOOPS["open"])
        self.assertGreater(found.count("muted"), 4)
        self.assertEqual(found.count("muted"), found.told["lost"])
        self.assertEqual(found.count("echoed"), found.told["received"])

    def test_clients_of_a_closed_loop_lose_one_each(self):
        found = measure(("--delay", 1, "--mute-clients", 4, "--mute-at", 0.6), **LOOPS["closed"])
        self.assertEqual((4, 4), (found.count("muted"), found.told["lost"]))
        self.assertEqual(found.count("echoed"), found.told["received"])


class Ends(TruthTest):
    """Connections that the server ends in the measuring phase."""

    def test_are_told_by_their_kind(self):
        for farewell, reason in (("close", "normal"), ("end", "end_of_stream"), ("reset", "reset")):
            with self.subTest(farewell):
                found = measure(("--faults-from", 0.6, "--close-share", 0.01, "--farewell", farewell), **LOOPS["open"])
                closed = {record.connection for record in found.records if record.outcome == "closed"}
                self.assertGreater(len(closed), 10)
                self.assertEqual({reason: len(closed), "completed": 200 - len(closed)}, found.told["ended"])
                self.assertEqual(found.count("echoed"), found.told["received"])


if __name__ == "__main__":
    run_tests()
