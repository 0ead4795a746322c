"""Contestants that go wrong, one way each: misbehaving.py MODE. Port from $PORT; on 127.0.0.1 only."""
import asyncio
import base64
import hashlib
import os
import signal
import struct
import sys
import time

MODE = sys.argv[1]
LARGEST_CROWD = 100
frames_left = 200
clients = 0


async def handshake(reader, writer):
    head = await reader.readuntil(b"\r\n\r\n")
    key = next(
        line.split(b":", 1)[1].strip()
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"sec-websocket-key")
    )
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


async def read_frame(reader):
    first, second = await reader.readexactly(2)
    length = second & 127
    if length == 126:
        (length,) = struct.unpack(">H", await reader.readexactly(2))
    elif length == 127:
        (length,) = struct.unpack(">Q", await reader.readexactly(8))
    mask = await reader.readexactly(4)
    masked = int.from_bytes(await reader.readexactly(length), "big")
    key = int.from_bytes((mask * (length // 4 + 1))[:length], "big")
    return first, (masked ^ key).to_bytes(length, "big")


def encode(first, payload):
    if len(payload) < 126:
        return bytes([first, len(payload)]) + payload
    if len(payload) < 65536:
        return bytes([first, 126]) + struct.pack(">H", len(payload)) + payload
    return bytes([first, 127]) + struct.pack(">Q", len(payload)) + payload


def patience_ends():
    global frames_left
    frames_left -= 1
    return frames_left < 0


async def converse(reader, writer):
    if MODE in ("silent", "orphans"):
        await reader.read()
        return
    if MODE == "http-200":
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        return
    if MODE == "exclusive" and clients > LARGEST_CROWD:
        return
    await handshake(reader, writer)
    if MODE == "closes":
        asyncio.get_running_loop().call_later(float(sys.argv[2]), writer.write, encode(0x88, b"\x03\xe9"))
    while True:
        first, payload = await read_frame(reader)
        opcode = first & 15
        if opcode == 10:
            continue
        if MODE == "wrong-bytes" and opcode < 8:
            payload = payload[::-1]
        writer.write(encode(0x8A if opcode == 9 else first, payload))
        if MODE == "dies" and patience_ends():
            sys.stderr.write("out of patience\n")
            sys.stderr.flush()
            os._exit(7)
        if opcode == 8:
            return


async def serve(reader, writer):
    global clients
    clients += 1
    try:
        await converse(reader, writer)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        clients -= 1
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]), backlog=1000)
    async with server:
        await server.serve_forever()


if MODE == "exits":
    sys.stderr.write("cannot find my keys\n")
    sys.exit(3)
if MODE == "orphans" and os.fork():
    time.sleep(0.5)
    sys.exit(4)
if MODE == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
asyncio.run(main())
