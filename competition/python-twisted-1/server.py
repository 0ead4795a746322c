"""WebSocket echo server on Twisted, with Autobahn's protocol.

server.py [PROCESSES]: that many share one listening socket; without the argument one per core that it may run on.
"""

import os
import resource
import socket
import subprocess
import sys


def listen():
    address = os.environ.get("ADDRESS", "")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.create_server((address, int(os.environ.get("PORT", "8000"))), family=family, backlog=4096)
    listener.setblocking(False)  # the reactor accepts until there is none left
    return listener


def serve(listener):
    # A reactor must not be shared by fork, and importing it makes it: hence here, in each process by itself.
    from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
    from twisted.internet import reactor

    class Echo(WebSocketServerProtocol):
        def connectionMade(self):
            super().connectionMade()
            self.transport.setTcpNoDelay(True)  # Autobahn tries, before it knows its own option

        def onMessage(self, payload, isBinary):
            self.sendMessage(payload, isBinary)

    factory = WebSocketServerFactory()
    factory.protocol = Echo
    # 0: none. Handshakes may have to queue for longer than the 5 s that it would give them.
    factory.setProtocolOptions(openHandshakeTimeout=0, echoCloseCodeReason=True)
    reactor.adoptStreamPort(listener.fileno(), listener.family, factory)
    reactor.run(installSignalHandlers=False)  # SIGTERM ends the process, rather than wait for clients to go


def main():
    hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))

    # PyPy has no os.sched_getaffinity, which nproc asks.
    processes = int(sys.argv[1] if len(sys.argv) > 1 else subprocess.check_output("nproc"))
    listener = listen()
    for _ in range(processes - 1):
        if os.fork() == 0:
            break
    serve(listener)


main()
