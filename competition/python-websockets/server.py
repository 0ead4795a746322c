"""WebSocket echo server on websockets.

server.py [uvloop]: on uvloop rather than on asyncio's own event loop.
"""

import asyncio
import os
import resource
import sys

import websockets


async def echo(websocket):
    try:
        async for message in websocket:
            await websocket.send(message)
    except websockets.ConnectionClosedError:
        pass  # a client that vanished without a close frame is no error of the server's


async def main():
    address = os.environ.get("ADDRESS") or None
    port = int(os.environ.get("PORT", "8000"))
    # ping_interval: the keepalive would close clients that are slow to answer under load.
    async with websockets.serve(
        echo, address, port, backlog=4096, compression=None, ping_interval=None
    ):
        await asyncio.Future()


hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))
if "uvloop" in sys.argv[1:]:
    import uvloop

    uvloop.install()
asyncio.run(main())
