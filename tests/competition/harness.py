"""A supervisord of the competition, started with `serve` for a test, and what the tests ask of the machine."""

import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import xmlrpc.client

COMPETITION = pathlib.Path(__file__).resolve().parents[2] / "competition"


def contestant_names():
    return sorted(file.stem for file in (COMPETITION / "servers").glob("*.ini"))


def free_port():
    """A port that nobody listens on, on any interface."""
    with socket.create_server(("", 0)) as server:
        return server.getsockname()[1]


def wait_until(condition, what, seconds=30):
    """The first true value of `condition()`; AssertionError when it does not come."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)
    return value


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def can_listen(port):
    try:
        socket.create_server(("", port)).close()
        return True
    except OSError:
        return False


def group_members(group):
    """Pids of the processes of a process group, zombies left out."""
    members = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] != "Z":
                members.append(int(entry.name))
    return members


_PR_SET_PDEATHSIG = 1
_SYS_PIDFD_GETFD = 438  # of every architecture


def peer_socket(pids, client):
    """The socket that one of these processes talks to `client` with, as a descriptor of our own; None if there is
    none. PermissionError where the kernel does not let us."""
    libc = ctypes.CDLL(None, use_errno=True)
    for pid in pids:
        pidfd = os.pidfd_open(pid)
        try:
            for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
                if not os.readlink(link).startswith("socket:"):
                    continue
                number = libc.syscall(_SYS_PIDFD_GETFD, pidfd, int(link.name), 0)
                if number < 0:
                    raise OSError(ctypes.get_errno(), "pidfd_getfd")
                candidate = socket.socket(fileno=number)
                if candidate.family in (socket.AF_INET, socket.AF_INET6) and _is_peer(candidate, client):
                    return candidate
                candidate.close()
        finally:
            os.close(pidfd)
    return None


def _is_peer(candidate, client):
    try:
        return candidate.getpeername()[1] == client.getsockname()[1]
    except OSError:  # it listens
        return False


def _end_with_parent():
    """supervisord and what it runs must not outlive a test that is killed for taking too long."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisord:
    """Context manager. `competition` is the folder whose `serve` is run; the run directory is a temporary one."""

    def __init__(self, competition=COMPETITION, arguments=(), environment=None, listen_address="127.0.0.1"):
        self._serve = [str(competition / "serve"), *arguments]
        self._environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})}
        self.directory = tempfile.mkdtemp(prefix="wsbench-competition-test-")
        self._listen_address = listen_address
        self.port = free_port()
        self.listen_port = free_port()
        self._groups = []  # of what was started, and must not outlive supervisord

    def __enter__(self):
        self._process = subprocess.Popen(
            [
                *self._serve,
                "--listen", f"{self._listen_address}:{self.listen_port}",
                "--port", str(self.port),
                "--directory", self.directory,
            ],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=_end_with_parent,
        )  # fmt: skip
        self.rpc = self.proxy()
        try:
            wait_until(self._answers, "supervisord answers")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.rpc("close")()
        self._process.terminate()
        try:
            self.output = self._process.communicate(timeout=30)[0].decode()
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
                for group in self._groups:
                    if group_members(group):
                        os.killpg(group, signal.SIGKILL)
            shutil.rmtree(self.directory)

    def proxy(self, credentials=""):
        return xmlrpc.client.ServerProxy(f"http://{credentials}127.0.0.1:{self.listen_port}/RPC2")

    def _answers(self):
        assert self._process.poll() is None, self._process.stdout.read().decode()
        return listens(self.listen_port)

    def start(self, name):
        """Starts a program and waits until it listens; its pid."""
        self.rpc.supervisor.startProcess(name, False)
        pid = self.rpc.supervisor.getProcessInfo(name)["pid"]
        if pid:
            self._groups.append(pid)
        wait_until(lambda: listens(self.port) or not self.is_up(name), f"{name} listens")
        assert self.is_up(name), self.rpc.supervisor.readProcessStderrLog(name, -2000, 0)
        return pid

    def is_up(self, name):
        return self.rpc.supervisor.getProcessInfo(name)["statename"] == "RUNNING"
