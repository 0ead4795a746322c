"""WebSocket echo server: an ASGI application on hypercorn's asyncio worker."""

import asyncio
import os
import resource
import socket

from hypercorn.asyncio import serve
from hypercorn.config import Config


async def echo(scope, receive, send):
    while True:
        event = await receive()
        if event["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif event["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": event["text"], "bytes": event["bytes"]})
        else:
            return


def listen():
    address = os.environ.get("ADDRESS", "")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, int(os.environ.get("PORT", "8000"))), family=family, backlog=4096)


async def main():
    # Of a socket that Hypercorn makes asyncio does not see that it is TCP, and leaves TCP_NODELAY off.
    with listen() as listener:
        config = Config()
        config.bind = [f"fd://{listener.fileno()}"]
        config.backlog = 4096
        config.loglevel = "WARNING"
        # With a trigger of its own it leaves SIGTERM alone, which ends the process then; otherwise it would wait for
        # its clients to go.
        await serve(echo, config, shutdown_trigger=asyncio.Event().wait)


hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))
asyncio.run(main())
