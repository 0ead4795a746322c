"""From a list of contestants to an outcome for each: packages, then builds, then the check of its manifest."""

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from installer.contestants import Contestant
from installer.report import say

# What a manifest names under "needs": the command that must be there, and the Debian package that has it.
_NEEDS = {"npm": ("npm", "npm")}


@dataclass
class Outcome:
    """`reason`: why it is not ready. Skipped is what this machine, or this call, cannot have; the rest has failed."""

    contestant: Contestant
    packages: list
    build_packages: list
    reason: str = ""
    skipped: bool = False

    @property
    def ready(self):
        return not self.reason

    def skip(self, reason):
        self.reason, self.skipped = reason, True


class Preparation:
    """`debian` is None on a machine without apt: there, what is needed must have come in another way."""

    def __init__(self, competition, debian):
        self._competition = competition
        self._debian = debian

    def look(self, contestants):
        """What `prepare` would find to do: nothing is changed. Not ready is what has packages missing or no build."""
        outcomes = [_begin(contestant) for contestant in contestants]
        for outcome in _going(outcomes):
            missing = self._missing([outcome])
            obstacle = self._debian.obstacle(missing) if missing else ""
            if obstacle:
                outcome.skip(f"cannot be installed: {obstacle}")
            elif missing:
                outcome.skip(f"would install {' '.join(missing)}")
            elif why := self._competition.check(outcome.contestant):
                outcome.skip(f"would build it ({why})" if outcome.contestant.manifest["build"] else why)
        return outcomes

    def prepare(self, contestants, may_install):
        """Installs (if it may), builds and checks. InstallError if apt-get failed at what it said it could do."""
        outcomes = [_begin(contestant) for contestant in contestants]
        if may_install:
            self._install(_going(outcomes))
        for outcome in _going(outcomes):
            if missing := self._missing([outcome]):
                outcome.skip(f"packages are missing: {' '.join(missing)}")
                continue
            begin = time.monotonic()
            outcome.reason = self._competition.build(outcome.contestant)
            if (seconds := time.monotonic() - begin) >= 1:
                say(f"built {outcome.contestant.name} in {seconds:.0f} s")
        going = _going(outcomes)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for outcome, reason in zip(going, pool.map(lambda o: self._competition.check(o.contestant), going)):
                outcome.reason = reason
        return outcomes

    def _install(self, outcomes):
        missing = self._missing(outcomes)
        if not missing:
            return
        if self._debian.obstacle(missing):
            # Lists that are too old, or one contestant that spoils it for all.
            self._debian.refresh()
            for outcome in outcomes:
                wanted = self._missing([outcome])
                obstacle = self._debian.obstacle(wanted) if wanted else ""
                if obstacle:
                    outcome.skip(f"cannot be installed: {obstacle}")
            missing = self._missing(_going(outcomes))
        if missing:
            say(f"installing {' '.join(missing)}")
            self._debian.install(missing)

    def _missing(self, outcomes):
        names = {name for outcome in outcomes for name in (*outcome.packages, *outcome.build_packages)}
        return self._debian.missing(sorted(names)) if self._debian else []


def _begin(contestant):
    if contestant.error:
        return Outcome(contestant, [], [], contestant.error)
    packages, build_packages = contestant.needed_packages()
    outcome = Outcome(contestant, packages, list(build_packages))
    for need in contestant.manifest["needs"]:
        if need not in _NEEDS:
            outcome.skip(f"needs {need}, of which setup knows nothing")
        elif shutil.which(_NEEDS[need][0]) is None:
            outcome.build_packages.append(_NEEDS[need][1])
    return outcome


def _going(outcomes):
    return [outcome for outcome in outcomes if outcome.ready]
