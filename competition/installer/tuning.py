"""The limits of a machine that holds 10,000 connections: shown, raised after asking, and taken back.

What is changed stands in files of wsbench's own, and the sysctls' file remembers the values that were there before: to
take the change back, those are set again and the files removed.
"""

import os
import pathlib
import re
import resource
import subprocess
import sys
from dataclasses import dataclass

from installer.report import say

SYSCTL_FILE = "etc/sysctl.d/99-wsbench.conf"
LIMITS_FILE = "etc/security/limits.d/60-wsbench.conf"
SYSTEMD_FILE = "etc/systemd/system.conf.d/60-wsbench.conf"

_FILES_WANTED = 65536
_HEAD = "# Written by `competition/setup --tune` of wsbench; `competition/setup --untune` takes it back.\n"


@dataclass(frozen=True)
class Sysctl:
    """`wanted`: numbers, each at least so much; of a range of ports, at least so wide."""

    name: str
    wanted: tuple
    why: str
    is_range: bool = False

    def suffices(self, value):
        numbers = [int(number) for number in value.split()]
        if self.is_range:
            return numbers[1] - numbers[0] >= self.wanted[1] - self.wanted[0]
        return numbers[0] >= self.wanted[0]

    def wanted_text(self):
        return " ".join(str(number) for number in self.wanted)


SYSCTLS = (
    Sysctl("net.core.somaxconn", (16384,), "the largest backlog that a server can have"),
    Sysctl("net.ipv4.tcp_max_syn_backlog", (16384,), "handshakes of TCP under way on one port"),
    # From 10000, so that no connection takes the ports that contestants and supervisord listen on.
    Sysctl("net.ipv4.ip_local_port_range", (10000, 65535), "connections from one address to one port", is_range=True),
    Sysctl("net.netfilter.nf_conntrack_max", (262144,), "connections that are tracked, those just closed among them"),
    Sysctl("fs.nr_open", (1048576,), "the most files that a process can be allowed"),
    Sysctl("fs.file-max", (1048576,), "open files of the whole machine"),
)


class Machine:
    """This machine's settings below `root`, which a test replaces. Methods that write raise OSError."""

    def __init__(self, root="/"):
        self._root = pathlib.Path(root)

    def sysctl(self, name):
        """Its value, white space as single blanks; None where the kernel has no such setting."""
        try:
            return " ".join(self._proc(name).read_text(encoding="ascii").split())
        except OSError:
            return None

    def set_sysctl(self, name, value):
        self._proc(name).write_text(value + "\n", encoding="ascii")

    def _proc(self, name):
        return self._root / "proc/sys" / name.replace(".", "/")

    def read(self, file):
        """The file's text; None if there is none."""
        try:
            return (self._root / file).read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, file, text):
        path = self._root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def remove(self, file):
        (self._root / file).unlink(missing_ok=True)

    def path(self, file):
        return str(self._root / file)

    def has_systemd(self):
        return (self._root / "run/systemd/system").is_dir()

    def hard_file_limit(self):
        """Of this shell, and so of what it starts."""
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        return sys.maxsize if limit == resource.RLIM_INFINITY else limit

    def reload_systemd(self):
        subprocess.run(["systemctl", "daemon-reexec"], stdin=subprocess.DEVNULL, check=False)


def tune(machine, yes, ask=None):
    """Shows everything, and changes what falls short, if it may. The exit status."""
    ask = ask or _ask
    short = []
    for sysctl in SYSCTLS:
        value = machine.sysctl(sysctl.name)
        suffices = value is None or sysctl.suffices(value)
        if not suffices:
            short.append((sysctl, value))
        _show(sysctl.name, value or "not here", "" if suffices else sysctl.wanted_text(), sysctl.why)
    files = machine.hard_file_limit()
    files_short = files < _FILES_WANTED
    _show("open files (hard limit)", str(files), str(_FILES_WANTED) if files_short else "", "a connection each")
    if not short and not files_short:
        say("nothing to change")
        return 0
    plan = _plan(machine, short, files_short)
    for file in plan:
        print(f"\n{machine.path(file)} would be:\n{plan[file]}", end="")
    if not _may(yes, ask, "Write these files, and set the values now?"):
        return 1
    try:
        # The files first: they hold what --untune has to know.
        for file, text in plan.items():
            machine.write(file, text)
        for sysctl, _ in short:
            machine.set_sysctl(sysctl.name, sysctl.wanted_text())
    except OSError as error:
        return _failed(error)
    if files_short:
        _reload(machine)
        say("the limit of open files holds for who logs in anew, and for services that start anew")
    return 0


def untune(machine, yes, ask=None):
    """Takes back what `tune` has changed. The exit status."""
    ask = ask or _ask
    files = [file for file in (SYSCTL_FILE, LIMITS_FILE, SYSTEMD_FILE) if machine.read(file) is not None]
    if not files:
        say("nothing to take back")
        return 0
    before = re.findall(r"^# before: (\S+) = (.*)$", machine.read(SYSCTL_FILE) or "", re.MULTILINE)
    for name, value in before:
        _show(name, machine.sysctl(name) or "not here", value, "as it was before")
    for file in files:
        print(f"{machine.path(file)} would be removed")
    if not _may(yes, ask, "Set these values, and remove these files?"):
        return 1
    try:
        for name, value in before:
            if machine.sysctl(name) is not None:
                machine.set_sysctl(name, value)
        for file in files:
            machine.remove(file)
    except OSError as error:
        return _failed(error)
    if SYSTEMD_FILE in files:
        _reload(machine)
    return 0


def _plan(machine, short, files_short):
    """file -> text. What an earlier --tune remembers as the values before stays remembered."""
    plan = {}
    if short:
        lines = (machine.read(SYSCTL_FILE) or _HEAD).splitlines()
        for sysctl, value in short:
            before = f"# before: {sysctl.name} = "
            if not any(line.startswith(before) for line in lines):
                lines.append(before + value)
            lines = [line for line in lines if not line.startswith(f"{sysctl.name} = ")]
            lines.append(f"{sysctl.name} = {sysctl.wanted_text()}")
        plan[SYSCTL_FILE] = "\n".join(lines) + "\n"
    if files_short:
        # Only the hard limit: serve and wsbench raise the soft one to it, and a high one slows other programs down. The
        # asterisk does not stand for root.
        plan[LIMITS_FILE] = f"{_HEAD}* hard nofile {_FILES_WANTED}\nroot hard nofile {_FILES_WANTED}\n"
        if machine.has_systemd():
            plan[SYSTEMD_FILE] = f"{_HEAD}[Manager]\nDefaultLimitNOFILE=1024:{_FILES_WANTED}\n"
    return plan


def _show(name, value, wanted, why):
    print(f"{name:<32} {value + (f' -> {wanted}' if wanted else ''):<32} {why}")


def _may(yes, ask, question):
    if yes:
        return True
    answer = ask(question)
    if answer is None:
        say("nothing changed: there is no terminal to ask on (--yes goes on without)")
    elif not answer:
        say("nothing changed")
    return bool(answer)


def _ask(question):
    """True or false as a person says on the terminal; None if there is none."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    try:
        return input(f"\n{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _reload(machine):
    if machine.has_systemd():
        machine.reload_systemd()


def _failed(error):
    hint = "" if os.geteuid() == 0 else "; it takes root: sudo competition/setup ..."
    say(f"cannot change {error.filename}: {error.strerror}{hint}")
    return 3
