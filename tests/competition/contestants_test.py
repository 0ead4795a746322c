"""Every contestant that can be started here, through supervisord and held to the rules of the README."""

import os
import socket
import struct
import unittest

import harness
from raw_websocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, RawWebSocket

NAMES = sorted(file.stem for file in (harness.COMPETITION / "servers").glob("*.ini"))
SIZES = (0, 125, 126, 65535, 65536, 1 << 20)
CLIENTS = 500


class ContestantsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.supervisord = cls.enterClassContext(harness.Supervisord())
        cls.info = {info["name"]: info for info in cls.supervisord.rpc.wsbench.getAllContestantInfo()}

    def test_every_ini_names_its_program_and_has_a_manifest(self):
        self.assertEqual(NAMES, list(self.info))
        self.assertEqual([], [name for name, info in self.info.items() if not info["manifest"]])

    def test_programs_start_only_when_told_and_never_again_by_themselves(self):
        for config in self.supervisord.rpc.supervisor.getAllConfigInfo():
            with self.subTest(config["name"]):
                self.assertFalse(config["autostart"])
                self.assertEqual((0, 0), (config["startsecs"], config["startretries"]))
                self.assertTrue(config["killasgroup"])

    def run_contestant(self, name):
        if not self.info[name]["installed"]:
            self.skipTest(f"{name} is not installed: {self.info[name]['error']}")
        self.assertTrue(self.info[name]["version"])
        self.pid = pid = self.supervisord.start(name)
        try:
            for check in (
                self.check_echo,
                self.check_fragments_are_joined,
                self.check_ping_is_answered,
                self.check_ping_between_fragments,
                self.check_close_is_answered,
                self.check_deflate_is_not_negotiated,
                self.check_any_path_and_origin,
                self.check_nodelay_is_on,
                self.check_many_clients_at_once,
            ):
                with self.subTest(check.__name__):
                    check()
        finally:
            self.supervisord.rpc.supervisor.stopProcess(name)
        harness.wait_until(lambda: not harness.group_members(pid), f"the processes of {name} are gone")
        harness.wait_until(lambda: harness.can_listen(self.supervisord.port), f"{name} leaves the port free")

    def connect(self, path="/", **headers):
        client = self.enterContext(RawWebSocket(self.supervisord.port))
        client.handshake(path, **headers)
        return client

    def check_echo(self):
        client = self.connect()
        for size in SIZES:
            for opcode in (TEXT, BINARY):
                payload = os.urandom(size) if opcode == BINARY else ("\u20acuro" * size).encode()[: size - size % 6]
                payload = payload.ljust(size, b"x")
                client.send(opcode, payload)
                got_opcode, got = client.message()
                self.assertEqual((opcode, size), (got_opcode, len(got)))
                self.assertTrue(payload == got, f"{size} bytes came back changed")

    def check_fragments_are_joined(self):
        client = self.connect()
        client.send(TEXT, b"one ", final=False)
        client.send(CONTINUATION, b"two ", final=False)
        client.send(CONTINUATION, b"three")
        self.assertEqual((TEXT, b"one two three"), client.message())
        client.send(BINARY, b"\xff" * 70000, final=False)
        client.send(CONTINUATION, b"\xfe")
        self.assertEqual((BINARY, b"\xff" * 70000 + b"\xfe"), client.message())

    def check_ping_is_answered(self):
        client = self.connect()
        for payload in (b"", b"are you there?"):
            client.send(PING, payload)
            self.assertEqual((PONG, payload), client.message())
        client.send(PONG, b"nobody asked")
        client.send(TEXT, b"still here")
        self.assertEqual((TEXT, b"still here"), client.message())

    def check_ping_between_fragments(self):
        client = self.connect()
        client.send(TEXT, b"be", final=False)
        client.send(PING, b"now?")
        self.assertEqual((PONG, b"now?"), client.message())
        client.send(CONTINUATION, b"tween")
        self.assertEqual((TEXT, b"between"), client.message())

    def check_close_is_answered(self):
        client = self.connect()
        client.send(CLOSE, struct.pack("!H", 1000) + b"bye")
        opcode, payload = client.message()
        self.assertEqual((CLOSE, struct.pack("!H", 1000)), (opcode, payload[:2]))
        self.assertTrue(client.at_end())

    def check_deflate_is_not_negotiated(self):
        client = self.enterContext(RawWebSocket(self.supervisord.port))
        headers = client.handshake(Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits")
        self.assertNotIn("sec-websocket-extensions", headers)

    def check_any_path_and_origin(self):
        client = self.connect("/an/odd%20path?with=a&query=%C3%A4", Origin="http://elsewhere.example")
        client.send(TEXT, b"hello")
        self.assertEqual((TEXT, b"hello"), client.message())

    def check_nodelay_is_on(self):
        client = self.connect()
        try:
            server_side = harness.peer_socket(harness.group_members(self.pid), client.socket)
        except PermissionError:
            return self.skipTest("the kernel does not let us look at another process's socket")
        self.assertIsNotNone(server_side)
        with server_side:
            self.assertEqual(1, server_side.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    def check_many_clients_at_once(self):
        clients = [self.enterContext(RawWebSocket(self.supervisord.port)) for _ in range(CLIENTS)]
        for client in clients:
            client.request()
        for client in clients:
            client.response()
        for number, client in enumerate(clients):
            client.send(TEXT, b"%d" % number)
        echoes = [client.message() for client in clients]
        wrong = [(number, echo) for number, echo in enumerate(echoes) if echo != (TEXT, b"%d" % number)]
        self.assertEqual([], wrong[:3], f"{len(wrong)} of {CLIENTS} are wrong")


def _test_of(name):
    return lambda self: self.run_contestant(name)


for _name in NAMES:
    setattr(ContestantsTest, f"test_{_name}", _test_of(_name))


if __name__ == "__main__":
    unittest.main()
