"""The launcher: what it says of wrong arguments, and what it starts."""

import os
import pathlib
import subprocess
import tempfile
import unittest
import xmlrpc.client

import harness

SERVE = str(harness.COMPETITION / "serve")


def run_serve(*arguments, **environment):
    return subprocess.run(
        [SERVE, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


class ServeTest(unittest.TestCase):
    def test_help_goes_to_stdout_and_names_every_option(self):
        result = run_serve("--help")
        self.assertEqual((0, ""), (result.returncode, result.stderr))
        for option in ("--listen", "--port", "--address", "--directory", "--user", "--password-from-env"):
            self.assertIn(option, result.stdout)

    def test_wrong_arguments_are_refused_with_what_is_wrong(self):
        for arguments, complaint in (
            (["--prot", "1"], "unknown argument: --prot"),
            (["--port"], "--port needs a value"),
            (["--port", "80a"], "--port: no port number: '80a'"),
            (["--port=0"], "--port: no port number: '0'"),
            (["--port", "65536"], "--port: no port number: '65536'"),
            (["--listen", "9001"], "--listen: expected ADDR:PORT"),
            (["--listen", "[::1]:9001"], "IPv4 only"),
            (["--user", "me"], "--user and --password-from-env go together"),
            (["--user", "me", "--password-from-env", "WSBENCH_UNSET"], "WSBENCH_UNSET is unset or empty"),
            (["--user", "me", "--password-from-env", "A;id"], "no variable name"),
        ):
            with self.subTest(arguments):
                result = run_serve(*arguments)
                self.assertEqual((2, ""), (result.returncode, result.stdout))
                self.assertIn(complaint, result.stderr)

    def test_without_supervisord_it_says_what_to_install(self):
        with tempfile.TemporaryDirectory() as empty:
            result = run_serve(PATH=empty)
        self.assertEqual(3, result.returncode)
        self.assertIn("apt-get install supervisor", result.stderr)

    def test_another_users_directory_is_refused(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give a directory away")
        with tempfile.TemporaryDirectory() as directory:
            os.chown(directory, 65534, 65534)
            result = run_serve("--directory", directory)
        self.assertEqual(3, result.returncode)
        self.assertIn("belongs to another user", result.stderr)

    def test_a_password_is_asked_for_and_never_shown(self):
        secret = "s%e:c;r#et"
        with harness.Supervisord(
            arguments=["--user", "me", "--password-from-env", "OF_THE_TEST"], environment={"OF_THE_TEST": secret}
        ) as supervisord:
            with self.assertRaises(xmlrpc.client.ProtocolError) as caught:
                supervisord.rpc.supervisor.getState()
            self.assertEqual(401, caught.exception.errcode)
            with supervisord.proxy("me:s%25e:c;r%23et@") as authorised:
                self.assertEqual("RUNNING", authorised.supervisor.getState()["statename"])
                self.assertNotIn(secret, authorised.supervisor.readLog(0, 0))
        self.assertNotIn(secret, supervisord.output)

    def test_logs_and_pid_file_lie_in_the_run_directory(self):
        with harness.Supervisord() as supervisord:
            self.assertEqual("RUNNING", supervisord.rpc.supervisor.getState()["statename"])
            self.assertEqual("wsbench", supervisord.rpc.supervisor.getIdentification())
            files = {file.name for file in pathlib.Path(supervisord.directory).iterdir()}
            self.assertEqual({"supervisord.log", "supervisord.pid"}, files)
            for process in supervisord.rpc.supervisor.getAllProcessInfo():
                self.assertEqual(supervisord.directory, os.path.dirname(process["stdout_logfile"]))
                self.assertNotEqual(process["stdout_logfile"], process["stderr_logfile"])

    def test_a_listener_beyond_loopback_without_a_password_is_warned_of(self):
        with harness.Supervisord(listen_address="0.0.0.0") as supervisord:
            pass
        self.assertIn("can start and stop programs here", supervisord.output)


if __name__ == "__main__":
    unittest.main()
