"""A leader with a worker, a worker's worker, and an orphan whose parent has ended.

The leader accepts connections on PORT. Before it listens, a child uses BURN seconds of CPU and is waited for.
"""

import os
import signal
import socket
import threading
import time


def fork(function):
    pid = os.fork()
    if pid == 0:
        function()
        os._exit(0)
    return pid


def burn():
    while time.process_time() < float(os.environ["BURN"]):
        pass


def worker():
    fork(signal.pause)
    threading.Thread(target=signal.pause, daemon=True).start()
    signal.pause()


# The parent's end makes the orphan a child of another process; only its process group tells where it belongs.
os.waitpid(fork(lambda: fork(signal.pause)), 0)
os.waitpid(fork(burn), 0)
fork(worker)

listener = socket.create_server(("", int(os.environ["PORT"])), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64)
accepted = []
while True:
    accepted.append(listener.accept())
