"""Uses the CPU of number CPU without a pause. It listens on PORT."""

import os
import socket

os.sched_setaffinity(0, {int(os.environ["CPU"])})
listener = socket.create_server(("", int(os.environ["PORT"])))
while True:
    pass
