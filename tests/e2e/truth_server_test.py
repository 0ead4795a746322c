"""The server of known truth does what it is told, and its log tells what it did: looked at by another client."""

import base64
import collections
import pathlib
import sys
import time
import unittest

from truth_harness import TruthServer, run_tests

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "competition"))
from raw_websocket import BINARY, CLOSE, PING, PONG, TEXT, RawWebSocket  # noqa: E402


def message(client, sequence):
    """As wsbench writes them: client/load/payload.hpp."""
    return base64.b64encode(client.to_bytes(3, "big") + sequence.to_bytes(3, "big")) + b"filler"


class WithServer(unittest.TestCase):
    def serve(self, *options):
        return self.enterContext(TruthServer(*options))

    def connect(self, server, timeout=10):
        client = self.enterContext(RawWebSocket(server.port, timeout))
        client.handshake()
        return client

    def exchange(self, server, count, client=5):
        """Sends so many messages at once, and says what comes back until a ping's answer."""
        socket = self.connect(server)
        for sequence in range(count):
            socket.send(TEXT, message(client, sequence))
        socket.send(PING, b"end")
        came = []
        while (answer := socket.frame()) != (True, PONG, b"end"):
            came.append(answer[2])
        return came

    def outcomes(self, server):
        server.stop()
        return [record.outcome for record in server.records]


class Echo(WithServer):
    def test_is_what_was_sent(self):
        server = self.serve()
        client = self.connect(server)
        for size in (0, 1, 125, 126, 65535, 65536, 1 << 20):
            for opcode in (TEXT, BINARY):
                client.send(opcode, b"." * size)
                self.assertEqual((True, opcode, b"." * size), client.frame())
        client.send(PING, b"there?")
        self.assertEqual((True, PONG, b"there?"), client.frame())
        client.send(CLOSE, b"\x03\xe8")
        self.assertEqual((True, CLOSE, b"\x03\xe8"), client.frame())
        self.assertTrue(client.at_end())
        self.assertEqual([], self.outcomes(server), "those were no messages of a load")

    def test_of_a_load_is_logged(self):
        server = self.serve()
        before = time.monotonic_ns()
        self.connect(server)
        client = self.connect(server)
        client.send(TEXT, message(70_000, 9))
        self.assertEqual((True, TEXT, message(70_000, 9)), client.frame())
        after = time.monotonic_ns()
        server.stop()
        record, = server.records
        self.assertEqual((1, 70_000, 9, "echoed"), (record.connection, record.client, record.sequence, record.outcome))
        self.assertTrue(before < record.read_ns < record.sent_ns < after, record)
        self.assertEqual(record.sent_ns - record.read_ns, server.summary["receive_to_send"]["max_ns"])
        self.assertEqual((1, 1), (server.summary["echoes_sent"], server.summary["received"]["echoed"]))

    def test_comes_after_the_delay(self):
        server = self.serve("--delay", 20, "--handshake-delay", 50)
        began = time.monotonic()
        client = self.connect(server)
        self.assertGreaterEqual(time.monotonic() - began, 0.05)
        began = time.monotonic()
        client.send(TEXT, message(0, 0))
        client.frame()
        self.assertGreaterEqual(time.monotonic() - began, 0.02)
        server.stop()
        self.assertGreaterEqual(server.records[0].sent_ns - server.records[0].read_ns, 20_000_000)

    def test_waits_for_its_turn(self):
        server = self.serve("--rate", 1000)
        self.exchange(server, 1)
        client = self.connect(server)
        for sequence in range(100):
            client.send(TEXT, message(0, sequence))
        for _ in range(100):
            client.frame()
        server.stop()
        sent = [record.sent_ns for record in server.records][1:]
        self.assertTrue(0.09e9 < sent[-1] - sent[0] < 0.15e9, (sent[-1] - sent[0]) / 1e9)

    def test_waits_for_the_end_of_a_stall_and_of_a_pause(self):
        for option, is_read_late in (("stall", False), ("pause", True)):
            with self.subTest(option):
                server = self.serve(f"--{option}-at", 0.1, f"--{option}-for", 0.3)
                client = self.connect(server)
                client.send(TEXT, message(0, 0))
                client.frame()
                time.sleep(0.15)
                client.send(TEXT, message(0, 1))
                client.frame()
                server.stop()
                first, second = server.records
                self.assertTrue(0.4e9 <= second.sent_ns - first.read_ns < 0.5e9, server.records)
                self.assertEqual(is_read_late, second.read_ns - first.read_ns >= 0.4e9, server.records)


class Faults(WithServer):
    def test_befall_the_messages_that_were_chosen(self):
        sent = [message(5, sequence) for sequence in range(6)]
        altered = sent[3][:-1] + b"s"
        for options, wanted, outcome in (
                (("--drop-at", 4), sent[:3] + sent[4:], "dropped"),
                (("--duplicate-at", 4), sent[:4] + sent[3:], "duplicated"),
                (("--swap-at", 4), [*sent[:3], sent[4], sent[3], sent[5]], "swapped"),
                (("--alter-at", 4), [*sent[:3], altered, *sent[4:]], "altered"),
                (("--mute-clients", 6, "--mute-after", 4), sent[:4], "muted"),
                (("--mute-clients", 5), sent, "echoed")):
            with self.subTest(outcome):
                server = self.serve(*options)
                self.assertEqual(wanted, self.exchange(server, len(sent)))
                outcomes = self.outcomes(server)
                self.assertEqual(outcome, outcomes[4 if outcome == "muted" else 3])
                self.assertEqual(len(sent), len(outcomes))

    def test_befall_each_nth(self):
        server = self.serve("--drop-every", 3)
        wanted = [message(5, sequence) for sequence in range(10) if sequence % 3 != 2]
        self.assertEqual(wanted, self.exchange(server, 10))
        self.assertEqual(["echoed", "echoed", "dropped"] * 3 + ["echoed"], self.outcomes(server))

    def test_befall_the_same_messages_in_each_run(self):
        def dropped(seed):
            server = self.serve("--drop-share", 0.1, "--seed", seed)
            self.exchange(server, 2000)
            return [index for index, outcome in enumerate(self.outcomes(server)) if outcome == "dropped"]
        once = dropped(1)
        self.assertEqual(once, dropped(1))
        self.assertNotEqual(once, dropped(2))
        self.assertTrue(150 < len(once) < 250, len(once))

    def test_do_not_begin_before_they_are_told_to(self):
        server = self.serve("--drop-every", 1, "--faults-from", 0.2)
        client = self.connect(server)
        client.send(TEXT, message(0, 0))
        client.frame()
        time.sleep(0.25)
        client.send(TEXT, message(0, 1))
        client.send(PING)
        self.assertEqual((True, PONG, b""), client.frame())
        self.assertEqual(["echoed", "dropped"], self.outcomes(server))

    def test_of_mute_clients_begin_and_end_in_time(self):
        server = self.serve("--mute-clients", 1, "--mute-at", 0.1, "--mute-for", 0.2)
        client = self.connect(server)
        for sequence in range(3):
            client.send(TEXT, message(0, sequence))
            time.sleep(0.2)
        self.assertEqual([(True, TEXT, message(0, 0)), (True, TEXT, message(0, 2))], [client.frame(), client.frame()])
        self.assertEqual(["echoed", "muted", "echoed"], self.outcomes(server))

    def test_end_a_connection_as_it_was_told(self):
        for farewell in ("close", "end", "reset"):
            with self.subTest(farewell):
                server = self.serve("--close-at", 1, "--farewell", farewell)
                client = self.connect(server)
                client.send(TEXT, message(0, 0))
                if farewell == "close":
                    self.assertEqual((True, CLOSE, b"\x03\xe9"), client.frame())
                    client.send(CLOSE, b"\x03\xe9")
                if farewell == "reset":
                    with self.assertRaises(ConnectionResetError):
                        client.frame()
                else:
                    self.assertTrue(client.at_end())
                self.assertEqual(["closed"], self.outcomes(server))

    def test_leave_a_close_unanswered(self):
        client = self.connect(self.serve("--close-unanswered"))
        client.send(CLOSE, b"\x03\xe8")
        self.assertTrue(client.at_end())

    def test_make_some_slow(self):
        server = self.serve("--slow-share", 0.2, "--slow-delay", 30, "--delay", 1)
        client = self.connect(server)
        for sequence in range(500):
            client.send(TEXT, message(0, sequence))
        for _ in range(500):
            client.frame()
        server.stop()
        slow = [record.sent_ns - record.read_ns >= 30_000_000 for record in server.records]
        self.assertTrue(60 < sum(slow) < 140, sum(slow))
        self.assertEqual(collections.Counter({"echoed": 500}),
                         collections.Counter(record.outcome for record in server.records))


if __name__ == "__main__":
    run_tests()
