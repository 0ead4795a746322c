"""A client that others starve of its CPU: what it tells of a server of 1 ms, and whether that is refused.

    starved_client_test.py --table [--seconds 5] [--busy-loops 0,1,3,10]

measures with so many busy threads beside the client, and prints what was told and what the server knows.
WSBENCH_PROGRAM, TRUTH_SERVER and BUSY_LOOPS are the programs, unless $PATH has them.
"""

import argparse

from truth_harness import TruthTest, measure, measure_quietly, quantile, run_tests, seconds

SERVER = ("--delay", 1)
LOOPS = {
    "open": {"clients": 200, "interval_ms": 100},
    "closed": {"clients": 20, "mode": "closed"},
}


class Client(TruthTest):
    def test_that_has_its_cpu_is_not_refused(self):
        for loop, keys in LOOPS.items():
            with self.subTest(loop):
                found = measure_quietly(SERVER, length=5, **keys)
                self.assertEqual([], found.missed_gates())
                self.assertTrue(found.told["valid"])


def milliseconds(nanoseconds):
    """Of results.json, where a quantile among the lost is null."""
    return "lost" if nanoseconds is None else f"{seconds(nanoseconds) * 1e3:.3g}"


def line(busy_loops, loop, found):
    latency = found.told["latency"]
    columns = (busy_loops, loop, f"{milliseconds(latency['p50_ns'])} / {milliseconds(latency['p99_ns'])}",
               f"{quantile(found.true_latencies(), 0.5) * 1e3:.2f}", f"{found.told['message_rate']:,.0f}",
               milliseconds(found.told["lag"]["p99_ns"]), f"{found.stolen:.0%}, {found.foreign:.0%}",
               ", ".join(found.missed_gates()) or "none")
    return f"| {' | '.join(map(str, columns))} |"


def print_table(busy_loops, length):
    print("| busy loops | loop | told p50 / p99 ms | server's own p50 | msg/s | lag p99 ms | "
          "CPUs taken by the host, by others | gates missed |")
    print("|" + " --- |" * 8)
    for count in busy_loops:
        for loop, keys in LOOPS.items():
            print(line(count, loop, measure(SERVER, busy_loops=count, length=length, **keys)), flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--table", action="store_true", help="measure and print, rather than test")
    arguments.add_argument("--seconds", type=float, default=5)
    arguments.add_argument("--busy-loops", default="0,1,3,10")
    options, others = arguments.parse_known_args()
    if options.table:
        print_table([int(count) for count in options.busy_loops.split(",")], options.seconds)
    else:
        run_tests(others)


if __name__ == "__main__":
    main()
