#!/usr/bin/python3
"""Clients that others wrote, against the control server with a Host in memory: what supervisorctl prints, what
xmlrpc.client is given, what curl is answered.

usage: clients_test.py FAKE_HOST_SERVER
"""

import http.client
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import xmlrpc.client

LIMIT = 30  # seconds for anything; the server's threads take only the CPU time that nobody else wants
SERVER = None

STATUS = """\
smoke-2:cpp-websocketpp          EXITED    completed: p50 83 us
smoke-2:go-gorilla               FATAL     died: it ended under load
smoke-2:perl-ev                  STOPPED   skipped
smoke-2:node-ws                  RUNNING   measuring 34 of 60 s, 10000 clients
smoke-2:python-tornado-1         STOPPED   waiting, 5 of 6
smoke-2:python-websockets        STOPPED   waiting, 6 of 6
full:node-ws                     STOPPED   queued, 1 suite before it
smoke:node-ws                    EXITED    completed: p50 90 us
"""

# Of supervisord 4.2.5.
INFO_FIELDS = {
    "name", "group", "start", "stop", "now", "state", "statename", "spawnerr", "exitstatus", "logfile",
    "stdout_logfile", "stderr_logfile", "pid", "description",
}
CONFIG_FIELDS = {
    "autostart", "directory", "uid", "command", "exitcodes", "group", "group_prio", "inuse", "killasgroup", "name",
    "process_prio", "redirect_stderr", "startretries", "startsecs", "stdout_capture_maxbytes",
    "stdout_events_enabled", "stdout_logfile", "stdout_logfile_backups", "stdout_logfile_maxbytes", "stdout_syslog",
    "stopsignal", "stopwaitsecs", "stderr_capture_maxbytes", "stderr_events_enabled", "stderr_logfile",
    "stderr_logfile_backups", "stderr_logfile_maxbytes", "stderr_syslog", "serverurl",
}


class Served(unittest.TestCase):
    """A server of its own for each test."""

    login = ()

    def setUp(self):
        self.server = subprocess.Popen([SERVER, *self.login], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end_server)
        self.port = int(self.server.stdout.readline().split()[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def end_server(self):
        self.server.stdin.close()
        try:
            self.server.wait(LIMIT)
        finally:
            self.server.kill()
            self.server.wait()
            self.server.stdout.close()

    def say(self, line):
        self.server.stdin.write(line + "\n")
        self.server.stdin.flush()

    def calls(self):
        self.say("calls")
        return self.server.stdout.readline().strip().split(";")[:-1]


class Control(Served):
    """With Debian's supervisorctl."""

    def setUp(self):
        super().setUp()
        self.config = tempfile.NamedTemporaryFile("w", suffix=".conf")
        self.addCleanup(self.config.close)
        self.config.write("[supervisorctl]\n")
        self.config.flush()

    def command(self, *arguments):
        return ["supervisorctl", "-c", self.config.name, "-s", self.url, *arguments]

    def ctl(self, *arguments):
        """Its exit code and what it printed."""
        done = subprocess.run(self.command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=LIMIT)
        return done.returncode, done.stdout

    def follow(self, *arguments, lines):
        """What a following tail prints until it has printed what was added, and was then interrupted."""
        # Its stderr may speak of the interrupt, wherever that finds it.
        tail = subprocess.Popen(self.command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, text=True)
        watchdog = threading.Timer(LIMIT, tail.kill)
        watchdog.start()
        printed = ""
        try:
            # Each line that it has printed asks for the next: nothing is said before it listens.
            for awaited, said in lines:
                while not printed.endswith(awaited):
                    part = tail.stdout.readline()
                    self.assertTrue(part, f"it ended after {printed!r}")
                    printed += part
                if said:
                    self.say(said)
            tail.send_signal(signal.SIGINT)
            printed += tail.stdout.read()
            tail.wait(LIMIT)
        finally:
            watchdog.cancel()
            tail.kill()
            tail.wait()
            tail.stdout.close()
        return printed


class Supervisorctl(Control):
    def test_status_shows_each_contestant(self):
        # 3: some process is not running.
        self.assertEqual((3, STATUS), self.ctl("status"))

    def test_status_of_names_and_groups(self):
        line = "smoke-2:node-ws                  RUNNING   measuring 34 of 60 s, 10000 clients\n"
        self.assertEqual((0, line), self.ctl("status", "smoke-2:node-ws"))
        self.assertEqual((3, "".join(STATUS.splitlines(True)[6:7])), self.ctl("status", "full:*"))
        self.assertEqual((4, "smoke-2:nobody: ERROR (no such process)\n"), self.ctl("status", "smoke-2:nobody"))
        self.assertEqual((4, "nobody: ERROR (no such group)\n"), self.ctl("status", "nobody:*"))

    def test_pid_version_and_avail(self):
        self.assertEqual((0, "4242\n"), self.ctl("pid"))
        self.assertEqual((0, "4711\n"), self.ctl("pid", "smoke-2:node-ws"))
        self.assertEqual((7, "0\n"), self.ctl("pid", "full:node-ws"))
        self.assertEqual((1, "No such process nobody\n"), self.ctl("pid", "nobody"))
        self.assertEqual((0, "0.1.0\n"), self.ctl("version"))
        code, avail = self.ctl("avail")
        self.assertEqual(0, code)
        self.assertEqual(8, len(avail.splitlines()))
        self.assertIn("smoke-2:python-tornado-1         in use    auto      1:5\n", avail)
        self.assertIn("smoke:node-ws                    in use    manual    3:1\n", avail)

    def test_logs(self):
        self.assertEqual((0, "smoke-2 node-ws stdout: listening\n\n"), self.ctl("tail", "smoke-2:node-ws"))
        self.assertEqual((0, "smoke-2 node-ws stderr: listening\n\n"), self.ctl("tail", "smoke-2:node-ws", "stderr"))
        self.assertEqual((0, "listening\n\n"), self.ctl("tail", "-10", "smoke-2:node-ws"))
        self.assertEqual((1, "smoke-2:nobody: ERROR (no such process name)\n"), self.ctl("tail", "smoke-2:nobody"))
        self.assertEqual((0, "the daemon's first line\nits second\n\n"), self.ctl("maintail"))
        self.assertEqual((0, "its second\n\n"), self.ctl("maintail", "-11"))

    def test_a_contestants_log_is_followed(self):
        printed = self.follow("tail", "-f", "smoke-2:node-ws", "stderr",
                              lines=[("listening\n", "contestant connected"), ("connected\n", "contestant gone"),
                                     ("gone\n", None)])
        self.assertEqual("==> Press Ctrl-C to exit <==\nsmoke-2 node-ws stderr: listening\nconnected\ngone\n",
                         printed.rstrip("\n") + "\n")

    def test_the_main_log_is_followed(self):
        printed = self.follow("maintail", "-f", lines=[("second\n", "log its third"), ("third\n", None)])
        self.assertEqual("==> Press Ctrl-C to exit <==\nthe daemon's first line\nits second\nits third\n",
                         printed.rstrip("\n") + "\n")

    def test_following_a_log_that_is_not_there(self):
        code, printed = self.ctl("tail", "-f", "smoke-2:nobody")
        self.assertIn("Cannot read, status code 404", printed)

    def test_start(self):
        self.assertEqual((0, "smoke-3:node-ws: started\n"), self.ctl("start", "smoke:*"))
        self.assertEqual((0, "full:node-ws: ERROR (already started)\n"), self.ctl("start", "full:*"))
        self.assertEqual((0, "smoke-2:perl-ev: started\n"), self.ctl("start", "smoke-2:perl-ev"))
        self.assertEqual((0, "smoke-2:node-ws: ERROR (already started)\n"), self.ctl("start", "smoke-2:node-ws"))
        self.assertEqual((7, "smoke-2:cpp-websocketpp: ERROR (spawn error)\n"),
                         self.ctl("start", "smoke-2:cpp-websocketpp"))
        self.assertEqual((1, "smoke-2:nobody: ERROR (no such process)\n"), self.ctl("start", "smoke-2:nobody"))
        self.assertEqual((2, "nobody: ERROR (no such group)\n"), self.ctl("start", "nobody:*"))
        self.assertEqual(["again smoke", "again full", "unskip smoke-2 perl-ev", "unskip smoke-2 cpp-websocketpp"],
                         self.calls())

    def test_stop(self):
        self.assertEqual((0, "smoke-2:node-ws: stopped\n"), self.ctl("stop", "smoke-2:node-ws"))
        self.assertEqual((0, "smoke-2:cpp-websocketpp: ERROR (not running)\n"),
                         self.ctl("stop", "smoke-2:cpp-websocketpp"))
        self.assertEqual((1, "smoke-2:nobody: ERROR (no such process)\n"), self.ctl("stop", "smoke-2:nobody"))
        self.assertEqual((0, "smoke-2:python-tornado-1: stopped\nsmoke-2:python-websockets: stopped\n"),
                         self.ctl("stop", "smoke-2:*"))
        self.assertEqual((0, "full:node-ws: stopped\n"), self.ctl("stop", "all"))
        self.assertEqual((0, "full:node-ws: ERROR (not running)\n"), self.ctl("stop", "full:*"))
        self.assertEqual((1, "nobody: ERROR (no such group)\n"), self.ctl("stop", "nobody:*"))

    def test_restart_is_cancel_and_submit(self):
        self.assertEqual((0, "full:node-ws: stopped\nfull-2:node-ws: started\n"), self.ctl("restart", "full:*"))

    def test_what_suites_have_not_is_an_error(self):
        for arguments in (["signal", "HUP", "smoke-2:node-ws"], ["reload"], ["reread"], ["update"],
                          ["clear", "smoke-2:node-ws"], ["add", "x"], ["start", "all"]):
            with self.subTest(arguments):
                code, printed = self.ctl(*arguments)
                self.assertEqual(1, code)
                self.assertRegex(printed, "^error: ")
        self.assertEqual([], self.calls())

    def test_shutdown(self):
        self.assertEqual((0, "Shut down\n"), self.ctl("shutdown"))
        self.assertEqual(0, self.server.wait(LIMIT))


class SupervisorctlWithPassword(Control):
    login = ("bench", "secret")
    given = ("-u", "bench", "-p", "secret")

    def command(self, *arguments):
        return super().command(*self.given, *arguments)

    def test_a_right_password_opens_everything(self):
        self.assertEqual((3, STATUS), self.ctl("status"))
        self.assertEqual((0, "smoke-2:node-ws: stopped\n"), self.ctl("stop", "smoke-2:node-ws"))
        printed = self.follow("maintail", "-f", lines=[("second\n", "log its third"), ("third\n", None)])
        self.assertTrue(printed.rstrip("\n").endswith("its third"))

    def test_a_wrong_or_missing_one_is_told(self):
        for self.given in (("-u", "bench", "-p", "wrong"), ()):
            code, printed = self.ctl("status")
            self.assertTrue(printed.startswith("Server requires authentication\n"), printed)
            self.assertEqual(1, code)
        self.assertEqual([], self.calls())


class XmlRpcClient(Served):
    """Python's."""

    def setUp(self):
        super().setUp()
        self.proxy = xmlrpc.client.ServerProxy(self.url + "/RPC2")
        self.addCleanup(self.proxy("close"))

    def fault(self, call, *arguments):
        with self.assertRaises(xmlrpc.client.Fault) as raised:
            call(*arguments)
        return raised.exception.faultCode, raised.exception.faultString

    def test_structs_have_supervisords_fields(self):
        for info in self.proxy.supervisor.getAllProcessInfo():
            self.assertEqual(INFO_FIELDS, set(info))
        for info in self.proxy.supervisor.getAllConfigInfo():
            self.assertEqual(CONFIG_FIELDS, set(info))
        self.assertEqual({"statecode": 1, "statename": "RUNNING"}, self.proxy.supervisor.getState())

    def test_introspection(self):
        names = self.proxy.system.listMethods()
        self.assertEqual(sorted(names), names)
        self.assertIn("wsbench.submit", names)
        for name in names:
            self.assertIn("@return", self.proxy.system.methodHelp(name))
            self.assertTrue(self.proxy.system.methodSignature(name))

    def test_multicall(self):
        results = self.proxy.system.multicall([{"methodName": "supervisor.getPID", "params": []},
                                               {"methodName": "supervisor.stopProcess", "params": ["a:b"]},
                                               {"methodName": "wsbench.runs", "params": []}])
        self.assertEqual([4242, {"faultCode": 10, "faultString": "BAD_NAME: a:b"}], results[:2])
        self.assertEqual(2, len(results[2]))

    def test_a_suite_is_submitted_and_cancelled(self):
        job = self.proxy.wsbench.submit("night", '{"host": "x"}', {"overrides": [["clients", 5]], "local": True})
        self.assertEqual((5, "night", "queued"), (job["number"], job["group"], job["state"]))
        self.assertIs(True, self.proxy.wsbench.cancel("night"))
        self.assertEqual((70, "NOT_RUNNING: night"), self.fault(self.proxy.wsbench.cancel, "night"))
        self.assertEqual((3, "BAD_ARGUMENTS: line 1: a } is missing\nhost: is missing"),
                         self.fault(self.proxy.wsbench.submit, "night", "{"))

    def test_texts_come_whole(self):
        self.assertEqual({"schema_version": 1}, json.loads(self.proxy.wsbench.result("smoke")))
        self.say("log \u00e4 & < > ]]>")
        deadline = time.monotonic() + LIMIT
        while "]]>" not in self.proxy.supervisor.readLog(0, 0) and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertTrue(self.proxy.supervisor.readLog(0, 0).endswith("\u00e4 & < > ]]>\n"))

    def test_faults(self):
        supervisor = self.proxy.supervisor
        self.assertEqual((1, "UNKNOWN_METHOD"), self.fault(supervisor.restart))
        self.assertEqual((2, "INCORRECT_PARAMETERS"), self.fault(supervisor.getPID, 1))
        self.assertEqual((10, "BAD_NAME: x:y"), self.fault(supervisor.getProcessInfo, "x:y"))
        self.assertEqual((30, "FAILED: the daemon's log is kept"), self.fault(supervisor.clearLog))

    def test_many_at_once(self):
        """More than the queue of what takes time holds: each gets a result, or is told to come again."""
        outcomes = []

        def ask():
            with xmlrpc.client.ServerProxy(self.url + "/RPC2") as proxy:
                try:
                    outcomes.append(len(proxy.wsbench.runs()))
                except xmlrpc.client.Fault as fault:
                    outcomes.append(fault.faultString)

        threads = [threading.Thread(target=ask) for _ in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(100, len(outcomes))
        self.assertIn(2, outcomes)
        self.assertEqual(set(), {outcome for outcome in outcomes if outcome != 2 and "busy" not in str(outcome)})


@unittest.skipUnless(shutil.which("curl"), "curl is not installed")
class Curl(Served):
    def curl(self, path, *options):
        """Status, content type and body."""
        done = subprocess.run(["curl", "-sS", "--path-as-is", "-m", str(LIMIT), "-w", "\n%{http_code} %{content_type}",
                               *options, self.url + path], stdout=subprocess.PIPE, text=True, check=True,
                              timeout=2 * LIMIT)
        body, _, last = done.stdout.rpartition("\n")
        status, _, content_type = last.partition(" ")
        return int(status), content_type, body

    def test_what_is_looked_at(self):
        self.assertEqual((200, "text/plain; charset=utf-8", "ok\n"), self.curl("/healthz"))
        status, content_type, body = self.curl("/api/status")
        self.assertEqual((200, "application/json"), (status, content_type))
        self.assertEqual("node-ws", json.loads(body)["live"]["contestant"])
        status, content_type, body = self.curl("/metrics")
        self.assertEqual("text/plain; version=0.0.4; charset=utf-8", content_type)
        self.assertRegex(body, r'(?m)^wsbench_open_connections\{suite="smoke",contestant="node-ws",round="0"\} 10000$')
        self.assertEqual("its second\n", self.curl("/api/log?bytes=11")[2])
        self.assertEqual({"schema_version": 1}, json.loads(self.curl("/runs/smoke-20261122T000000Z/results.json")[2]))
        self.assertEqual(200, self.curl("/healthz", "-I")[0])

    def test_what_changes_something(self):
        post = ["-H", "Content-Type: application/json", "-d"]
        status, _, body = self.curl("/api/suites", *post, '{"name": "night", "config": {"host": "x"}}')
        self.assertEqual((201, "night"), (status, json.loads(body)["group"]))
        self.assertEqual(200, self.curl("/api/suites/night/cancel", *post, "")[0])
        self.assertEqual(409, self.curl("/api/suites/night/cancel", *post, "")[0])
        self.assertEqual(415, self.curl("/api/suites/full/cancel", "-d", "")[0])
        self.assertEqual(["submit night local=false", "cancel night", "cancel night"], self.calls())

    def test_no_path_leads_out(self):
        for path in ("/api/runs/../../etc/passwd", "/api/runs/..%2f..%2fetc%2fpasswd", "/api/runs/%2e%2e",
                     "/runs/..%2f../results.json", "/runs/%2e%2e/results.json", "/../../etc/passwd",
                     "/dashboard/..%2f..%2fetc/passwd", "/logtail/..%2f..:x"):
            with self.subTest(path):
                status, _, body = self.curl(path)
                self.assertIn(status, (400, 404))
                self.assertNotIn("root:", body)

    def test_wrong_methods(self):
        self.assertEqual(405, self.curl("/RPC2")[0])
        self.assertEqual(405, self.curl("/api/status", "-X", "DELETE")[0])
        self.assertEqual(404, self.curl("/nothing")[0])


if __name__ == "__main__":
    if shutil.which("supervisorctl") is None:
        sys.exit(77)
    SERVER = sys.argv.pop(1)
    unittest.main()
