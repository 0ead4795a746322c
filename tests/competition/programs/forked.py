"""A leader of 200 MiB, and four forks of it that share them. It listens on PORT once they are there."""

import os
import signal
import socket
import time

memory = b"x" * (200 << 20)
for _ in range(4):
    if os.fork() == 0:
        signal.pause()
        os._exit(0)
listener = socket.create_server(("", int(os.environ["PORT"])))
while True:
    time.sleep(60)
