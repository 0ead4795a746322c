"""Manifests and the inquiries made of them, without a supervisord: the test is the loop that watches the pipes."""

import itertools
import json
import os
import pathlib
import select
import sys
import tempfile
import time
import unittest
from unittest import mock

import harness

sys.path.insert(0, str(harness.COMPETITION / "monitor"))

import wsbench_manifest  # noqa: E402
from wsbench_monitor import manifests  # noqa: E402

MANIFEST = {
    "language": "None",
    "platform": "sh",
    "packages": ["dash"],
    "build_packages": [],
    "needs": [],
    "build": "",
    "check": "true",
    "version": "echo 1.0",
    "processes": "1",
    "notes": "",
    "cannot": [],
    "expected": {},
}


class InquiryTest(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def tearDown(self):
        # Otherwise supervisord's task. Nothing is left running: a pipe at its end means that all who held it are gone.
        try:
            while os.waitpid(-1, 0):
                pass
        except ChildProcessError:
            pass

    def inquiry(self, **changes):
        file = self.directory / "contestant.json"
        file.write_text(json.dumps({**MANIFEST, **changes}))
        return manifests.Inquiry("some", str(file), str(self.directory), {**os.environ, "OF_THE_PROGRAM": "yes"})

    def run_all(self, *inquiries):
        """Does what supervisord's loop does; the answers."""
        socket_map = {}
        most_at_once = 0
        queue = manifests.InquiryQueue(inquiries, socket_map)
        while not queue.advance():
            most_at_once = max(most_at_once, len(socket_map))
            for pipe in select.select(list(socket_map), [], [], 0.1)[0]:
                socket_map[pipe].handle_read_event()
        self.assertEqual({}, socket_map)
        self.assertLessEqual(most_at_once, 4)
        return [inquiry.info() for inquiry in inquiries]

    def info(self, **changes):
        return self.run_all(self.inquiry(**changes))[0]

    def test_what_the_manifest_says_is_told(self):
        info = self.info(notes="a note", cannot=["fly"], processes="one per core", expected={"wings": "none"})
        self.assertEqual("a note", info["notes"])
        self.assertEqual(["fly"], info["cannot"])
        self.assertEqual({"wings": "none"}, info["expected"])
        self.assertEqual("one per core", info["processes"])
        self.assertEqual(["dash"], info["packages"])
        self.assertEqual((True, True, "1.0", ""), (info["manifest"], info["installed"], info["version"], info["error"]))
        self.assertFalse({"build", "check"} & set(info))

    def test_a_failed_check_means_not_installed_and_its_last_line_says_why(self):
        info = self.info(check="echo first; echo 'no such platform' >&2; exit 3")
        self.assertEqual((False, "", "no such platform"), (info["installed"], info["version"], info["error"]))

    def test_a_silent_failure_names_the_check(self):
        self.assertIn("`test -x /nowhere` failed", self.info(check="test -x /nowhere")["error"])

    def test_commands_run_in_the_competitions_folder_with_the_programs_environment(self):
        info = self.info(check='test "$OF_THE_PROGRAM" = yes && test "$PWD" = ' + str(self.directory), version="pwd")
        self.assertTrue(info["installed"], info["error"])
        self.assertEqual(str(self.directory), info["version"])

    def test_a_version_is_one_line_of_ascii_even_from_stderr(self):
        info = self.info(version=r"printf '\n\303\251t\303\251 \033[1m2.0\nmore\n' >&2; exit 1")
        self.assertEqual("?t? ?[1m2.0", info["version"])

    def test_a_check_that_hangs_is_ended(self):
        with mock.patch.object(manifests, "_SECONDS", 0.3):
            begin = time.monotonic()
            info = self.info(check="sleep 30")
        self.assertFalse(info["installed"])
        self.assertIn("took more than", info["error"].replace("or ", ""))
        self.assertLess(time.monotonic() - begin, 3)

    def test_a_result_that_nobody_collects_leaves_the_loop(self):
        socket_map = {}
        inquiry = self.inquiry()
        inquiry.start(socket_map)
        (pipe,) = socket_map
        with mock.patch.object(manifests.time, "monotonic", side_effect=itertools.count(1000, 0.01)):
            for _ in range(100):
                if not socket_map:
                    break
                select.select([pipe], [], [])
                inquiry.handle_read_event()
        self.assertEqual({}, socket_map)
        self.assertTrue(inquiry.done)

    def test_no_manifest_is_no_error(self):
        inquiry = manifests.Inquiry("some", str(self.directory / "absent.json"), "/", {})
        (info,) = self.run_all(inquiry)
        self.assertEqual((False, False, ""), (info["manifest"], info["installed"], info["error"]))
        self.assertEqual(([], ""), (info["packages"], info["language"]))

    def test_a_wrong_manifest_says_what_is_wrong_and_in_which_file(self):
        for changes, complaint in (
            ({"packages": "dash"}, "packages: missing, or not of type list"),
            ({"packages": ["dash", 1]}, "packages: not a list of strings"),
            ({"expected": {"wings": 0}}, "expected: not a dict of strings"),
            ({"chekc": "true"}, "chekc: no such key"),
            ({"check": None}, "check: missing, or not of type str"),
        ):
            with self.subTest(complaint):
                info = self.info(**changes)
                self.assertFalse(info["manifest"])
                self.assertIn("contestant.json: " + complaint, info["error"])
        (self.directory / "contestant.json").write_text("{")
        with self.assertRaisesRegex(wsbench_manifest.ManifestError, "contestant.json"):
            wsbench_manifest.load(str(self.directory / "contestant.json"))

    def test_many_inquiries_run_a_few_at_a_time(self):
        infos = self.run_all(*[self.inquiry(version=f"echo {number}") for number in range(11)])
        self.assertEqual([str(number) for number in range(11)], [info["version"] for info in infos])


if __name__ == "__main__":
    unittest.main()
