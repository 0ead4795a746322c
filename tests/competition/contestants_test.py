"""What every contestant's folder must hold, and how supervisord runs it. What it does is conformance_test's."""

import json
import pathlib
import re
import sys
import unittest

import conformance
import harness

sys.path.insert(0, str(harness.COMPETITION / "monitor"))

import wsbench_manifest  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
NAMES = harness.contestant_names()


def _first_column(text, heading):
    """What is in back quotes in the first cells of the table that follows the heading, or begins with it."""
    rows = text[text.index(heading) :].split("| --- | --- |\n", 1)[1].split("\n\n", 1)[0].splitlines()
    return {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}


class ContestantsTest(unittest.TestCase):
    def each_manifest(self):
        for name in NAMES:
            with self.subTest(name):
                manifest = wsbench_manifest.load(str(harness.COMPETITION / name / "contestant.json"))
                self.assertIsNotNone(manifest, "no contestant.json")
                yield name, manifest

    def test_a_folder_with_a_manifest_has_an_ini_too(self):
        self.assertEqual(NAMES, sorted(file.parent.name for file in harness.COMPETITION.glob("*/contestant.json")))

    def test_every_other_folder_is_known_to_be_no_contestant(self):
        folders = {entry.name for entry in harness.COMPETITION.iterdir() if entry.is_dir()}
        self.assertEqual({"installer", "monitor", "servers"}, folders - {"build"} - set(NAMES))

    def test_a_name_is_language_and_platform(self):
        for name in NAMES:
            self.assertRegex(name, r"^[a-z]+(-[a-z0-9]+)+(-N)?$")

    def test_manifests_say_what_a_reader_needs(self):
        for _, manifest in self.each_manifest():
            for key in ("language", "platform", "packages", "check", "version", "processes", "notes"):
                self.assertTrue(manifest[key], key)
            self.assertRegex(manifest["notes"], r"\.$")

    def test_only_checks_of_conformance_are_expected_to_fail_and_with_a_reason(self):
        for _, manifest in self.each_manifest():
            self.assertLessEqual(set(manifest["expected"]), set(conformance.NAMES))
            self.assertTrue(all(manifest["expected"].values()))

    def test_what_comes_from_npm_is_pinned_by_its_sum_and_no_server_is_named(self):
        for name, manifest in self.each_manifest():
            if "npm" not in manifest["needs"]:
                continue
            lock = json.loads((harness.COMPETITION / name / "package-lock.json").read_text())
            packages = [package for path, package in lock["packages"].items() if path]
            self.assertTrue(packages)
            for package in packages:
                self.assertRegex(package["integrity"], r"^sha512-")
                self.assertNotIn("resolved", package)

    def test_the_readme_is_true_to_the_files(self):
        text = (harness.COMPETITION / "README.md").read_text()
        example = json.loads(re.search(r"```json\n(.*?)```", text, re.DOTALL).group(1))
        self.assertEqual(json.loads((harness.COMPETITION / "python-trio" / "contestant.json").read_text()), example)
        self.assertEqual(set(wsbench_manifest.KINDS), _first_column(text, "### contestant.json"))
        self.assertEqual(set(conformance.NAMES), _first_column(text, "| check |"))

    def test_what_is_tried_by_default_exists(self):
        wanted = re.findall(r"^[a-z].*", (HERE / "contestants.txt").read_text(), re.MULTILINE)
        self.assertGreaterEqual(len(wanted), 12)
        self.assertEqual([], sorted(set(wanted) - set(NAMES)))


class ProgramsTest(unittest.TestCase):
    def test_each_is_supervisords_program_of_its_name_and_starts_only_when_told(self):
        with harness.Supervisord() as supervisord:
            configs = supervisord.rpc.supervisor.getAllConfigInfo()
        self.assertEqual(NAMES, sorted(config["name"] for config in configs))
        for config in configs:
            with self.subTest(config["name"]):
                self.assertFalse(config["autostart"])
                self.assertEqual((0, 0, 3), (config["startsecs"], config["startretries"], config["stopwaitsecs"]))
                self.assertTrue(config["killasgroup"])


if __name__ == "__main__":
    unittest.main()
