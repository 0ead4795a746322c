"""The reading of sock_diag's answers, and its count against connections of the test's own."""

import contextlib
import errno
import socket
import struct
import sys
import unittest
from unittest import mock

import harness

sys.path.insert(0, str(harness.COMPETITION / "monitor"))

from wsbench_monitor import connections  # noqa: E402

SOCK_DIAG_BY_FAMILY, DONE, ERROR = 20, 3, 2


def message(kind, payload):
    return struct.pack("=LHHLL", 16 + len(payload), kind, 2, 0, 0) + payload


SHORT, LONG = message(SOCK_DIAG_BY_FAMILY, bytes(72)), message(SOCK_DIAG_BY_FAMILY, bytes(108))
END = message(DONE, bytes(4))


class CountMessagesTest(unittest.TestCase):
    def test_a_row_of_equal_messages(self):
        self.assertEqual((1, False), connections._count_messages(SHORT))
        self.assertEqual((250, False), connections._count_messages(LONG * 250))

    def test_messages_of_different_lengths(self):
        self.assertEqual((5, False), connections._count_messages(SHORT + LONG + SHORT * 3))

    def test_lengths_whose_sum_looks_like_a_row(self):
        # 88 + 132 + 44 = 3 * 88
        datagram = SHORT + message(SOCK_DIAG_BY_FAMILY, bytes(116)) + message(SOCK_DIAG_BY_FAMILY, bytes(28))
        self.assertEqual(0, len(datagram) % len(SHORT))
        self.assertEqual((3, False), connections._count_messages(datagram))

    def test_the_end_alone_and_after_messages(self):
        self.assertEqual((0, True), connections._count_messages(END))
        self.assertEqual((2, True), connections._count_messages(SHORT * 2 + END))

    def test_an_error_is_raised_with_its_number(self):
        with self.assertRaises(OSError) as caught:
            connections._count_messages(message(ERROR, struct.pack("=i", -errno.ENOENT) + bytes(16)))
        self.assertEqual(errno.ENOENT, caught.exception.errno)


class CountEstablishedTest(unittest.TestCase):
    def test_only_the_ports_own_established_connections_count(self):
        with contextlib.ExitStack() as stack:
            server, other = (stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2))
            clients = [
                stack.enter_context(socket.create_connection(listener.getsockname()))
                for listener, count in ((server, 7), (other, 3))
                for _ in range(count)
            ]
            self.assertEqual(7, connections.count_established(server.getsockname()[1]))
            self.assertEqual(1, connections.count_established(clients[0].getsockname()[1]))

    def test_a_port_that_nobody_uses_has_none(self):
        self.assertEqual(0, connections.count_established(harness.free_port()))

    def test_a_kernel_without_sock_diag_is_unknown_not_zero(self):
        with mock.patch.object(connections.socket, "socket", side_effect=OSError(errno.EPROTONOSUPPORT, "")):
            self.assertEqual(-1, connections.count_established(8000))


if __name__ == "__main__":
    unittest.main()
