#!/usr/bin/python3
"""How many instructions of ours a message and its echo cost the client, by what they are for, with 1, 2 and 4 shards.

Counted by callgrind, so nearly the same on a noisy machine as on a quiet one, and without the kernel's, not being ours.
Open loops on epoll (valgrind knows no io_uring), the same but for how often a client sends: what the busier one takes
more is what its messages cost. Handshakes, and what is done some times a second, are in both. Loads so short would sample
every read; a long one samples one in 32, so a 32nd of what that costs, measured apart, is added.
usage: instructions_bench [--clients N] [--shards N,N,...]
"""

import argparse
import collections
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = "@PROJECT_SOURCE_DIR@/"
CLIENT_BENCH = "@PROJECT_BINARY_DIR@/tests/bench/client_bench"
SECONDS = 5
SLOW, FAST = 4, 20  # messages a second, of each client
SAMPLED_ONE_IN = 32  # messages
ECHO = "wsbench::client::Client::on_message("

# What code is for, by the file that it stands in or the library that has it; the first that fits.
PARTS = [("payload, verification", r"client/load/payload"),
         ("recording", r"client/load/recorder|store/(?!event/histogram)|/.*/librocksdb"),
         ("statistics", r"client/load/figures|store/event/histogram"),
         ("protocol", r"client/websocket/|/.*/websocketpp/"),
         ("event loop", r"client/transport"),
         ("client", r"client/")]
ELSE = "C and C++ libraries"
SAMPLING = "sampling of reads"


def part_of(source, own_source, library):
    """Standard C++ that was inlined belongs to whoever uses it."""
    place = own_source if "/include/c++/" in source else source
    for part, pattern in PARTS:
        if re.match(pattern, place) or re.match(pattern, library):
            return part
    return ELSE


class Profile:
    """One callgrind file: instructions by part, and how many echoes there were."""

    def __init__(self, path):
        self.parts = collections.Counter()
        self.echoes = 0
        self.names = {}
        library = own_source = source = called = ""
        is_call = False
        with open(path) as lines:
            for line in lines:
                key, _, value = line.rstrip("\n").partition("=")
                if key == "ob":
                    library = self.name("ob", value)
                elif key == "fl":
                    own_source = source = self.name("fl", value)
                elif key in ("fi", "fe"):
                    source = self.name("fl", value)
                elif key == "fn":
                    source = own_source
                    self.name("fn", value)
                elif key == "cfn":
                    called = self.name("fn", value)
                elif key in ("cob", "cfi", "cfl"):
                    self.name("ob" if key == "cob" else "fl", value)
                elif key == "calls":
                    is_call = True
                    if called.startswith(ECHO):
                        self.echoes += int(value.split()[0])
                elif line[0] in "0123456789+-*":
                    if not is_call:  # The line behind a call is what was called, counted there.
                        self.parts[part_of(source, own_source, library)] += int(line.split()[1])
                    is_call = False

    def name(self, kind, value):
        """Names are told in full once: "(number) name", then as "(number)". Ours as paths within the project."""
        number, _, name = value.partition(" ")
        if name:
            if kind == "fl":
                name = os.path.normpath(name).removeprefix(ROOT)
            self.names[kind, number] = name
        return self.names[kind, number]


def profile(clients, shards, per_second, sampled_one_in):
    with tempfile.TemporaryDirectory(prefix="wsbench-") as directory:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={directory}/%p", CLIENT_BENCH, "--rounds", "1",
                   "--attempts", "1", "--seconds", str(SECONDS), "--shards", str(shards), "--only", "wsbench epoll", "open",
                   "--open", str(clients), "--per-second", str(per_second), "--sampled-one-in", str(sampled_one_in)]
        try:
            done = subprocess.run(command, capture_output=True, text=True)
        except FileNotFoundError:
            sys.exit("instructions_bench: needs valgrind (./do bench installs it)")
        if done.returncode != 0:
            sys.exit(f"instructions_bench: client_bench failed: {done.stderr[-2000:]}")
        profiles = [Profile(path) for path in Path(directory).iterdir()]
    return max(profiles, key=lambda one: one.echoes)


def per_echo(clients, shards, sampled_one_in=0):
    slow, fast = (profile(clients, shards, per_second, sampled_one_in) for per_second in (SLOW, FAST))
    echoes = fast.echoes - slow.echoes
    if echoes <= 0:
        sys.exit(f"instructions_bench: {slow.echoes} echoes at {SLOW}/s, {fast.echoes} at {FAST}/s: is it a release build?")
    return {part: (fast.parts[part] - slow.parts[part]) / echoes for part in [*dict(PARTS), ELSE]}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--clients", type=int, default=200)
    options.add_argument("--shards", default="1,2,4")
    options = options.parse_args()
    counts = {shards: per_echo(options.clients, shards) for shards in map(int, options.shards.split(","))}
    shards, unsampled = next(iter(counts.items()))
    sampled = sum(per_echo(options.clients, shards, 1).values()) - sum(unsampled.values())
    for count in counts.values():
        count[SAMPLING] = sampled / SAMPLED_ONE_IN
    first = sum(unsampled.values())
    print(f"instructions a message, {options.clients} clients on epoll, without the kernel's")
    print(f"{'shards':22}" + "".join(f"{shards:>9}" for shards in counts))
    for part in [*dict(PARTS), ELSE, SAMPLING]:
        print(f"{part:22}" + "".join(f"{count[part]:9.0f}" for count in counts.values()))
    print(f"{'all':22}" + "".join(f"{sum(count.values()):9.0f}" for count in counts.values()))
    print(f"{'ratio to ' + options.shards.split(',')[0]:22}" +
          "".join(f"{sum(count.values()) / first:9.3f}" for count in counts.values()))
    print(f"a read that is sampled costs {sampled:.0f}")


if __name__ == "__main__":
    main()
