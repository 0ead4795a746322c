"""`wsbench export --to clickhouse://...` against Debian's clickhouse-server, started here and ended by its pid."""

import csv
import fcntl
import http.client
import http.server
import io
import os
import pathlib
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.error
import urllib.parse
import urllib.request

from run_harness import PROGRAM, RUN_NAME, Runs, free_port, wait_until, wsbench

SERVER = shutil.which("clickhouse-server", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin")
DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "export.md"
USER, PASSWORD = "bench", "p@ss/w:rd"
CONFIG = """<?xml version="1.0"?>
<yandex>
  <logger><level>error</level><console>1</console></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>{http_port}</http_port>
  <tcp_port>{tcp_port}</tcp_port>
  <path>{directory}/data/</path>
  <tmp_path>{directory}/tmp/</tmp_path>
  <mark_cache_size>16777216</mark_cache_size>
  <users_config>{directory}/users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
</yandex>
"""
USERS = """<?xml version="1.0"?>
<yandex>
  <profiles><default><max_memory_usage>1000000000</max_memory_usage></default></profiles>
  <users><bench><password>{password}</password><networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile><quota>default</quota></bench></users>
  <quotas><default></default></quotas>
</yandex>
"""


class Server:
    """A clickhouse-server with nothing but what stands in its own temporary directory."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="wsbench-clickhouse-")
        where = pathlib.Path(self.directory.name)
        self.port = free_port()
        (where / "config.xml").write_text(CONFIG.format(http_port=self.port, tcp_port=free_port(), directory=where))
        (where / "users.xml").write_text(USERS.format(password=PASSWORD))
        self.log = (where / "log").open("wb+")
        self.process = subprocess.Popen([SERVER, f"--config-file={where / 'config.xml'}"], stdout=self.log,
                                        stderr=self.log, stdin=subprocess.DEVNULL, cwd=where)
        try:
            wait_until(self.is_up, "clickhouse-server answers", 60)
        except AssertionError:
            print((where / "log").read_text(errors="replace")[-2000:], file=sys.stderr)
            self.close()
            raise

    def is_up(self):
        if self.process.poll() is not None:
            raise AssertionError(f"clickhouse-server ended with {self.process.returncode}")
        try:
            return self.ask("SELECT 1") == "1\n"
        except OSError:
            return False

    def ask(self, sql):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", data=sql.encode(),
                                         headers={"X-ClickHouse-User": USER, "X-ClickHouse-Key": PASSWORD})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()[:500]) from None

    def url(self, table, port=None, password=PASSWORD):
        quoted = urllib.parse.quote(password, safe="")
        return f"clickhouse://{USER}:{quoted}@127.0.0.1:{port or self.port}/default.{table}"

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.directory.cleanup()


class Unreliable(socketserver.ThreadingTCPServer):
    """Passes requests on to a server, except that

    the first insert is treated as `first` says:
      lost       taken, but never confirmed
      timed out  not taken, which status 200 hides: only a header tells
      or a function, called instead of it, before the connection is closed
    and the first `busy` questions for the server's processes are answered with 1.
    """

    allow_reuse_address = daemon_threads = True

    def __init__(self, port, first, busy=0):
        self.behind, self.first, self.busy, self.inserts, self.looks = port, first, busy, 0, 0
        super().__init__(("127.0.0.1", 0), Unreliable.Handler)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            while line := self.rfile.readline():
                method, path, _ = line.decode().split(" ", 2)
                headers = http.client.parse_headers(self.rfile)
                body = self.rfile.read(int(headers["Content-Length"]))
                status, content, header = self.answer(method, path, headers, body)
                if status is None:
                    return
                self.wfile.write(b"HTTP/1.1 %d x\r\n%sContent-Length: %d\r\n\r\n%s"
                                 % (status, header, len(content), content))

        def answer(self, method, path, headers, body):
            ours = self.server
            if b"system.processes" in body:
                ours.looks += 1
                if ours.looks <= ours.busy:
                    return 200, b"1\n", b""
            is_insert = "INSERT" in path
            ours.inserts += is_insert
            is_first = is_insert and ours.inserts == 1
            if is_first and ours.first == "timed out":
                return 200, b"", b"X-ClickHouse-Exception-Code: 209\r\n"
            if is_first and callable(ours.first):
                ours.first()
                return None, b"", b""
            behind = http.client.HTTPConnection("127.0.0.1", ours.behind, timeout=30)
            behind.request(method, path, body, {key: headers[key] for key in headers if key.startswith("X-")})
            answer = behind.getresponse()
            content = answer.read()
            behind.close()
            return (None if is_first and ours.first == "lost" else answer.status), content, b""


class ClickHouse(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.runs = Runs()
        cls.addClassCleanup(cls.runs.close)
        cls.server = Server()
        cls.addClassCleanup(cls.server.close)
        cls.events = list(csv.DictReader(io.StringIO(wsbench("events", cls.runs.run).stdout)))

    def count(self, table):
        return int(self.server.ask(f"SELECT count() FROM {table}"))

    def batches(self, table):
        return int(self.server.ask(f"SELECT uniqExact(round, batch) FROM {table}"))

    def export(self, url, *arguments):
        return wsbench("export", self.runs.run, "--to", url, *arguments)

    def test_every_event_arrives_as_it_is_stored(self):
        first = self.export(self.server.url("events"), "--create")
        self.assertEqual((0, ""), (first.returncode, first.stderr))
        self.assertIn(f"{len(self.events):,} rows", first.stdout)
        self.assertEqual([RUN_NAME], self.server.ask("SELECT DISTINCT run FROM events").split())
        there = self.server.ask(
            "SELECT intDiv(time_ns, 1000) AS timestamp, kind AS type,"
            " if(kind IN ('server', 'phase_began') OR (kind = 'instrument' AND client = 4294967295), '',"
            " toString(client)) AS client_id,"
            " multiIf(kind IN ('send_message', 'recv_message', 'read_lag'), toString(sequence),"
            " kind IN ('ws_onclose', 'EXIT'), reason, '') AS event_key,"
            " multiIf(kind = 'send_message', toString(intDiv(due_ns, 1000)), kind IN ('ws_onclose', 'EXIT'),"
            " toString(status), kind IN ('server', 'instrument', 'read_lag'), toString(value), '') AS event_data,"
            " phase, toString(round) AS round FROM events FORMAT CSVWithNames")
        fields = ("timestamp", "type", "client_id", "event_key", "event_data", "phase", "round")
        as_tuples = lambda rows: sorted(tuple(row[field] for field in fields) for row in rows)
        expected = [{**row, "event_key": ""} if row["type"] in ("server", "instrument") else row
                    for row in self.events]
        self.assertEqual(as_tuples(expected), as_tuples(csv.DictReader(io.StringIO(there))))

        again = self.export(self.server.url("events"))
        self.assertEqual(0, again.returncode)
        self.assertIn(f"0 rows, {len(self.events):,} were there already", again.stdout)
        self.assertEqual(len(self.events), self.count("events"))

    def export_through(self, proxy, table):
        """An export into a new table by way of the proxy, which is ended."""
        self.server.ask(self.export(self.server.url(table), "--ddl").stdout.rstrip().rstrip(";"))
        with proxy:
            ended = self.export(self.server.url(table, port=proxy.server_address[1]))
            proxy.shutdown()
        return ended

    def test_an_insert_whose_answer_is_lost_doubles_nothing(self):
        proxy = Unreliable(self.server.port, "lost", busy=2)
        ended = self.export_through(proxy, "unreliable")
        self.assertEqual((0, ""), (ended.returncode, ended.stderr))
        self.assertEqual(len(self.events), self.count("unreliable"))
        self.assertEqual(self.batches("unreliable"), proxy.inserts)
        self.assertEqual(2 + 2, proxy.looks)  # until the server is done with what was before; before it counts

    def test_an_insert_that_failed_behind_status_200_is_repeated(self):
        proxy = Unreliable(self.server.port, "timed out")
        ended = self.export_through(proxy, "timed_out")
        self.assertEqual((0, ""), (ended.returncode, ended.stderr))
        self.assertEqual(self.batches("timed_out") + 1, proxy.inserts)
        self.assertEqual(len(self.events), self.count("timed_out"))

    def test_a_batch_that_arrived_in_part_is_told_and_not_sent_again(self):
        contestant = self.events[0]["contestant"]
        part = ("INSERT INTO in_part (run, contestant, round, batch, time_ns, phase, kind) VALUES "
                f"('{RUN_NAME}', '{contestant}', 0, 0, 1, 'ramp', 'ws_init')")
        proxy = Unreliable(self.server.port, lambda: self.server.ask(part))
        ended = self.export_through(proxy, "in_part")
        self.assertEqual(3, ended.returncode)
        self.assertIn("DROP PARTITION", ended.stderr)
        self.assertEqual((1, 1), (proxy.inserts, self.count("in_part")))

    def test_as_many_rows_with_other_times_are_another_measurement(self):
        for table in ("measured", "shifted"):
            self.assertEqual(0, self.export(self.server.url(table), "--create").returncode)
        self.server.ask("TRUNCATE TABLE shifted")
        rest = "phase, kind, agent, shard, client, sequence, value"
        self.server.ask(f"INSERT INTO shifted (run, contestant, round, batch, time_ns, {rest}) "
                        f"SELECT run, contestant, round, batch, time_ns + 1, {rest} FROM measured")
        ended = self.export(self.server.url("shifted"))
        self.assertEqual(3, ended.returncode)
        self.assertIn("DROP PARTITION", ended.stderr)
        self.assertEqual(len(self.events), self.count("shifted"))

    def test_a_round_that_is_being_measured_is_left_out(self):
        with (self.runs.run / "db" / "LOCK").open("r+") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            ended = self.export(self.server.url("early"), "--create")
        self.assertEqual((0, ""), (ended.returncode, ended.stderr))
        self.assertIn("0 rows, of finished rounds: the run is being written", ended.stdout)
        self.assertEqual(0, self.count("early"))
        self.assertEqual(0, self.export(self.server.url("early")).returncode)
        self.assertEqual(len(self.events), self.count("early"))

    def test_an_interrupt_ends_the_wait_for_an_answer(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            silent.settimeout(30)
            exporting = subprocess.Popen(
                [PROGRAM, "export", self.runs.run, "--to", f"clickhouse://127.0.0.1:{silent.getsockname()[1]}/d.t"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                env={**os.environ, "WSBENCH_CLICKHOUSE_PASSWORD": PASSWORD})
            try:
                connection = silent.accept()[0]
                with connection, connection.makefile("rb") as stream:
                    stream.readline()
                    headers = http.client.parse_headers(stream)
                    exporting.send_signal(signal.SIGINT)
                    error = exporting.communicate(timeout=20)[1]
            finally:
                exporting.kill()
                exporting.wait()
        self.assertEqual(130, exporting.returncode)
        self.assertIn("the next export goes on", error)
        # A password without a user is the default user's.
        self.assertEqual(("default", PASSWORD), (headers["X-ClickHouse-User"], headers["X-ClickHouse-Key"]))

    def test_rows_of_another_measurement_are_not_mixed_in(self):
        self.assertEqual(0, self.export(self.server.url("mixed"), "--create").returncode)
        contestant = self.server.ask("SELECT DISTINCT contestant FROM mixed").strip()
        self.server.ask("INSERT INTO mixed (run, contestant, round, batch, time_ns, phase, kind) VALUES "
                        f"('{RUN_NAME}', '{contestant}', 0, 0, 1, 'ramp', 'ws_init')")
        ended = self.export(self.server.url("mixed"))
        self.assertEqual(3, ended.returncode)
        self.assertIn("DROP PARTITION", ended.stderr)
        self.assertEqual(len(self.events) + 1, self.count("mixed"))

    def test_what_goes_wrong_is_told_and_the_password_never(self):
        for url, complaint in ((self.server.url("none"), "doesn't exist"),
                               (self.server.url("events", password="sesame/1"), "Wrong password"),
                               (self.server.url("events", port=free_port()), "clickhouse://127.0.0.1")):
            ended = self.export(url)
            with self.subTest(complaint=complaint):
                self.assertEqual(3, ended.returncode)
                self.assertIn(complaint, ended.stderr)
                for secret in (PASSWORD, "sesame", urllib.parse.quote(PASSWORD, safe="")):
                    self.assertNotIn(secret, ended.stdout + ended.stderr)

    def test_a_server_that_is_not_clickhouse_gets_no_rows(self):
        class Page(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "6")
                self.end_headers()
                self.wfile.write(b"<html>")

            def log_message(self, *_):
                pass

        asked = []
        with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            ended = self.export(f"clickhouse://127.0.0.1:{server.server_port}/d.t")
            server.shutdown()
        self.assertEqual(3, ended.returncode)
        self.assertIn("the answer must be rows of numbers: is this ClickHouse?", ended.stderr)
        self.assertFalse([path for path in asked if "INSERT" in path])

    def test_the_password_may_come_from_the_environment(self):
        url = f"clickhouse://{USER}@127.0.0.1:{self.server.port}/default.by_environment"
        ended = wsbench("export", self.runs.run, "--to", url, "--create",
                        env={**os.environ, "WSBENCH_CLICKHOUSE_PASSWORD": PASSWORD})
        self.assertEqual((0, ""), (ended.returncode, ended.stderr))

    def test_the_ddl_is_what_creates_the_table(self):
        ddl = self.export(self.server.url("by_hand"), "--ddl").stdout
        self.server.ask(ddl.rstrip().rstrip(";"))
        self.assertEqual(0, self.export(self.server.url("by_hand")).returncode)
        self.assertEqual(len(self.events), self.count("by_hand"))

    def test_the_queries_of_the_documentation_give_what_the_report_says(self):
        self.assertEqual(0, self.export(self.server.url("documented"), "--create").returncode)
        queries = re.findall(r"```sql\n(.*?)```", DOCS.read_text(), re.DOTALL)
        self.assertEqual(3, len(queries))
        answers = [self.server.ask(query.replace("bench.events", "documented").strip().rstrip(";") + " FORMAT JSONEachRow")
                   for query in queries]
        messages = sum(row["type"] == "send_message" and row["phase"] == "measuring" for row in self.events)
        self.assertIn(f'"messages":"{messages}"', answers[0])
        for answer in answers:
            self.assertTrue(answer.strip())


if __name__ == "__main__":
    if SERVER is None:
        print("skipped: clickhouse-server is not installed")
        sys.exit(77)
    unittest.main()
