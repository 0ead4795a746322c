"""The command line of competition/setup."""

import argparse
import json
import os
import sys

from installer import tuning
from installer.contestants import Competition, UnknownContestant
from installer.debian import Debian, InstallError
from installer.preparation import Preparation
from installer.report import report, say

_DESCRIPTION = """\
Makes contestants ready to race: installs the Debian packages that they need, builds what must be built, and says what
each takes. What is there already is left as it is. Exit status: 0 all that was asked for is ready; 1 something is not,
and the table says why; 2 wrong arguments; 3 apt-get or the machine failed."""


def _parser():
    parser = argparse.ArgumentParser(
        prog="setup", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="contestants")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="every contestant")
    which.add_argument(
        "--installed", action="store_true", help="every contestant whose packages are there: build again what has changed"
    )
    which.add_argument("--suite", metavar="FILE", help='the "servers" of a suite file, or every contestant if it has none')
    which.add_argument("--tune", action="store_true", help="raise this machine's limits for 10,000 clients, after asking")
    which.add_argument("--untune", action="store_true", help="take back what --tune has changed, after asking")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done, and what it would take")
    parser.add_argument("--build-only", action="store_true", help="install no packages")
    parser.add_argument("--quiet", action="store_true", help="no table; name only what is not ready")
    parser.add_argument("--yes", action="store_true", help="--tune and --untune: do not ask")
    return parser


def main(folder, arguments):
    """`folder`: the competition's. The exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.tune or options.untune:
        if options.names or options.dry_run or options.build_only or options.quiet:
            parser.error("--tune and --untune go with --yes alone")
        machine = tuning.Machine()
        return tuning.tune(machine, options.yes) if options.tune else tuning.untune(machine, options.yes)
    if options.yes:
        parser.error("--yes goes with --tune or --untune")
    if bool(options.names) == bool(options.all or options.installed or options.suite):
        parser.error("NAME..., --all, --installed or --suite: one of them")
    competition = Competition(folder)
    try:
        contestants = competition.contestants(_names(options, competition))
    except UnknownContestant as error:
        parser.error(f"no such contestant: {error}; there are: {' '.join(competition.names())}")
    except OSError as error:
        parser.error(f"{options.suite}: {error.strerror}")
    except ValueError as error:
        parser.error(f"{options.suite}: {error}")
    return _prepare(competition, contestants, options)


def _names(options, competition):
    if options.suite:
        with open(options.suite, encoding="utf-8") as file:
            suite = json.load(file)
        if not isinstance(suite, dict):
            raise ValueError("not a suite file")
        return suite.get("servers") or competition.names()
    return options.names or competition.names()


def _prepare(competition, contestants, options):
    may_install = not (options.installed or options.build_only or options.dry_run)
    debian = Debian(os.path.join(competition.folder, "..", "do")) if Debian.is_here() else None
    preparation = Preparation(competition, debian)
    status = 0
    try:
        outcomes = preparation.look(contestants) if options.dry_run else preparation.prepare(contestants, may_install)
    except InstallError as error:
        say(str(error))
        status = 3
        outcomes = preparation.prepare(contestants, may_install=False)
    report(outcomes, debian, competition, sys.stdout, options.quiet)
    # What --installed leaves out was not asked for.
    not_ready = [outcome for outcome in outcomes if not (outcome.ready or options.installed and outcome.skipped)]
    return status or (1 if not_ready and not options.dry_run else 0)
