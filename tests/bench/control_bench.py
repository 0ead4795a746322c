#!/usr/bin/python3
"""What answering costs a measurement: the client's lag and CPU with ten status queries a second and without.

One daemon, one contestant; suites with and without queries take turns, and the medians of both are compared.
usage: control_bench [--pairs N] [--clients N]; WSBENCH_PROGRAM names the program.
"""

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, "@PROJECT_SOURCE_DIR@/tests/e2e")
import daemon_harness  # noqa: E402

daemon_harness.PROGRAM = "@WSBENCH_BENCH_PROGRAM@"
QUERIES_PER_SECOND = 10


class Asking:
    """Ten queries a second, of the kinds that people and their tools ask, from a thread of its own."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.ended = threading.Event()
        self.seconds = []
        self.thread = threading.Thread(target=self.run)

    def run(self):
        queries = [lambda: self.daemon.rpc.supervisor.getAllProcessInfo(), lambda: self.daemon.get("/metrics"),
                   lambda: self.daemon.get("/api/status")]
        due = time.monotonic()
        while not self.ended.is_set():
            began = time.monotonic()
            queries[len(self.seconds) % len(queries)]()
            self.seconds.append(time.monotonic() - began)
            due += 1 / QUERIES_PER_SECOND
            time.sleep(max(0, due - time.monotonic()))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def measure(daemon, clients):
    group = daemon.submit("load", clients=clients, seconds=6, interval_ms=1000, servers=["cpp-websocketpp"])
    daemon.wait_for_job(group, "complete", seconds=120)
    result = json.loads(daemon.rpc.wsbench.result(group))["contestants"][0]["rounds"][0]
    if result["failure"]:
        sys.exit(f"control_bench: the contestant failed: {result['failure']['message']}")
    hidden = [gate["detail"] for gate in result["gates"] if not gate["passed"]]
    if hidden:
        print(f"{group}: {'; '.join(hidden)}", file=sys.stderr)
    return {"client lag p50, us": result["lag"]["p50_ns"] / 1000, "client lag p99, us": result["lag"]["p99_ns"] / 1000,
            "latency p99, us": result["latency"]["p99_ns"] / 1000, "client CPU, %": result["client_cpu_share"] * 100,
            "lost": result["lost"]}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--pairs", type=int, default=5)
    options.add_argument("--clients", type=int, default=2000)
    options = options.parse_args()
    quiet, asked, answers = [], [], []
    with tempfile.TemporaryDirectory(prefix="wsbench-") as directory, daemon_harness.Daemon(directory) as daemon:
        for _ in range(options.pairs):
            quiet.append(measure(daemon, options.clients))
            with Asking(daemon) as asking:
                asked.append(measure(daemon, options.clients))
            answers += asking.seconds
    print(f"{options.pairs} pairs, {options.clients} clients x 1 message/s x 6 s; {len(answers)} queries, "
          f"answered in {statistics.median(answers) * 1000:.1f} ms (median)")
    print(f"{'median of':24}{'quiet':>12}{'10 queries/s':>16}{'ratio':>8}")
    for figure in quiet[0]:
        one, other = (statistics.median(run[figure] for run in runs) for runs in (quiet, asked))
        print(f"{figure:24}{one:12.1f}{other:16.1f}{other / one if one else float('nan'):8.2f}")


if __name__ == "__main__":
    main()
