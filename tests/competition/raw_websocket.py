"""A WebSocket client that hides nothing: RFC 6455 frames over a socket."""

import base64
import hashlib
import os
import socket
import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class RawWebSocket:
    """Every wait is bounded by `timeout` (TimeoutError)."""

    def __init__(self, port, timeout=10):
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.connect_ex(("127.0.0.1", port))  # the first send waits for it
        self.socket.settimeout(timeout)
        self._received = b""
        self._key = base64.b64encode(os.urandom(16))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def request(self, path="/", **headers):
        lines = {
            "Host": "127.0.0.1",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": self._key.decode(),
            "Sec-WebSocket-Version": "13",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        text = f"GET {path} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in lines.items())
        self.socket.sendall(text.encode() + b"\r\n")

    def response(self):
        """The answer's headers, names in lower case. AssertionError unless it is a right 101."""
        while b"\r\n\r\n" not in self._received:
            self._receive()
        head, _, self._received = self._received.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        assert status.split(" ")[:2] == ["HTTP/1.1", "101"], status
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        accept = base64.b64encode(hashlib.sha1(self._key + _GUID).digest()).decode()
        assert headers.get("sec-websocket-accept") == accept, headers
        return headers

    def handshake(self, path="/", **headers):
        self.request(path, **headers)
        return self.response()

    def send(self, opcode, payload=b"", final=True):
        length = len(payload)
        head = bytes([(0x80 if final else 0) | opcode])
        if length < 126:
            head += bytes([0x80 | length])
        elif length < 65536:
            head += struct.pack("!BH", 0x80 | 126, length)
        else:
            head += struct.pack("!BQ", 0x80 | 127, length)
        mask = os.urandom(4)
        key = (mask * (length // 4 + 1))[:length]
        masked = (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(length, "big")
        self.socket.sendall(head + mask + masked)

    def frame(self):
        """(final, opcode, payload) of the next frame."""
        first, second = self._take(2)
        assert first & 0x70 == 0, "a reserved bit is set"
        assert second & 0x80 == 0, "a server's frame is masked"
        length = second
        if length == 126:
            (length,) = struct.unpack("!H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._take(8))
        return bool(first & 0x80), first & 0x0F, self._take(length)

    def message(self):
        """(opcode, payload) of the next control frame or whole message, of however many frames."""
        final, opcode, payload = self.frame()
        while not final:
            final, continuation, more = self.frame()
            assert continuation == CONTINUATION, continuation
            payload += more
        return opcode, payload

    def at_end(self):
        """Waits for the server to close; true if it sends nothing before."""
        return self._received == b"" and self.socket.recv(1) == b""

    def _take(self, count):
        while len(self._received) < count:
            self._receive()
        taken, self._received = self._received[:count], self._received[count:]
        return taken

    def _receive(self):
        chunk = self.socket.recv(1 << 18)
        if not chunk:
            raise EOFError("the server closed the connection")
        self._received += chunk
