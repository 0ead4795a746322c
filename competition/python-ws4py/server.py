"""WebSocket echo server on ws4py, with its gevent server."""

from gevent import monkey

monkey.patch_all()

import os  # noqa: E402
import resource  # noqa: E402
import socket  # noqa: E402

from ws4py.server.geventserver import WebSocketWSGIHandler, WSGIServer  # noqa: E402
from ws4py.server.wsgiutils import WebSocketWSGIApplication  # noqa: E402
from ws4py.websocket import WebSocket  # noqa: E402


class NoDelayHandler(WebSocketWSGIHandler):
    def __init__(self, client, *arguments):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().__init__(client, *arguments)


class Echo(WebSocket):
    def received_message(self, message):
        self.send(message.data, message.is_binary)


def main():
    hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))

    WSGIServer.handler_class = NoDelayHandler
    address = (os.environ.get("ADDRESS", ""), int(os.environ.get("PORT", "8000")))
    WSGIServer(address, WebSocketWSGIApplication(handler_cls=Echo), backlog=4096, log=None).serve_forever()


main()
