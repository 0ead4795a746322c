"""What setup says: its course to stderr, a table of what came of it to stdout."""

import sys

from installer.debian import Sizes

_COLUMNS = ("contestant", "packages", "to build", "built", "state")


def say(text):
    print(f"setup: {text}", file=sys.stderr, flush=True)


def report(outcomes, debian, competition, output, quiet):
    """`quiet`: only what is not ready, without the time that it takes to find out sizes."""
    if quiet:
        for outcome in outcomes:
            if not outcome.ready:
                say(f"{outcome.contestant.name}: {_state(outcome)}")
        return
    sizes = Sizes.of_this_machine() if debian else None
    rows = [_COLUMNS, *(_row(outcome, sizes, competition) for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS) - 1)]
    for name, *figures, state in rows:
        cells = [name.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(figures, widths[1:]))]
        print("  ".join([*cells, state]), file=output)
    ready = sum(outcome.ready for outcome in outcomes)
    print(f"\n{ready} of {len(outcomes)} ready.", file=output)
    if sizes:
        every = [name for outcome in outcomes for name in (*outcome.packages, *outcome.build_packages)]
        together = sizes.closure(every)
        print(
            "MB on disk. Packages: with all that they depend on, beyond Debian's essential ones, apt, Python and\n"
            "supervisor; to build: those that only the build takes; built: what it leaves in competition/.\n"
            f"All of their packages together, each counted once: {_mb(sizes.bytes_of(together))} MB; of these not yet here:\n"
            f"{_mb(sizes.bytes_of(debian.missing(sorted(together))))} MB.",
            file=output,
        )


def _row(outcome, sizes, competition):
    run = build = "?"
    if sizes:
        to_run = sizes.closure(outcome.packages)
        run = _mb(sizes.bytes_of(to_run))
        build = _mb(sizes.bytes_of(sizes.closure([*outcome.packages, *outcome.build_packages]) - to_run))
    return outcome.contestant.name, run, build, _mb(competition.built_bytes(outcome.contestant)), _state(outcome)


def _state(outcome):
    if outcome.ready:
        return "ready"
    return f"{'skipped' if outcome.skipped else 'failed'}: {outcome.reason}"


def _mb(count):
    return "0" if count == 0 else f"{count / 1e6:.1f}" if count < 9.95e6 else f"{count / 1e6:.0f}"
