"""Debian's packages: which are here, what they take, and how they come.

Sizes are Installed-Size of the package lists, for a package with all that it depends on: of alternatives the first that
there is, recommendations left out. That is what apt installs on a machine without them, and it is the same figure on one
that has them already.
"""

import re
import shutil
import subprocess

# What a machine that runs any contestant has at least. (usr-is-merged is what a new Debian 12 has instead of usrmerge,
# which its lists put first and which needs Perl.)
_BASE = ("apt", "python3", "supervisor", "usr-is-merged")


class InstallError(Exception):
    pass


class Debian:
    """`do`: the project's entry script, which is the one that calls apt-get as root."""

    def __init__(self, do):
        self._do = str(do)

    @staticmethod
    def is_here():
        return all(shutil.which(tool) for tool in ("apt-get", "apt-cache", "dpkg-query"))

    @staticmethod
    def missing(names):
        """Those that dpkg does not have as installed, ordered."""
        if not names:
            return []
        query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names]
        lines = subprocess.run(query, capture_output=True, text=True, check=False).stdout.splitlines()
        installed = {line.split()[0] for line in lines if line.endswith(" installed")}
        return sorted(set(names) - installed)

    @staticmethod
    def obstacle(names):
        """Why apt would not install them here; "" if it would. To remove a package is an obstacle too."""
        command = ["apt-get", "-s", "-q", "--no-install-recommends", "-o", "Debug::NoLocking=1", "install", *names]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            said = re.findall(r"^E: (.*)", result.stderr, re.MULTILINE)
            conflicts = re.findall(r"^ (\S+ : .*)", result.stdout, re.MULTILINE)
            return "; ".join([*conflicts[:2], *said[:1]]) or "apt-get gives no reason"
        removed = re.findall(r"^Remv (\S+)", result.stdout, re.MULTILINE)
        return f"apt would remove {' '.join(removed)}" if removed else ""

    def refresh(self):
        """Brings the package lists up to date. InstallError."""
        self._call("packages", "--update")

    def install(self, names):
        """Installs them. InstallError."""
        self._call("packages", *names)

    def _call(self, *arguments):
        try:
            result = subprocess.run([self._do, *arguments], stdin=subprocess.DEVNULL, check=False)
        except OSError as error:
            raise InstallError(f"{self._do}: {error.strerror}") from error
        if result.returncode != 0:
            raise InstallError("apt-get did not succeed (build/log/setup.log)")


class Sizes:
    """What packages take on disk beyond Debian's essential ones, apt, Python and supervisor."""

    def __init__(self, available, essential):
        """`available`: the package lists as `apt-cache dumpavail` prints them; `essential`: names."""
        self._packages = {}
        self._providers = {}
        for stanza in available.split("\n\n"):
            fields = dict(re.findall(r"^([A-Z][A-Za-z-]*): (.*)", stanza, re.MULTILINE))
            if "Package" in fields:
                self._packages.setdefault(fields["Package"], fields)
        # Of those that provide a name the most ordinary comes first: mawk before gawk for awk.
        for fields in sorted(self._packages.values(), key=_priority):
            for provided in _names(fields.get("Provides", "")):
                self._providers.setdefault(provided, []).append(fields["Package"])
        self._base = set()
        self._base = self.closure([*essential, *_BASE])

    @classmethod
    def of_this_machine(cls):
        available = subprocess.run(["apt-cache", "dumpavail"], capture_output=True, text=True, check=False).stdout
        query = ["dpkg-query", "-W", "-f", "${Essential} ${Package}\n"]
        lines = subprocess.run(query, capture_output=True, text=True, check=False).stdout.splitlines()
        return cls(available, [line.split()[1] for line in lines if line.startswith("yes ")])

    def closure(self, names):
        """The names of what they take, themselves and what they depend on, the base left out."""
        found = {name for name in names if name in self._packages and name not in self._base}
        waiting = list(found)
        while waiting:
            fields = self._packages[waiting.pop()]
            for dependency in (fields.get("Pre-Depends", ""), fields.get("Depends", "")):
                for alternatives in filter(None, dependency.split(",")):
                    choices = [real for name in _names(alternatives, "|") for real in self._real(name)]
                    if choices and not any(choice in found or choice in self._base for choice in choices):
                        found.add(choices[0])
                        waiting.append(choices[0])
        return found

    def bytes_of(self, names):
        return sum(int(self._packages[name].get("Installed-Size", 0)) * 1024 for name in names)

    def _real(self, name):
        """The package of this name, and those that provide it."""
        return [*([name] if name in self._packages else []), *self._providers.get(name, [])]


_PRIORITIES = ("required", "important", "standard")


def _priority(fields):
    priority = fields.get("Priority")
    return _PRIORITIES.index(priority) if priority in _PRIORITIES else len(_PRIORITIES)


def _names(text, separator=","):
    """"a (>= 1), b:any" -> ["a", "b"]"""
    return [re.split(r"[\s(:]", part.strip())[0] for part in text.split(separator) if part.strip()]
