"""competition/setup: what it installs, builds and says, with contestants and package lists made for the test."""

import contextlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import harness
from manifests_test import MANIFEST

sys.path.insert(0, str(harness.COMPETITION))

from installer import command_line, preparation  # noqa: E402
from installer.contestants import Competition  # noqa: E402
from installer.debian import Debian, InstallError, Sizes  # noqa: E402

PACKAGE_LISTS = """\
Package: dash
Priority: required
Installed-Size: 1000

Package: apt
Priority: required
Installed-Size: 2000
Depends: libc6 (>= 2.36)

Package: libc6
Priority: optional
Installed-Size: 4000

Package: vm
Priority: optional
Installed-Size: 10000
Depends: libc6, dash | zsh, vm-data (= 1.0), runtime
Pre-Depends: libnew:any

Package: vm-data
Priority: optional
Installed-Size: 20000

Package: libnew
Priority: optional
Installed-Size: 40000
Depends: vm

Package: big-runtime
Priority: optional
Installed-Size: 500000
Provides: runtime (= 2)

Package: small-runtime
Priority: standard
Installed-Size: 80000
Provides: runtime

Package: compiler
Priority: optional
Installed-Size: 160000
Depends: nowhere, libnew
"""


class FakeDebian:
    """A machine that has some packages, and whose apt has obstacles: package -> what it says."""

    def __init__(self, installed=(), obstacles=None, fails=False):
        self.installed = set(installed)
        self.obstacles = obstacles or {}
        self.fails = fails
        self.calls = []

    def missing(self, names):
        return sorted(set(names) - self.installed)

    def obstacle(self, names):
        return "; ".join(self.obstacles[name] for name in names if name in self.obstacles)

    def refresh(self):
        self.calls.append("refresh")

    def install(self, names):
        self.calls.append(names)
        if self.fails:
            raise InstallError("apt-get did not succeed")
        self.installed |= set(names)


class SetupTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "servers").mkdir()
        self.enterContext(contextlib.redirect_stderr(io.StringIO()))

    def add(self, name, environment="", **changes):
        (self.folder / name).mkdir()
        (self.folder / name / "contestant.json").write_text(json.dumps({**MANIFEST, "packages": [], **changes}))
        (self.folder / "servers" / f"{name}.ini").write_text(f"[program:{name}]\n{environment}\ncommand=/bin/true\n")

    def prepare(self, debian=None, may_install=True):
        """name -> why it is not ready, or ""."""
        competition = Competition(self.folder)
        contestants = competition.contestants(competition.names())
        outcomes = preparation.Preparation(competition, debian).prepare(contestants, may_install)
        return {outcome.contestant.name: outcome.reason for outcome in outcomes}

    def main(self, *arguments, debian):
        """(exit status, what it prints)"""
        output = io.StringIO()
        with contextlib.redirect_stdout(output), mock.patch.object(command_line, "Debian", return_value=debian) as class_:
            class_.is_here.return_value = debian is not None
            with mock.patch.object(Sizes, "of_this_machine", return_value=Sizes(PACKAGE_LISTS, ["dash"])):
                status = command_line.main(str(self.folder), list(arguments))
        return status, output.getvalue()

    def test_a_build_runs_in_its_folder_with_the_programs_environment(self):
        build = 'test "$PWD" = ' + str(self.folder / "c-a") + ' && test "$KEY" = "a b" && mkdir -p ../build && echo "$AT" > ../build/c-a'
        self.add("c-a", 'environment=KEY="a b",AT="%(here)s"', build=build, check="grep -q servers build/c-a")
        self.assertEqual({"c-a": ""}, self.prepare())

    def test_a_failed_build_tells_its_last_line_and_where_the_rest_is(self):
        self.add("c-a", build="echo first; echo 'no such header' >&2; exit 3")
        (reason,) = self.prepare().values()
        self.assertIn("exit status 3", reason)
        self.assertIn("no such header", reason)
        self.assertEqual("first\nno such header\n", (self.folder / "build/log/c-a.log").read_text())

    def test_any_failing_command_of_a_build_fails_it(self):
        self.add("c-a", build="false\ntrue")
        self.assertIn("exit status 1", self.prepare()["c-a"])

    def test_what_is_built_must_pass_its_check(self):
        self.add("c-a", build="true", check="echo 'library is missing'; false")
        self.assertEqual({"c-a": "library is missing"}, self.prepare())

    def test_all_missing_packages_are_installed_at_once_and_before_a_build(self):
        debian = FakeDebian(["have"])
        self.add("c-a", packages=["have", "lib"], build_packages=["compiler"])
        self.add("c-b", packages=["other", "lib"])
        self.assertEqual({"c-a": "", "c-b": ""}, self.prepare(debian))
        self.assertEqual([["compiler", "lib", "other"]], debian.calls)

    def test_with_nothing_missing_apt_is_left_alone(self):
        debian = FakeDebian(["have"])
        self.add("c-a", packages=["have"])
        self.assertEqual({"c-a": ""}, self.prepare(debian))
        self.assertEqual([], debian.calls)

    def test_what_cannot_be_installed_costs_only_those_that_need_it(self):
        debian = FakeDebian([], {"odd": "odd : conflicts with even"})
        self.add("c-a", packages=["odd", "lib"])
        self.add("c-b", packages=["lib"])
        outcomes = self.prepare(debian)
        self.assertEqual("cannot be installed: odd : conflicts with even", outcomes["c-a"])
        self.assertEqual("", outcomes["c-b"])
        self.assertEqual(["refresh", ["lib"]], debian.calls)

    def test_a_needed_tool_is_a_package_only_where_there_is_none(self):
        self.add("c-a", needs=["npm"])
        for found, wanted in ((None, [["npm"]]), ("/usr/local/bin/npm", [])):
            debian = FakeDebian()
            with mock.patch.object(preparation.shutil, "which", return_value=found):
                self.assertEqual({"c-a": ""}, self.prepare(debian))
            self.assertEqual(wanted, debian.calls)

    def test_an_unknown_need_is_named(self):
        self.add("c-a", needs=["luck"])
        self.assertIn("luck", self.prepare()["c-a"])

    def test_a_wrong_manifest_is_a_failure_of_its_contestant_alone(self):
        self.add("c-a", packages="dash")
        self.add("c-b")
        outcomes = self.prepare()
        self.assertIn("packages: missing, or not of type list", outcomes["c-a"])
        self.assertEqual("", outcomes["c-b"])

    def test_without_apt_what_is_there_can_be_built(self):
        self.add("c-a", packages=["whatever"], build="true")
        self.assertEqual({"c-a": ""}, self.prepare(None))

    def test_the_table_has_every_contestant_its_size_and_its_state(self):
        self.add("c-a", packages=["vm"], build_packages=["compiler"], build="mkdir -p ../build/c-a; head -c 3000000 /dev/urandom > ../build/c-a/x")
        self.add("c-b", check="echo no luck; false")
        status, output = self.main("--all", debian=FakeDebian())
        self.assertEqual(1, status)
        lines = output.splitlines()
        self.assertEqual(["c-a", "154", "164", "3.0", "ready"], lines[1].split())
        self.assertEqual(["c-b", "0", "0", "0", "failed:", "no", "luck"], lines[2].split())
        self.assertIn("1 of 2 ready.", output)
        self.assertIn("counted once: 317 MB", output)

    def test_a_dry_run_changes_nothing(self):
        debian = FakeDebian()
        self.add("c-a", packages=["vm"])
        self.add("c-b", build="touch ../built", check="test -e built || { echo not built; false; }")
        status, output = self.main("--all", "--dry-run", debian=debian)
        self.assertEqual((0, []), (status, debian.calls))
        self.assertIn("would install vm", output)
        self.assertIn("counted once: 154 MB; of these not yet here:\n154 MB.", output)
        self.assertIn("would build it (not built)", output)
        self.assertFalse((self.folder / "built").exists())

    def test_what_is_not_installed_is_no_failure_of_installed(self):
        debian = FakeDebian(["have"])
        self.add("c-a", packages=["have"], build="touch ../built")
        self.add("c-b", packages=["lack"])
        status, output = self.main("--installed", debian=debian)
        self.assertEqual((0, []), (status, debian.calls))
        self.assertIn("skipped: packages are missing: lack", output)
        self.assertTrue((self.folder / "built").exists())
        self.assertEqual(1, self.main("--build-only", "c-b", debian=debian)[0])

    def test_when_apt_fails_the_rest_goes_on_and_the_exit_status_tells(self):
        self.add("c-a", packages=["lack"])
        self.add("c-b", build="touch ../built")
        status, output = self.main("--all", debian=FakeDebian(fails=True))
        self.assertEqual(3, status)
        self.assertIn("skipped: packages are missing: lack", output)
        self.assertTrue((self.folder / "built").exists())

    def test_a_suite_file_chooses_its_servers_or_all(self):
        for name in ("c-a", "c-b", "c-c"):
            self.add(name)
        suite = self.folder / "suite.json"
        for servers, ready in (({"servers": ["c-c", "c-a"]}, "2 of 2"), ({}, "3 of 3")):
            suite.write_text(json.dumps(servers))
            self.assertIn(ready, self.main("--suite", str(suite), debian=None)[1])

    def test_quiet_prints_no_table(self):
        self.add("c-a")
        self.assertEqual((0, ""), self.main("--quiet", "c-a", debian=FakeDebian()))


class SizesTest(unittest.TestCase):
    def setUp(self):
        self.sizes = Sizes(PACKAGE_LISTS, ["dash"])

    def test_a_package_takes_what_it_depends_on_the_base_left_out(self):
        self.assertEqual({"vm", "vm-data", "libnew", "small-runtime"}, self.sizes.closure(["vm"]))
        self.assertEqual((10000 + 20000 + 40000 + 80000) * 1024, self.sizes.bytes_of(self.sizes.closure(["vm"])))

    def test_what_is_asked_for_serves_as_an_alternative(self):
        self.assertNotIn("small-runtime", self.sizes.closure(["vm", "big-runtime"]) - {"big-runtime"})

    def test_what_no_list_has_takes_nothing(self):
        self.assertEqual(set(), self.sizes.closure(["unheard-of"]))
        self.assertIn("compiler", self.sizes.closure(["compiler"]))


class DebianTest(unittest.TestCase):
    def setUp(self):
        if not Debian.is_here():
            self.skipTest("no apt here")

    def test_what_dpkg_has_is_not_missing(self):
        self.assertEqual(["wsbench-no-such-package"], Debian.missing(["dpkg", "wsbench-no-such-package"]))
        self.assertEqual([], Debian.missing([]))

    def test_what_apt_does_not_know_is_an_obstacle(self):
        self.assertIn("wsbench-no-such-package", Debian.obstacle(["wsbench-no-such-package"]))
        self.assertEqual("", Debian.obstacle(["dpkg"]))

    def test_a_failure_of_the_entry_script_is_an_error(self):
        with self.assertRaises(InstallError):
            Debian("/bin/false").install(["dpkg"])
        with self.assertRaisesRegex(InstallError, "/nowhere/do"):
            Debian("/nowhere/do").refresh()


class CommandLineTest(unittest.TestCase):
    def run_setup(self, *arguments):
        return subprocess.run(
            [str(harness.COMPETITION / "setup"), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "COLUMNS": "120"},
        )

    def test_help_goes_to_stdout_and_names_every_option(self):
        result = self.run_setup("--help")
        self.assertEqual((0, ""), (result.returncode, result.stderr))
        for option in ("--all", "--installed", "--suite", "--tune", "--untune", "--dry-run", "--build-only", "--quiet", "--yes"):
            self.assertIn(option, result.stdout)

    def test_wrong_arguments_are_refused_with_what_is_wrong(self):
        for arguments, complaint in (
            ([], "one of them"),
            (["--all", "node-ws"], "one of them"),
            (["node-wsx"], "no such contestant: node-wsx"),
            (["--suite", "/nowhere.json"], "/nowhere.json: No such file"),
            (["--tune", "node-ws"], "go with --yes alone"),
            (["--yes", "--all"], "--yes goes with --tune"),
        ):
            with self.subTest(arguments):
                result = self.run_setup(*arguments)
                self.assertEqual((2, ""), (result.returncode, result.stdout))
                self.assertIn(complaint, result.stderr)


if __name__ == "__main__":
    unittest.main()
