"""WebSocket echo server: an ASGI application on uvicorn, with websockets, uvloop and httptools as it recommends."""

import os
import resource

import uvicorn


async def echo(scope, receive, send):
    while True:
        event = await receive()
        if event["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif event["type"] == "websocket.receive":
            # The key that the event lacks, or has as None, is the other kind's.
            await send({"type": "websocket.send", "text": event.get("text"), "bytes": event.get("bytes")})
        else:
            return


if __name__ == "__main__":
    hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))
    config = uvicorn.Config(
        echo,
        host=os.environ.get("ADDRESS") or "0.0.0.0",
        port=int(os.environ.get("PORT", "8000")),
        loop="uvloop",
        http="httptools",
        ws="websockets",
        ws_per_message_deflate=False,
        ws_ping_interval=None,  # the keepalive would close clients that are slow to answer under load
        backlog=4096,
        lifespan="off",
        log_level="warning",
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # its own handling of SIGTERM waits for the clients to leave
    server.run()
