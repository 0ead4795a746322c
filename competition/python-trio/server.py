"""WebSocket echo server on trio-websocket. Trio sets TCP_NODELAY and takes the kernel's largest backlog by itself."""

import os
import resource

import trio
from trio_websocket import ConnectionClosed, serve_websocket

NEVER = float("inf")


async def echo(request):
    websocket = await request.accept()
    try:
        while True:
            await websocket.send_message(await websocket.get_message())
    except ConnectionClosed:
        pass


async def main():
    address = os.environ.get("ADDRESS") or None
    port = int(os.environ.get("PORT", "8000"))
    await serve_websocket(echo, address, port, ssl_context=None, connect_timeout=NEVER)


hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))
trio.run(main)
