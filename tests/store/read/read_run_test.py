"""The independent reader of runs agrees with the store's own on every event. usage: read_run_test.py RUN_DUMP

Skipped (exit code 77) without ldb.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

READER = pathlib.Path(__file__).resolve().parents[2] / "tools" / "read_run.py"


def lines(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, timeout=60).stdout.splitlines()


def main():
    if shutil.which("ldb") is None:
        print("skipped: no ldb here (Debian's rocksdb-tools)")
        return 77
    run_dump = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="wsbench-read-run-") as folder:
        run = str(pathlib.Path(folder) / "run")
        lines(run_dump, "record", run)
        for contestant, least in ("example", 7), ("any", 15_000):
            wanted = lines(run_dump, "print", run, contestant)
            found = lines(sys.executable, "-B", str(READER), run, contestant)
            if len(wanted) < least:
                sys.exit(f"{contestant}: only {len(wanted)} events were recorded")
            for number, (ours, theirs) in enumerate(zip(wanted, found)):
                if ours != theirs:
                    sys.exit(f"{contestant}, event {number}: the store says {ours}, the reader {theirs}")
            if len(wanted) != len(found):
                sys.exit(f"{contestant}: the store has {len(wanted)} events, the reader {len(found)}")
            print(f"{contestant}: {len(found)} events, the same")
    return 0


if __name__ == "__main__":
    sys.exit(main())
