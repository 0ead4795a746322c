"""WebSocket echo server on Tornado.

server.py [PROCESSES]: forks that many; without the argument one per core that it may run on.
"""

import asyncio
import os
import resource
import subprocess
import sys

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.process import fork_processes
from tornado.web import Application
from tornado.websocket import WebSocketHandler


class Echo(WebSocketHandler):
    def check_origin(self, origin):
        return True

    def open(self, *args, **kwargs):
        self.set_nodelay(True)

    def on_message(self, message):
        self.write_message(message, binary=isinstance(message, bytes))


async def serve(sockets):
    server = HTTPServer(Application([(r".*", Echo)]))
    server.add_sockets(sockets)
    await asyncio.Event().wait()


def main():
    hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))

    # PyPy has no os.sched_getaffinity, which nproc asks.
    processes = int(sys.argv[1] if len(sys.argv) > 1 else subprocess.check_output("nproc"))
    address = os.environ.get("ADDRESS") or None
    sockets = bind_sockets(int(os.environ.get("PORT", "8000")), address, backlog=4096)
    if processes > 1:
        fork_processes(processes)
    asyncio.run(serve(sockets))


main()
