"""What comes out of a real run: files, rows, queries; and the runs of a db_root."""

import csv
import fcntl
import io
import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import unittest

from run_harness import CLIENTS, PROGRAM, RUN_NAME, Runs, wsbench


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


class WithRun(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.runs = Runs()
        cls.run_directory = cls.runs.run
        listed = json.loads(wsbench("runs", cls.runs.root, "--json").stdout)
        cls.contestant = listed[0]["contestants"][0]
        cls.out = cls.runs.root.parent / "out"

    @classmethod
    def tearDownClass(cls):
        cls.runs.close()

    def run_ok(self, *arguments):
        ended = wsbench(*arguments)
        self.assertEqual((0, ""), (ended.returncode, ended.stderr))
        return ended.stdout


class Files(WithRun):
    def test_are_the_same_rows_in_every_format(self):
        out = self.out / "formats"
        for form in ("csv", "jsonl", "hlog", "csv.zst"):
            said = self.run_ok("export", self.run_directory, "--format", form, "-o", out)
            self.assertEqual(f"{out / self.contestant}\n", said)
        tables = out / self.contestant
        self.assertEqual({f"{table}.{form}" for table in ("counts", "events", "handshake_times", "message_latencies")
                          for form in ("csv", "jsonl", "csv.zst")} | {"handshake_times.hlog", "message_latencies.hlog"},
                         {file.name for file in tables.iterdir()})
        for table in ("counts", "events", "handshake_times", "message_latencies"):
            as_csv = rows_of((tables / f"{table}.csv").read_text())
            as_json = [json.loads(line) for line in (tables / f"{table}.jsonl").read_text().splitlines()]
            self.assertEqual([{key: value for key, value in row.items() if value != ""} for row in as_csv],
                             [{key: str(value) for key, value in row.items()} for row in as_json])
        counts = rows_of((tables / "counts.csv").read_text())[0]
        self.assertEqual(str(CLIENTS), counts["handshakes"])
        latencies = rows_of((tables / "message_latencies.csv").read_text())
        self.assertEqual(int(counts["messages_recv"]), len(latencies))
        self.assertGreater(len(latencies), 100)

    def test_one_table_goes_to_a_file_or_to_the_standard_output(self):
        self.out.mkdir(exist_ok=True)
        file = self.out / "one.csv"
        arguments = ("export", self.run_directory, self.contestant, "--table", "handshake_times", "-o")
        self.assertEqual("", self.run_ok(*arguments, file))
        self.assertEqual(CLIENTS, len(rows_of(file.read_text())))
        self.assertEqual(file.read_text(), self.run_ok(*arguments, "-"))

    def test_what_makes_no_sense_is_refused(self):
        for arguments, complaint in (
                (("--format", "hlog", "--table", "events"), "no table of durations"),
                (("-o", "-"), "one table of one contestant"),
                (("-o", "x.csv", "--table", "events", "--format", "jsonl"), "not named like"),
                (("nobody",), "no contestant nobody"),
                (("--to", "clickhouse://user:sesame@/x"), "clickhouse://"),
                (("--to", "clickhouse://h/d.t;drop"), "letters, digits")):
            with self.subTest(arguments=arguments):
                ended = wsbench("export", self.run_directory, *arguments)
                self.assertEqual(2, ended.returncode)
                self.assertIn(complaint, ended.stderr)
                self.assertNotIn("sesame", ended.stderr)

    def test_an_interrupted_one_leaves_no_half_file(self):
        tables = self.out / "interrupted" / self.contestant
        tables.mkdir(parents=True)
        # The file is a pipe for as long as it is partial: so it is known to be in the midst of writing.
        os.mkfifo(tables / "events.csv.partial")
        process = subprocess.Popen([PROGRAM, "export", self.run_directory, "--table", "events", "-o", tables.parent],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        with open(tables / "events.csv.partial", "rb") as pipe:
            self.assertTrue(pipe.read(1))
            process.send_signal(signal.SIGINT)
            self.assertEqual("\n", process.stderr.readline())
            self.assertIn("interrupted", process.stderr.readline())
            while pipe.read(1 << 16):
                pass
        self.assertEqual(130, process.wait(30))
        process.stderr.close()
        self.assertEqual([], list(tables.iterdir()))

    def test_a_full_disk_is_told(self):
        tables = self.out / "full" / self.contestant
        tables.mkdir(parents=True)
        (tables / "events.csv.partial").symlink_to("/dev/full")
        ended = wsbench("export", self.run_directory, "--table", "events", "-o", tables.parent)
        self.assertEqual(3, ended.returncode)
        self.assertIn("events.csv cannot be written: No space left on device", ended.stderr)
        self.assertEqual([], list(tables.iterdir()))


class Rows(WithRun):
    def query(self, *arguments):
        return rows_of(self.run_ok("events", self.run_directory, *arguments))

    def test_are_those_that_were_asked_for(self):
        everything = self.query()
        measuring = min(int(row["timestamp"]) for row in everything if row["phase"] == "measuring")
        for arguments, wanted in (
                (("--client", "7"), lambda row: row["client_id"] == "7"),
                (("--kind", "recv_message", "--kind", "EXIT"), lambda row: row["type"] in ("recv_message", "EXIT")),
                (("--phase", "ramp"), lambda row: row["phase"] == "ramp"),
                (("--round", "0"), lambda row: True),
                (("--from", str(measuring + 300_000), "--to", str(measuring + 400_000), "--client", "3"),
                 lambda row: measuring + 300_000 <= int(row["timestamp"]) < measuring + 400_000
                 and row["client_id"] == "3")):
            with self.subTest(arguments=arguments):
                self.assertEqual([row for row in everything if wanted(row)], self.query(*arguments))
        # The phase begins within the microsecond that its first row has.
        some = self.query("--from", "200ms", "--to", "300ms", "--contestant", self.contestant)
        self.assertTrue(some)
        self.assertTrue(all(measuring + 200_000 <= int(row["timestamp"]) <= measuring + 300_000 for row in some))

    def test_are_as_json_what_they_are_as_csv(self):
        arguments = ("--client", "2", "--to", "50ms")
        as_json = [json.loads(line) for line in
                   self.run_ok("events", self.run_directory, *arguments, "--json").splitlines()]
        self.assertEqual([{key: value for key, value in row.items() if value != ""} for row in self.query(*arguments)],
                         [{key: str(value) for key, value in row.items()} for row in as_json])
        self.assertEqual({self.contestant}, {row["contestant"] for row in as_json})

    def test_may_be_cut_short_by_whoever_reads_them(self):
        process = subprocess.Popen([PROGRAM, "events", self.run_directory], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.assertTrue(process.stdout.readline().startswith("contestant,timestamp,type"))
        process.stdout.close()
        self.assertEqual(0, process.wait(30))
        self.assertEqual("", process.stderr.read())
        process.stderr.close()

    def test_on_a_full_disk_are_an_error(self):
        with open("/dev/full", "w") as full:
            ended = subprocess.run([PROGRAM, "events", self.run_directory], stdout=full, stderr=subprocess.PIPE,
                                   text=True, timeout=60)
        self.assertEqual(3, ended.returncode)
        self.assertIn("the standard output cannot be written: No space left on device", ended.stderr)

    def test_of_no_time_no_kind_and_no_round_are_refused(self):
        for arguments in (
            ("--from", "soon"),
            ("--from", "4s", "--to", "2s"),
            ("--kind", "tea"),
            ("--phase", "tea"),
            ("--client", "-1"),
            ("--round", "1"),
        ):
            with self.subTest(arguments=arguments):
                self.assertEqual(2, wsbench("events", self.run_directory, *arguments).returncode)


class TheRunsOfARoot(WithRun):
    NAMES = [f"once-2026112{day}T000000Z" for day in (3, 4, 5)]

    def setUp(self):
        for name in self.NAMES:
            if not (self.runs.root / name).exists():
                self.runs.copy(name)

    def names(self):
        return sorted(path.name for path in self.runs.root.iterdir())

    def test_are_listed(self):
        listed = json.loads(self.run_ok("runs", self.runs.root, "--json"))
        self.assertEqual([RUN_NAME, *self.NAMES], [os.path.basename(run["path"]) for run in listed])
        for run in listed:
            self.assertEqual(("once", "complete", [self.contestant], 1, 1),
                             (run["suite"], run["state"], run["contestants"], run["turns"], run["finished_turns"]))
            self.assertGreater(run["bytes"], 10_000)
        self.assertEqual("2026-11-22T21:30:00Z", listed[0]["time"])
        table = self.run_ok("runs", self.runs.root).splitlines()
        self.assertEqual(5, len(table))
        self.assertIn("complete", table[1])
        self.assertEqual(2, wsbench("runs", self.runs.root / "none").returncode)

    def test_are_deleted_by_name(self):
        doomed = self.runs.root / self.NAMES[0]
        ended = wsbench("rm", doomed)
        self.assertEqual(2, ended.returncode)
        self.assertIn("--yes", ended.stderr)
        self.assertIn(str(doomed), ended.stdout)
        self.assertTrue(doomed.exists())
        self.run_ok("rm", f"{doomed}/", "--yes")
        self.assertEqual([RUN_NAME, *self.NAMES[1:]], self.names())

    def test_are_deleted_after_a_question_on_a_terminal(self):
        doomed = self.runs.root / self.NAMES[1]
        for answer, is_there in ((b"n\n", True), (b"\n", True), (b"y\n", False)):
            ours, theirs = pty.openpty()
            os.write(ours, answer)
            ended = subprocess.run([PROGRAM, "rm", doomed], stdin=theirs, capture_output=True, text=True, timeout=60)
            self.assertIn("Delete?", ended.stdout)
            self.assertEqual(2 if is_there else 0, ended.returncode)
            self.assertEqual(is_there, doomed.exists())
            os.close(ours)
            os.close(theirs)

    def test_stay_when_they_are_written_or_are_none(self):
        run = self.runs.root / self.NAMES[2]
        other = self.runs.root.parent / "other"
        (other / "db").mkdir(parents=True, exist_ok=True)
        (other / "db" / "CURRENT").write_text("MANIFEST-000001\n")
        link = self.runs.root.parent / "link"
        if not link.is_symlink():
            link.symlink_to(run)
        broken = pathlib.Path(shutil.copytree(run, other.parent / "once-20261101T000000Z"))
        next((broken / "db").glob("MANIFEST-*")).unlink()
        linked = other.parent / "linked-20261101T000000Z"
        linked.mkdir()
        (linked / "db").symlink_to(run / "db")
        for path, complaint in ((broken, "Cannot"), (linked, "a symbolic link"),
                                (self.runs.root, "no run's directory"), (run / "db", "no run's directory"),
                                (other, "Cannot"), (link, "symbolic link"),
                                (self.runs.root / "none", "no run's directory")):
            with self.subTest(path=path):
                ended = wsbench("rm", "--yes", run, path)
                self.assertEqual(2, ended.returncode)
                self.assertIn(complaint, ended.stderr)
                self.assertTrue(run.exists())
        with (run / "db" / "LOCK").open("r+") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            self.assertEqual("running", json.loads(self.run_ok("runs", self.runs.root, "--json"))[-1]["state"])
            self.assertIn("is being written", wsbench("rm", "--yes", run).stderr)
            self.assertTrue(run.exists())
            # Nor is it pruned, though it counts.
            self.addCleanup(shutil.copytree, run, self.run_directory)
            self.run_ok("prune", self.runs.root, "--keep", "0", "--suite", "other", "--yes")
            self.run_ok("prune", self.runs.root, "--keep", "2", "--yes")
            self.assertTrue(run.exists())

    def test_are_pruned_from_the_oldest_on(self):
        leftover = self.runs.root / ".once-20261101T000000Z.removed"
        (leftover / "db").mkdir(parents=True)
        kept_root = self.runs.root.parent / "kept"
        kept_root.mkdir()
        for name in self.NAMES:
            os.rename(self.runs.root / name, kept_root / name)
        (kept_root / "notes").mkdir()
        self.assertEqual(2, wsbench("prune", kept_root, "--keep", "1").returncode)
        said = self.run_ok("prune", kept_root, "--keep", "1", "--yes")
        self.assertIn("2 runs to delete", said)
        self.assertEqual(["notes", self.NAMES[2]], sorted(path.name for path in kept_root.iterdir()))
        self.assertIn("nothing to delete", self.run_ok("prune", kept_root, "--keep", "1", "--yes"))
        # What an earlier removal has left is told and asked for like a run.
        ended = wsbench("prune", self.runs.root, "--keep", "1")
        self.assertEqual(2, ended.returncode)
        self.assertIn(str(leftover), ended.stdout)
        self.assertTrue(leftover.exists())
        self.run_ok("prune", self.runs.root, "--keep", "1", "--suite", "other", "--yes")
        self.assertTrue(leftover.exists())
        self.assertIn("0 runs to delete", self.run_ok("prune", self.runs.root, "--keep", "1", "--yes"))
        self.assertFalse(leftover.exists())

    @unittest.skipUnless(shutil.which("ldb"), "no ldb here (Debian's rocksdb-tools)")
    def test_whose_start_failed_do_not_count_and_other_databases_stay(self):
        root = self.runs.root.parent / "starts"
        root.mkdir()
        kept = [root / self.NAMES[1], root / self.NAMES[2]]
        for path in kept:
            os.rename(self.runs.root / path.name, path)
        foreign, old = root / "cache-20261101T000000Z", root / "once-20261101T000000Z"
        for path in (foreign, old, root / "once-20261201T000000Z", root / "once-20261202T000000Z"):
            path.mkdir()
            database = f"--db={path / 'db'}"
            subprocess.run(["ldb", database, "--create_if_missing", "put", "key", "value"], check=True,
                           stdout=subprocess.DEVNULL, timeout=60)
            if path != foreign:
                subprocess.run(["ldb", database, "delete", "key"], check=True, stdout=subprocess.DEVNULL, timeout=60)
        ended = wsbench("rm", "--yes", foreign)
        self.assertEqual(2, ended.returncode)
        self.assertIn("not of a run", ended.stderr)
        ended = wsbench("prune", root, "--keep", "2", "--yes")
        self.assertEqual(0, ended.returncode)
        self.assertIn(f"passed over: {foreign}", ended.stderr)
        self.assertIn("1 run to delete", ended.stdout)
        self.assertFalse(old.exists())
        for path in (foreign, *kept):
            self.assertTrue(path.exists())
        self.run_ok("rm", "--yes", root / "once-20261201T000000Z")

    def test_that_cannot_be_read_count_and_are_passed_over(self):
        root = self.runs.root.parent / "broken"
        root.mkdir()
        for name in self.NAMES:
            os.rename(self.runs.root / name, root / name)
        for name in self.NAMES[::2]:
            next((root / name / "db").glob("MANIFEST-*")).unlink()
        ended = wsbench("prune", root, "--keep", "1", "--yes")
        self.assertEqual(0, ended.returncode)
        self.assertIn("passed over: Cannot", ended.stderr)
        self.assertEqual(self.NAMES[::2], sorted(path.name for path in root.iterdir()))

    def test_stay_when_the_question_is_interrupted(self):
        doomed = self.runs.root / self.NAMES[0]
        ours, theirs = pty.openpty()
        asking = subprocess.Popen([PROGRAM, "rm", doomed], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True)
        try:
            said = ""
            while not said.endswith("[y/N] "):
                said += asking.stdout.read(1) or self.fail("it did not ask")
            asking.send_signal(signal.SIGINT)
            error = asking.communicate(timeout=30)[1]
        finally:
            asking.kill()
            asking.wait()
            os.close(ours)
            os.close(theirs)
        self.assertEqual(130, asking.returncode)
        self.assertIn("nothing was deleted", error)
        self.assertTrue(doomed.exists())

    def test_that_cannot_be_read_or_found_are_told_apart_by_the_exit_code(self):
        broken = self.runs.root / self.NAMES[0]
        (broken / "db" / "CURRENT").write_text("MANIFEST-999999\n")
        self.addCleanup(shutil.rmtree, broken)
        for command in ("export", "events"):
            with self.subTest(command=command):
                self.assertEqual(3, wsbench(command, broken).returncode)
                self.assertEqual(2, wsbench(command, self.runs.root / "none").returncode)
                unknown = wsbench(command, self.run_directory, "unheard-of")
                self.assertEqual(2, unknown.returncode)
                self.assertIn("has no contestant unheard-of", unknown.stderr)


if __name__ == "__main__":
    unittest.main()
