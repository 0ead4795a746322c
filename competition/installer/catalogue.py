"""docs/contestants.md: the contestants as their manifests describe them."""

import os
import sys

from installer.contestants import Competition

_HEAD = """\
# The contestants

{count} echo servers in {languages} languages, each held to the rules of [competition/README.md](../competition/README.md) by
`tests/competition`. What a platform cannot do is in its last column: in words, and by the name of the check of conformance
that it fails, with the reason. `competition/setup NAME...` installs and builds them, and says what each takes on disk.

This page is made of the manifests, `competition/NAME/contestant.json`: `competition/catalogue --write` makes it anew.
"""

_LEGEND = """
Packages are Debian 12's; in parentheses, those that only the build takes. Of two contestants that differ by `-1` and `-N`,
the first has one process, and the second one per core.
"""


def main(folder, arguments):
    """The exit status."""
    text = page(Competition(folder))
    if arguments == ["--write"]:
        with open(os.path.join(folder, "..", "docs", "contestants.md"), "w", encoding="utf-8") as file:
            file.write(text)
        return 0
    if arguments:
        print("usage: catalogue [--write]", file=sys.stderr)
        return 2
    sys.stdout.write(text)
    return 0


def page(competition):
    """The whole page. ValueError for a manifest that is missing or wrong."""
    by_language = {}
    names = competition.names()
    for contestant in competition.contestants(names):
        if contestant.error:
            raise ValueError(contestant.error)
        by_language.setdefault(contestant.manifest["language"], []).append(contestant)
    parts = [_HEAD.format(count=len(names), languages=len(by_language)), _LEGEND]
    for language in sorted(by_language, key=str.lower):
        parts.append(f"\n## {language}\n\n| contestant | platform | processes | packages | |\n| --- | --- | --- | --- | --- |\n")
        parts.extend(_row(contestant.name, contestant.manifest) for contestant in by_language[language])
    return "".join(parts)


def _row(name, manifest):
    packages = ", ".join(manifest["packages"])
    to_build = ", ".join([*manifest["build_packages"], *manifest["needs"]])
    cells = [
        f"`{name}`",
        manifest["platform"],
        manifest["processes"],
        packages + (f" ({to_build})" if to_build else ""),
        _remarks(manifest),
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _remarks(manifest):
    remarks = [manifest["notes"]]
    if manifest["cannot"]:
        remarks.append(f"Cannot {'; '.join(manifest['cannot'])}.")
    remarks += [f"Fails `{check}`: {why}." for check, why in manifest["expected"].items()]
    return " ".join(remarks)
