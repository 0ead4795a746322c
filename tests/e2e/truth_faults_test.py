"""What a server does wrong is counted exactly: held against the log of a server of known truth."""

from truth_harness import TruthTest, measure, run_tests

OPEN = {"clients": 100, "interval_ms": 50}


class Faults(TruthTest):
    """No client ends for an echo that is missing, late, twice or wrong; every message is in exactly one figure."""

    def measure(self, *options):
        found = measure(("--faults-from", 0.6, *options), **OPEN)  # the warm-up is over by then
        told = found.told
        self.assertEqual({"completed": told["requested"]}, told["ended"])
        self.assertEqual(len(found.sent), told["sent"])
        self.assertEqual(told["sent"], told["received"] + told["lost"])
        self.assertEqual(told["due"], told["sent"] + sum(told["not_sent"].values()))
        # 100 clients, each every 50 ms for two seconds; where a client's schedule begins decides about one message.
        self.assertAlmostEqual(4000, told["due"], delta=100)
        return found

    def assert_told(self, found, lost=0, **figures):
        """As many messages were lost, and each figure is as told; those that are not named are 0."""
        wanted = {"altered": 0, "duplicated": 0, "reordered": 0, "lost": lost, **figures}
        self.assertEqual(wanted, {name: found.told[name] for name in wanted})

    def test_one_dropped_message_is_one_lost_message(self):
        found = self.measure("--drop-at", 500)
        self.assertEqual(1, found.count("dropped"))
        self.assert_told(found, lost=1)

    def test_dropped_messages_are_lost_messages(self):
        found = self.measure("--drop-share", 0.01)
        self.assertGreater(found.count("dropped"), 10)
        self.assert_told(found, lost=found.count("dropped"))

    def test_swapped_echoes_are_not_lost(self):
        found = self.measure("--swap-share", 0.01)
        self.assertGreater(found.count("swapped"), 10)
        # A client's last message has no next one to change places with.
        self.assert_told(found, lost=found.count("unsent"), reordered=found.count("swapped"))

    def test_duplicates_are_counted_apart(self):
        found = self.measure("--duplicate-share", 0.01)
        self.assertGreater(found.count("duplicated"), 10)
        self.assert_told(found, duplicated=found.count("duplicated"))

    def test_altered_echoes_are_counted_apart(self):
        found = self.measure("--alter-share", 0.01)
        self.assertGreater(found.count("altered"), 10)
        self.assert_told(found, lost=found.count("altered"), altered=found.count("altered"))


class Rates(TruthTest):
    """A server that is slower than its load: what it does in the measuring phase is told, not what it does after."""

    def test_of_an_overloaded_server_are_told(self):
        found = measure(("--rate", 1000), clients=100, interval_ms=50, length=4)
        self.assertAlmostEqual(1000, found.told["message_rate"], delta=10)


if __name__ == "__main__":
    run_tests()
