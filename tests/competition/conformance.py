"""What every contestant must do, check by check: the rules of competition/README.md for a server that listens."""

import contextlib
import os
import socket
import struct
import time

import harness
from raw_websocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, RawWebSocket

SIZES = (0, 1, 125, 126, 127, 65535, 65536, 1 << 20)
CROWDS = (200, 2000)
# Of the range for private use: a server has no business with it but to send it back.
CLOSE_CODE = struct.pack("!H", 4321)
# For an answer, on a machine that does other things besides.
_SECONDS = 60
_SECONDS_OF_A_CROWD = 60


class Inapplicable(Exception):
    """This machine does not let us look."""


class Server:
    """A server on this machine: where it listens, and the process group that it runs as."""

    def __init__(self, port, group):
        self.port = port
        self.group = group

    @contextlib.contextmanager
    def client(self, path="/", **headers):
        with RawWebSocket(self.port, _SECONDS) as client:
            client.handshake(path, **headers)
            yield client


def _equal(expected, got):
    assert expected == got, f"expected {_brief(expected)}, got {_brief(got)}"


def _brief(value):
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:60]}... ({len(text)} characters)"


def _is_echoed(client, opcode, payload):
    client.send(opcode, payload)
    _equal((opcode, payload), client.message())


def text_is_text(server):
    with server.client() as client:
        _is_echoed(client, TEXT, "na\u00efve \u20ac \U0001f600".encode())


def binary_is_binary(server):
    with server.client() as client:
        _is_echoed(client, BINARY, bytes(range(256)))


def size(count):
    """The check of payloads of that many bytes, on one connection, whose next message must come through too."""

    def check(server):
        with server.client() as client:
            _is_echoed(client, TEXT, ("\u20acuro" * count).encode()[: count - count % 6].ljust(count, b"x"))
            _is_echoed(client, BINARY, os.urandom(count))
            _is_echoed(client, TEXT, b"next")

    return check


def fragments(server):
    with server.client() as client:
        client.send(TEXT, b"one ", final=False)
        client.send(CONTINUATION, b"", final=False)
        client.send(CONTINUATION, b"two ", final=False)
        client.send(CONTINUATION, b"three")
        _equal((TEXT, b"one two three"), client.message())
        client.send(BINARY, b"\xff" * 70000, final=False)
        client.send(CONTINUATION, b"\xfe")
        _equal((BINARY, b"\xff" * 70000 + b"\xfe"), client.message())


def utf8_cut(server):
    with server.client() as client:
        client.send(TEXT, b"\xf0\x9f", final=False)
        client.send(CONTINUATION, b"\x98\x80 and \xc3", final=False)
        client.send(CONTINUATION, b"\xa9")
        _equal((TEXT, "\U0001f600 and \u00e9".encode()), client.message())


def invalid_utf8(server):
    with server.client() as client:
        client.send(TEXT, b"\xc3\x28")
        with contextlib.suppress(EOFError, ConnectionResetError):
            opcode, payload = client.message()
            _equal(CLOSE, opcode)
            assert payload[:2] in (b"", struct.pack("!H", 1007)), f"closed with {payload!r}"


def ping(server):
    with server.client() as client:
        for payload in (b"", b"are you there?"):
            client.send(PING, payload)
            _equal((PONG, payload), client.message())
        client.send(PONG, b"nobody asked")
        _is_echoed(client, TEXT, b"still here")


def ping_between_fragments(server):
    with server.client() as client:
        client.send(TEXT, b"be", final=False)
        client.send(PING, b"now?")
        _equal((PONG, b"now?"), client.message())
        client.send(CONTINUATION, b"tween")
        _equal((TEXT, b"between"), client.message())


def close_code(server):
    with server.client() as client:
        client.send(CLOSE, CLOSE_CODE + b"bye")
        opcode, payload = client.message()
        _equal((CLOSE, CLOSE_CODE), (opcode, payload[:2]))
        assert client.at_end(), "something follows the close frame"


def no_deflate(server):
    with RawWebSocket(server.port, _SECONDS) as client:
        headers = client.handshake(Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits")
        assert "sec-websocket-extensions" not in headers, headers["sec-websocket-extensions"]


def any_path_and_origin(server):
    with server.client("/an/odd%20path?with=a&query=%C3%A4", Origin="http://elsewhere.example") as client:
        _is_echoed(client, TEXT, b"hello")


def nodelay(server):
    with server.client() as client:
        _is_echoed(client, TEXT, b"by now the server has set what it wants to set")
        try:
            server_side = harness.peer_socket(harness.group_members(server.group), client.socket)
        except PermissionError as error:
            raise Inapplicable("the kernel does not let us look at another process's socket") from error
        assert server_side is not None, "none of its processes has the connection"
        with server_side:
            assert server_side.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), "TCP_NODELAY is off"


def clients(count):
    """The check that so many connect at the same moment, and that each gets its own echo."""

    def check(server):
        with contextlib.ExitStack() as stack:
            crowd = [stack.enter_context(RawWebSocket(server.port, _SECONDS_OF_A_CROWD)) for _ in range(count)]
            for client in crowd:
                client.request()
            for client in crowd:
                client.response()
            for number, client in enumerate(crowd):
                client.send(TEXT, b"%d" % number)
            for number, client in enumerate(crowd):
                _equal((TEXT, b"%d" % number), client.message())

    return check


# In this order. What a manifest names under "expected" is one of these, or sigterm, which ends the server.
CHECKS = {
    "text_is_text": text_is_text,
    "binary_is_binary": binary_is_binary,
    **{f"size_{count}": size(count) for count in SIZES},
    "fragments": fragments,
    "utf8_cut": utf8_cut,
    "invalid_utf8": invalid_utf8,
    "ping": ping,
    "ping_between_fragments": ping_between_fragments,
    "close_code": close_code,
    "no_deflate": no_deflate,
    "any_path_and_origin": any_path_and_origin,
    "nodelay": nodelay,
    **{f"clients_{count}": clients(count) for count in CROWDS},
}
SIGTERM = "sigterm"
NAMES = (*CHECKS, SIGTERM)


def run(server, names, seconds=150):
    """Runs these checks; name -> why it failed, "" when it passed. What does not apply here is left out. When so many
    seconds have passed, the checks that are left fail untried."""
    outcomes = {}
    deadline = time.monotonic() + seconds
    for name in names:
        if time.monotonic() > deadline:
            outcomes[name] = "not tried: the checks before it took too long"
            continue
        try:
            CHECKS[name](server)
            outcomes[name] = ""
        except Inapplicable:
            pass
        except (AssertionError, EOFError, OSError) as error:
            outcomes[name] = str(error) or type(error).__name__
    return outcomes
