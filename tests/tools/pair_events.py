"""Pairs the rows of an events.csv and compares with the tables beside it; checks what is told of its echoes' order.

usage: pair_events.py DIRECTORY
"""

import csv
import pathlib
import sys

if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
    sys.exit(__doc__)


def rows(name):
    with open(pathlib.Path(sys.argv[1]) / name, newline="") as file:
        return list(csv.DictReader(file))


began, due, latest, handshakes, latencies = {}, {}, {}, [], []
for row in rows("events.csv"):
    time, client = int(row["timestamp"]), (row["round"], row["client_id"])
    message = client + (row["event_key"],)
    if row["type"] == "ws_init":
        began[client] = time
    elif row["type"] == "ws_onopen":
        handshakes.append((began[client], time - began[client]))
    elif row["type"] == "send_message" and row["phase"] == "measuring":
        due[message] = int(row["event_data"])
    elif row["type"] in ("recv_message", "altered_echo"):
        sequence, last = int(row["event_key"]), latest.get(client, -1)
        if (row["event_data"] == "reordered") != (row["type"] == "recv_message" and sequence < last):
            sys.exit(f"events.csv: client {client[1]}'s echo {sequence} came after that of {last}, and is not told so")
        latest[client] = max(sequence, last)
        if message in due:
            start = due.pop(message)  # a second echo of a message is no latency, nor is an altered one
            if row["type"] == "recv_message":
                latencies.append((start, time - start))

for name, paired in {"handshake_times.csv": handshakes, "message_latencies.csv": latencies}.items():
    table = sorted((int(row["timestamp"]), int(row["elapsed"])) for row in rows(name))
    if table != sorted(paired):
        sys.exit(f"{name}: {len(table)} rows, but events.csv pairs to {len(paired)}, or to other numbers")
    print(f"{name}: {len(table)} rows, as paired from events.csv")
