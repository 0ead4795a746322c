"""WebSocket echo server on aiohttp. aiohttp sets TCP_NODELAY by itself.

server.py [uvloop]: on uvloop rather than on asyncio's own event loop.
"""

import os
import resource
import sys

from aiohttp import WSMsgType, web


async def echo(request):
    websocket = web.WebSocketResponse(compress=False, max_msg_size=0)
    await websocket.prepare(request)
    async for message in websocket:
        if message.type is WSMsgType.TEXT:
            await websocket.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await websocket.send_bytes(message.data)
    return websocket


def main():
    hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))

    if "uvloop" in sys.argv[1:]:
        import uvloop

        uvloop.install()
    application = web.Application()
    application.router.add_get("/{path:.*}", echo)
    web.run_app(
        application,
        host=os.environ.get("ADDRESS") or None,
        port=int(os.environ.get("PORT", "8000")),
        backlog=4096,
        access_log=None,
        print=None,
        handle_signals=False,  # its own handling of SIGTERM waits a minute for the clients to leave
    )


main()
