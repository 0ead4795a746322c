"""The daemon as its users meet it: supervisorctl, xmlrpc.client, curl, promtool and wsbench's own commands."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time
import unittest
import xmlrpc.client

from daemon_harness import PROGRAM, SUITE, Daemon, DaemonTest, wait_until

LONG = {"seconds": 60, "servers": ["cpp-websocketpp", "node-ws"]}


def children_of(pid):
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append(int(entry.name))
                found += children_of(int(entry.name))
    return found


class Supervisorctl(DaemonTest):
    def test_asks_and_commands_as_it_would_a_supervisord(self):
        daemon = self.daemon()
        daemon.submit("long", **LONG)
        daemon.wait_for_turn("long", "cpp-websocketpp", "measuring")
        time.sleep(2)

        status, out = daemon.supervisorctl("status")
        self.assertIn(status, (0, 3))  # 3: not every program is RUNNING
        self.assertRegex(out, r"long:cpp-websocketpp +RUNNING +measuring \d+ of 60 s, 10 clients, \d+ msg/s, p99 ")
        self.assertRegex(out, r"long:node-ws +STOPPED +waiting, 2 of 2")

        self.assertIn("long:node-ws", daemon.supervisorctl("status", "long:node-ws")[1])
        self.assertNotIn("cpp-websocketpp", daemon.supervisorctl("status", "long:node-ws")[1])
        self.assertEqual(str(daemon.process.pid), daemon.supervisorctl("pid")[1].strip())
        self.assertRegex(daemon.supervisorctl("version")[1], r"^\d+\.\d+\.\d+$")
        self.assertRegex(daemon.supervisorctl("avail")[1], r"long:cpp-websocketpp +in use")
        self.assertIn("cpp-websocketpp round 1: measuring", daemon.supervisorctl("maintail")[1])
        self.assertIn("no such process", daemon.supervisorctl("status", "long:nobody")[1])
        self.assertIn("ERROR (already started)", daemon.supervisorctl("start", "long:*")[1])
        self.assertIn("UNKNOWN_METHOD", daemon.supervisorctl("reread")[1])

        self.assertIn("long:node-ws: stopped", daemon.supervisorctl("stop", "long:node-ws")[1])
        self.assertEqual("skipped", daemon.contestant("long", "node-ws")["state"])
        self.assertIn("long:cpp-websocketpp: stopped", daemon.supervisorctl("stop", "long:cpp-websocketpp")[1])
        job = daemon.wait_for_job("long", "complete")
        self.assertEqual(["skipped", "skipped"], [one["state"] for one in job["contestants"]])

        self.assertIn("started", daemon.supervisorctl("start", "long:*")[1])
        daemon.wait_for_turn("long", "cpp-websocketpp", "measuring")
        self.assertIn("stopped", daemon.supervisorctl("stop", "long:*")[1])
        daemon.wait_for_job("long", "cancelled")

        daemon.supervisorctl("shutdown")
        self.assertEqual(0, daemon.process.wait(15))

    def test_reads_and_follows_logs(self):
        daemon = self.daemon()
        daemon.submit("long", **{**LONG, "servers": ["node-ws"]})
        daemon.wait_for_turn("long", "node-ws", "measuring")
        log = next(daemon.runs.glob("long-*/supervisord/node-ws-stderr.log"))
        log.write_text("a line that a contestant wrote\n")
        self.assertIn("a line that a contestant wrote", daemon.supervisorctl("tail", "long:node-ws", "stderr")[1])

        followed = subprocess.Popen(["supervisorctl", "-s", daemon.url, "tail", "-f", "long:node-ws", "stderr"],
                                    stdout=subprocess.PIPE, cwd=self.directory)
        try:
            os.set_blocking(followed.stdout.fileno(), False)
            seen = b""

            def sees(text):
                nonlocal seen
                seen += followed.stdout.read() or b""
                return text in seen

            wait_until(lambda: sees(b"that a contestant wrote"), "the log's end")
            with log.open("a") as out:
                out.write("and one more\n")
            wait_until(lambda: sees(b"and one more"), "what was added")
        finally:
            followed.kill()
            followed.wait()
            followed.stdout.close()


class XmlRpc(DaemonTest):
    def test_any_client_finds_its_way(self):
        rpc = self.daemon().rpc
        methods = rpc.system.listMethods()
        self.assertEqual(sorted(methods), methods)
        for method in ("supervisor.getAllProcessInfo", "system.multicall", "wsbench.submit"):
            self.assertIn(method, methods)
            self.assertTrue(rpc.system.methodHelp(method))
            self.assertIsInstance(rpc.system.methodSignature(method), list)
        self.assertEqual("3.0", rpc.supervisor.getAPIVersion())
        self.assertEqual("RUNNING", rpc.supervisor.getState()["statename"])
        # As supervisord answers: bare values, so that xmlrpc.client's own MultiCall can't read it.
        pid, fault = rpc.system.multicall([{"methodName": "supervisor.getPID", "params": []},
                                           {"methodName": "supervisor.getProcessInfo", "params": ["x:y"]}])
        self.assertIsInstance(pid, int)
        self.assertEqual({"faultCode": 10, "faultString": "BAD_NAME: x:y"}, fault)

    def test_a_suite_is_submitted_measured_and_read(self):
        daemon = self.daemon()
        rpc = daemon.rpc
        daemon.submit("small")
        daemon.wait_for_job("small", "complete")
        info = rpc.supervisor.getProcessInfo("small:node-ws")
        self.assertEqual(("EXITED", 0), (info["statename"], info["exitstatus"]))
        self.assertRegex(info["description"], "^completed: p50 ")
        self.assertEqual([("small", True, 2)], [(run["suite"], run["state"] == "complete", run["contestants"])
                                                for run in rpc.wsbench.runs()])
        results = json.loads(rpc.wsbench.result("small"))
        self.assertTrue(results["complete"])
        self.assertIn("node-ws", rpc.wsbench.report(rpc.wsbench.runs()[0]["run"]))

    def test_what_is_wrong_with_a_suite_is_told_line_by_line(self):
        rpc = self.daemon().rpc
        with self.assertRaises(xmlrpc.client.Fault) as raised:
            rpc.wsbench.submit("bad.json", '{\n "host": "h",\n "clints": 5,\n "seconds": -1\n}', {})
        self.assertEqual(3, raised.exception.faultCode)
        self.assertIn('bad.json:3: /clints: unknown key; did you mean "clients"?', raised.exception.faultString)
        self.assertIn("bad.json:4: /seconds:", raised.exception.faultString)

    def test_no_password_comes_to_the_disk_and_no_variable_but_its_own_is_read(self):
        daemon = self.daemon()
        for supervisord in ("http://user:secret@127.0.0.1:9001", {"host": "x", "user": "u", "password": "secret"},
                            {"host": "x", "user": "u", "password_env": "PATH"}):
            with self.subTest(supervisord=supervisord), self.assertRaises(xmlrpc.client.Fault) as raised:
                daemon.submit("secret", supervisord=supervisord)
            self.assertIn("WSBENCH_", raised.exception.faultString)
            self.assertNotIn("secret@", raised.exception.faultString)
        self.assertEqual({}, daemon.jobs())


class Commands(DaemonTest):
    def test_submit_status_queue_cancel_result_and_tail(self):
        daemon = self.daemon()
        suite = self.directory / "quick.json"
        suite.write_text(json.dumps(SUITE))
        submitted = daemon.command("submit", suite, "--set", "seconds=60")
        self.assertEqual(0, submitted.returncode, submitted.stderr)
        self.assertIn("quick is submitted", submitted.stdout)
        self.assertIn("quick-2 is submitted, 1 before it", daemon.command("submit", suite).stdout)
        daemon.wait_for_turn("quick", "cpp-websocketpp", "measuring")
        told = re.compile(r"quick:cpp-websocketpp +measuring +measuring \d+ of 60 s")
        wait_until(lambda: told.search(daemon.command("status").stdout), "the first second's figures")
        self.assertRegex(daemon.command("queue").stdout, r"1 +quick +running +0/2")
        self.assertIn("measuring", daemon.command("watch").stdout)
        self.assertEqual(0, daemon.command("tail", "cpp-websocketpp", "stderr").returncode)
        self.assertEqual(0, daemon.command("cancel", "quick-2:node-ws").returncode)
        self.assertEqual(0, daemon.command("cancel", "quick").returncode)
        daemon.wait_for_job("quick", "cancelled")
        daemon.wait_for_job("quick-2", "complete")
        self.assertRegex(daemon.command("result", "quick-2").stdout, r"cpp-websocketpp +\d")
        self.assertEqual("skipped", daemon.contestant("quick-2", "node-ws")["state"])
        self.assertEqual("quick", json.loads(daemon.command("result", "quick-2", "--json").stdout)["suite"])
        self.assertEqual(2, daemon.command("cancel", "nothing").returncode)
        self.assertEqual(2, daemon.command("cancel", "quick").returncode)

    def test_say_what_to_do_when_no_daemon_runs(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        for command in (["status"], ["queue"], ["cancel", "x"], ["watch"], ["result"], ["tail", "x"]):
            with self.subTest(command=command):
                done = subprocess.run([PROGRAM, *command, "--server", f"127.0.0.1:{port}"], text=True,
                                      capture_output=True, timeout=30, check=False)
                self.assertEqual(3, done.returncode)
                self.assertIn("wsbench daemon configs/daemon.json", done.stderr)
                self.assertEqual(1, done.stderr.count("\n"), done.stderr)


class Http(DaemonTest):
    def test_metrics_are_such_as_promtool_checks_them(self):
        promtool = shutil.which("promtool")
        if promtool is None:
            self.skipTest("no promtool (package prometheus)")
        daemon = self.daemon()
        daemon.submit("long", **LONG)
        daemon.wait_for_turn("long", "cpp-websocketpp", "measuring")
        time.sleep(2)
        _, metrics = daemon.get("/metrics")
        self.assertRegex(metrics, r'wsbench_message_latency_seconds_bucket\{.*contestant="cpp-websocketpp".*le="')
        checked = subprocess.run([promtool, "check", "metrics"], input=metrics, text=True, capture_output=True,
                                 timeout=30, check=False)
        self.assertEqual((0, ""), (checked.returncode, checked.stdout + checked.stderr))

    def test_curl_reads_submits_and_cancels(self):
        daemon = self.daemon()

        def curl(*arguments):
            done = subprocess.run(["curl", "-sS", "-m", "10", "-w", "\n%{http_code}", *arguments], text=True,
                                  capture_output=True, timeout=20, check=True)
            body, _, status = done.stdout.rpartition("\n")
            return int(status), body

        self.assertEqual((200, "ok"), (curl(daemon.url + "/healthz")[0], curl(daemon.url + "/healthz")[1].strip()))
        body = json.dumps({"name": "posted", "config": {**SUITE, **LONG}, "local": True})
        status, answer = curl("-H", "Content-Type: application/json", "-d", body, daemon.url + "/api/suites")
        self.assertEqual((201, "posted"), (status, json.loads(answer)["group"]))
        self.assertEqual(415, curl("-d", body, daemon.url + "/api/suites")[0])
        status, _ = curl("-X", "POST", "-H", "Content-Type: application/json", "-d", "{}",
                         daemon.url + "/api/suites/posted/cancel")
        self.assertEqual(200, status)
        daemon.wait_for_job("posted", "cancelled")
        for path in ("/runs/../daemon.json", "/runs/%2e%2e/daemon.json", "/api/runs/..%2f..%2fetc", "/runs/queue/CURRENT"):
            self.assertIn(curl("--path-as-is", daemon.url + path)[0], (400, 404), path)


class Security(DaemonTest):
    def test_beyond_loopback_a_password_is_needed(self):
        (self.directory / "open.json").write_text(json.dumps({"db_root": str(self.directory), "listen": "0.0.0.0:0"}))
        done = subprocess.run([PROGRAM, "daemon", self.directory / "open.json"], text=True, capture_output=True,
                              timeout=30, check=False)
        self.assertEqual(2, done.returncode)
        self.assertIn("password", done.stderr)

    def test_a_login_is_asked_for_everything_but_healthz(self):
        sha = "{SHA}5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8"  # of "password"
        daemon = self.daemon(user="bench", password=sha)
        self.assertEqual(200, daemon.get("/healthz")[0])
        for path in ("/", "/api/status", "/metrics", "/mainlogtail"):
            self.assertEqual(401, daemon.get(path)[0], path)
        self.assertEqual(200, daemon.get("/api/status", Authorization="Basic YmVuY2g6cGFzc3dvcmQ=")[0])
        self.assertEqual(401, daemon.get("/api/status", Authorization="Basic YmVuY2g6d3Jvbmc=")[0])
        with_login = daemon.url.replace("//", "//bench:password@")
        self.assertEqual(0, subprocess.run([PROGRAM, "queue", "--server", with_login], timeout=30, check=False,
                                           capture_output=True).returncode)
        refused = daemon.command("queue")
        self.assertEqual(3, refused.returncode)
        self.assertNotIn("Traceback", refused.stderr)

    def test_a_page_of_another_site_may_do_nothing(self):
        daemon = self.daemon()
        self.assertEqual(403, daemon.get("/api/status", Origin="https://example.org")[0])
        self.assertEqual(403, daemon.get("/api/status", Host="example.org")[0])

    def test_200_slow_or_silent_connections_change_nothing_for_others(self):
        daemon = self.daemon()
        daemon.submit("long", **LONG)
        daemon.wait_for_turn("long", "cpp-websocketpp", "measuring")
        address = daemon.url.removeprefix("http://").split(":")
        idle = []
        try:
            for i in range(200):
                connection = socket.create_connection((address[0], int(address[1])), timeout=5)
                if i % 2:
                    connection.sendall(b"POST /RPC2 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le")
                idle.append(connection)
            for connection in idle[1::2]:
                connection.sendall(b"n")
            began = time.monotonic()
            for _ in range(20):
                self.assertEqual(200, daemon.get("/api/status")[0])
            self.assertLess(time.monotonic() - began, 30)
            self.assertEqual("measuring", daemon.contestant("long", "cpp-websocketpp")["state"])
        finally:
            for connection in idle:
                connection.close()


class Service(DaemonTest):
    def test_a_second_daemon_on_the_same_db_root_is_refused_by_name(self):
        daemon = self.daemon(pid_file=str(self.directory / "pid"))
        other = self.directory / "other.json"
        other.write_text(json.dumps({**daemon.config, "pid_file": str(self.directory / "other-pid")}))
        done = subprocess.run([PROGRAM, "daemon", other], text=True, capture_output=True, timeout=30, check=False)
        self.assertEqual(3, done.returncode)
        self.assertIn(f"another wsbench daemon serves {daemon.runs} already", done.stderr)
        same = subprocess.run([PROGRAM, "daemon", daemon.file], text=True, capture_output=True, timeout=30, check=False)
        self.assertEqual(3, same.returncode)
        self.assertIn(f"process {daemon.process.pid}'s", same.stderr)

    def test_sigterm_ends_it_within_ten_seconds_with_the_contestant_stopped(self):
        daemon = self.daemon(pid_file=str(self.directory / "pid"))
        self.assertEqual(str(daemon.process.pid), (self.directory / "pid").read_text().strip())
        daemon.submit("long", **LONG)
        daemon.wait_for_turn("long", "cpp-websocketpp", "measuring")
        below = children_of(daemon.process.pid)
        self.assertGreaterEqual(len(below), 2)  # a supervisord and the contestant
        began = time.monotonic()
        self.assertEqual(0, daemon.stop())
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual([], [pid for pid in below if pathlib.Path(f"/proc/{pid}").exists()])
        self.assertFalse((self.directory / "pid").exists())
        run = next(daemon.runs.glob("long-*"))
        self.assertEqual(0, subprocess.run([PROGRAM, "report", run], capture_output=True, timeout=30, check=False).returncode)

    def test_sighup_opens_the_log_anew(self):
        log = self.directory / "log"
        daemon = self.daemon(log_file=str(log))
        log.rename(self.directory / "log.1")
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(log.exists, "a new log")
        wait_until(lambda: "log opened anew" in log.read_text(), "the first line in it")
        self.assertIsNone(daemon.process.poll())

    def test_systemd_is_told_of_readiness_and_life(self):
        path = self.directory / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(str(path))
            notified.settimeout(10)
            os.environ.update(NOTIFY_SOCKET=str(path), WATCHDOG_USEC="400000")
            try:
                daemon = self.daemon()
            finally:
                del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
            told = []
            while "WATCHDOG=1" not in told[-1:]:
                told += notified.recv(4096).decode().split("\n")
            self.assertIn("READY=1", told)
            self.assertLess(told.index("READY=1"), told.index("WATCHDOG=1"))
            daemon.process.send_signal(signal.SIGTERM)
            while "STOPPING=1" not in told:
                told += notified.recv(4096).decode().split("\n")
            self.assertEqual(0, daemon.process.wait(10))


class Measurement(DaemonTest):
    def test_answering_gives_way_to_measuring(self):
        daemon = self.daemon()
        daemon.submit("asked", clients=200, seconds=5)
        daemon.wait_for_turn("asked", "cpp-websocketpp", "measuring")
        tasks = {int(task.name): (task / "comm").read_text().strip()
                 for task in pathlib.Path(f"/proc/{daemon.process.pid}/task").iterdir()}
        answering = [tid for tid, name in tasks.items() if name in ("wsbench-web", "wsbench-task", "wsbench-feed")]
        self.assertEqual(3, len(answering), tasks)
        for tid in answering:
            self.assertEqual(os.SCHED_IDLE, os.sched_getscheduler(tid), tasks[tid])
        for tid in tasks.keys() - set(answering) - {tid for tid, name in tasks.items() if name.startswith("wsbench-")}:
            self.assertEqual(os.SCHED_OTHER, os.sched_getscheduler(tid), tasks[tid])

        # Ten queries a second for as long as it measures: nothing is lost, and nothing that was to be recorded.
        while daemon.jobs()["asked"]["state"] == "running":
            daemon.rpc.supervisor.getAllProcessInfo()
            time.sleep(0.1)
        for contestant in json.loads(daemon.rpc.wsbench.result("asked"))["contestants"]:
            measured = contestant["rounds"][0]
            self.assertEqual(("completed", 0, 0), (measured["state"], measured["lost"], measured["lost_events"]))
            self.assertEqual(200 * 50, measured["sent"])


class Foreground(DaemonTest):
    def test_a_run_that_listens_can_be_watched_and_shortened(self):
        suite = self.directory / "front.json"
        suite.write_text(json.dumps({**SUITE, **LONG, "db_root": str(self.directory / "runs")}))
        run = subprocess.Popen([PROGRAM, "run", suite, "--local", "--listen", "127.0.0.1:0"], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            first = run.stderr.readline()
            url = re.search(r"listening at (http://\S+)", first)[1]
            rpc = xmlrpc.client.ServerProxy(url + "/RPC2")

            def states():
                return {info["name"]: info["statename"] for info in rpc.supervisor.getAllProcessInfo()}

            wait_until(lambda: states().get("cpp-websocketpp") == "RUNNING", "the first contestant runs")
            with self.assertRaises(xmlrpc.client.Fault) as raised:
                rpc.wsbench.submit("other", json.dumps(SUITE), {})
            self.assertIn("wsbench daemon", raised.exception.faultString)
            self.assertTrue(rpc.supervisor.stopProcess("front:cpp-websocketpp"))
            wait_until(lambda: states().get("node-ws") == "RUNNING", "the second contestant runs")
            self.assertTrue(rpc.supervisor.stopProcess("front:*"))
            out, _ = run.communicate(timeout=30)
            self.assertEqual(130, run.returncode)
            self.assertRegex(out, r"cpp-websocketpp.*skipped")
        finally:
            run.kill()
            run.communicate()


if __name__ == "__main__":
    unittest.main()
