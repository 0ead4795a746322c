"""WebSocket echo server on Autobahn, over asyncio. Autobahn sets TCP_NODELAY by itself."""

import asyncio
import os
import resource

from autobahn.asyncio.websocket import WebSocketServerFactory, WebSocketServerProtocol


class Echo(WebSocketServerProtocol):
    def onMessage(self, payload, isBinary):
        self.sendMessage(payload, isBinary)


async def main():
    factory = WebSocketServerFactory()
    factory.protocol = Echo
    # 0: none. Handshakes may have to queue for longer than the 5 s that it would give them.
    factory.setProtocolOptions(openHandshakeTimeout=0, echoCloseCodeReason=True)
    address = os.environ.get("ADDRESS") or None
    port = int(os.environ.get("PORT", "8000"))
    server = await asyncio.get_running_loop().create_server(factory, address, port, backlog=4096)
    await server.serve_forever()


hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))
asyncio.run(main())
