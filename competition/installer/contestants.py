"""The contestants of a folder, how each is built, and whether it can be started here."""

import configparser
import os
import pathlib
import re
import signal
import subprocess
from dataclasses import dataclass, field

import wsbench_manifest

_BUILD_SECONDS = 1800
_CHECK_SECONDS = 30


class UnknownContestant(Exception):
    pass


@dataclass
class Contestant:
    """`error`: what is wrong with its manifest, which is None then."""

    name: str
    folder: pathlib.Path
    manifest: dict | None
    environment: dict = field(default_factory=dict)
    error: str = ""

    def needed_packages(self):
        """Debian packages to run it, and those that only its build takes."""
        return self.manifest["packages"], self.manifest["build_packages"]


class Competition:
    """`folder` is the one with servers/NAME.ini and NAME/contestant.json."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def names(self):
        return sorted(file.stem for file in (self.folder / "servers").glob("*.ini"))

    def contestants(self, names):
        """Those of these names, in their order. UnknownContestant names the first that does not exist."""
        known = set(self.names())
        for name in names:
            if name not in known:
                raise UnknownContestant(name)
        return [self._load(name) for name in dict.fromkeys(names)]

    def _load(self, name):
        folder = self.folder / name
        environment = {**os.environ, **self._environment(name)}
        try:
            manifest = wsbench_manifest.load(str(folder / "contestant.json"))
        except wsbench_manifest.ManifestError as error:
            return Contestant(name, folder, None, environment, str(error))
        error = "" if manifest else f"{folder / 'contestant.json'} is missing"
        return Contestant(name, folder, manifest, environment, error)

    def _environment(self, name):
        """What the program's `environment=` adds, as supervisord reads it."""
        ini = configparser.RawConfigParser(inline_comment_prefixes=(";",))
        ini.read(self.folder / "servers" / f"{name}.ini")
        text = ini.get(f"program:{name}", "environment", fallback="")
        text = text.replace("%(here)s", str(self.folder / "servers"))
        return dict(re.findall(r'(\w+)="([^"]*)"', text))

    def build(self, contestant):
        """Runs its build command; why it failed, or "". The output is in build/log/NAME.log."""
        if not contestant.manifest["build"]:
            return ""
        log = self.folder / "build" / "log" / f"{contestant.name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "wb") as output:
            code = _run(contestant.manifest["build"], contestant.folder, contestant.environment, output, _BUILD_SECONDS)
        if code == 0:
            return ""
        why = f"took more than {_BUILD_SECONDS} s" if code is None else f"exit status {code}"
        return f"its build failed ({why}; {log.relative_to(self.folder)}): {_last_line(log.read_bytes())}"

    def check(self, contestant):
        """Why it cannot be started here, as its manifest's `check` says; "" when it can."""
        with subprocess.Popen(
            ["sh", "-c", contestant.manifest["check"]],
            cwd=self.folder,
            env=contestant.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process:
            try:
                output = process.communicate(timeout=_CHECK_SECONDS)[0]
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                return f"its check took more than {_CHECK_SECONDS} s"
        return "" if process.returncode == 0 else _last_line(output) or "its check failed"

    def built_bytes(self, contestant):
        """What its build has left behind: build/NAME, and what npm put beside its manifest."""
        places = [self.folder / "build" / contestant.name, contestant.folder / "node_modules"]
        return sum(_bytes_on_disk(place) for place in places)


def _run(command, folder, environment, output, seconds):
    """The command's exit status; None when it took too long, and was ended with all that it started."""
    with subprocess.Popen(
        ["sh", "-euc", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            return process.wait(seconds)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                return None
            raise


def _last_line(output):
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines()]
    return next((line for line in reversed(lines) if line), "")


def _bytes_on_disk(place):
    """As du counts: blocks, and a file with several names once."""
    if not place.exists():
        return 0
    seen = {}
    for path in [place, *place.rglob("*")]:
        status = path.lstat()
        seen[status.st_dev, status.st_ino] = status.st_blocks * 512
    return sum(seen.values())
