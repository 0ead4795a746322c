"""WebSocket echo server on gevent-websocket.

server.py [PROCESSES]: that many share one listening socket; without the argument one per core that it may run on.
"""

import os
import resource
import socket
import sys

import gevent
from geventwebsocket import WebSocketError
from geventwebsocket.handler import WebSocketHandler
from geventwebsocket.server import WebSocketServer


class NoDelayHandler(WebSocketHandler):
    def __init__(self, client, *arguments):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().__init__(client, *arguments)


def echo(environ, start_response):
    websocket = environ.get("wsgi.websocket")
    if websocket is None:
        start_response("426 Upgrade Required", [("Content-Length", "0")])
        return [b""]
    try:
        while (message := websocket.receive()) is not None:
            websocket.send(message, binary=isinstance(message, (bytes, bytearray)))
    except WebSocketError:
        pass  # the client is gone
    return []


def main():
    hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))

    processes = int(sys.argv[1]) if len(sys.argv) > 1 else len(os.sched_getaffinity(0))
    address = (os.environ.get("ADDRESS", ""), int(os.environ.get("PORT", "8000")))
    server = WebSocketServer(address, echo, handler_class=NoDelayHandler, backlog=4096, log=None)
    server.init_socket()
    for _ in range(processes - 1):
        if gevent.fork() == 0:
            break
    server.serve_forever()


main()
