"""setup --tune and --untune, on a machine that is a temporary folder."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

import harness

sys.path.insert(0, str(harness.COMPETITION))

from installer import tuning  # noqa: E402

SMALL = {
    "net.core.somaxconn": "128",
    "net.ipv4.tcp_max_syn_backlog": "65536",
    "net.ipv4.ip_local_port_range": "32768\t60999",
    "fs.nr_open": "1048576",
    "fs.file-max": "9223372036854775807",
}


class Machine(tuning.Machine):
    def __init__(self, root, files):
        super().__init__(root)
        self.files = files
        self.reloads = 0

    def hard_file_limit(self):
        return self.files

    def reload_systemd(self):
        self.reloads += 1


class TuningTest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.output = self.enterContext(contextlib.redirect_stdout(io.StringIO()))
        self.errors = self.enterContext(contextlib.redirect_stderr(io.StringIO()))
        for name, value in SMALL.items():
            file = self.root / "proc/sys" / name.replace(".", "/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(value + "\n")
        (self.root / "run/systemd/system").mkdir(parents=True)
        self.machine = Machine(self.root, files=4096)

    def everything(self):
        """path -> text of every file of the machine."""
        return {str(path): path.read_text() for path in self.root.rglob("*") if path.is_file()}

    def test_what_falls_short_is_raised_and_stays_so_after_a_restart(self):
        self.assertEqual(0, tuning.tune(self.machine, yes=True))
        self.assertEqual("16384", self.machine.sysctl("net.core.somaxconn"))
        self.assertEqual("10000 65535", self.machine.sysctl("net.ipv4.ip_local_port_range"))
        self.assertIn("\nnet.core.somaxconn = 16384\n", self.machine.read(tuning.SYSCTL_FILE))
        self.assertIn("\n* hard nofile 65536\n", self.machine.read(tuning.LIMITS_FILE))
        self.assertIn("\nDefaultLimitNOFILE=1024:65536\n", self.machine.read(tuning.SYSTEMD_FILE))
        self.assertEqual(1, self.machine.reloads)

    def test_what_suffices_or_is_not_there_is_left_alone(self):
        tuning.tune(self.machine, yes=True)
        self.assertEqual("65536", self.machine.sysctl("net.ipv4.tcp_max_syn_backlog"))
        self.assertIsNone(self.machine.sysctl("net.netfilter.nf_conntrack_max"))
        for name in ("tcp_max_syn_backlog", "nf_conntrack_max", "fs."):
            self.assertNotIn(name, self.machine.read(tuning.SYSCTL_FILE))

    def test_everything_is_shown_before_anything_is_asked(self):
        shown = []
        tuning.tune(self.machine, yes=False, ask=lambda question: shown.append(self.output.getvalue()))
        for text in ("128 -> 16384", "32768 60999 -> 10000 65535", "4096 -> 65536", tuning.SYSCTL_FILE, "not here"):
            self.assertIn(text, shown[0])

    def test_without_a_yes_nothing_changes(self):
        before = self.everything()
        for answer, complaint in ((False, "nothing changed"), (None, "no terminal")):
            self.assertEqual(1, tuning.tune(self.machine, yes=False, ask=lambda question, answer=answer: answer))
            self.assertIn(complaint, self.errors.getvalue())
        self.assertEqual(before, self.everything())

    def test_untune_restores_what_was_there_and_leaves_nothing_behind(self):
        before = {path: " ".join(text.split()) for path, text in self.everything().items()}
        tuning.tune(self.machine, yes=True)
        self.assertEqual(1, tuning.untune(self.machine, yes=False, ask=lambda question: False))
        self.assertEqual("16384", self.machine.sysctl("net.core.somaxconn"))
        self.assertEqual(0, tuning.untune(self.machine, yes=False, ask=lambda question: True))
        self.assertEqual(before, {path: " ".join(text.split()) for path, text in self.everything().items()})
        self.assertEqual(2, self.machine.reloads)

    def test_a_second_tune_remembers_the_first_values(self):
        tuning.tune(self.machine, yes=True)
        self.machine.set_sysctl("net.core.somaxconn", "256")
        tuning.tune(self.machine, yes=True)
        self.assertEqual(1, self.machine.read(tuning.SYSCTL_FILE).count("\nnet.core.somaxconn = "))
        tuning.untune(self.machine, yes=True)
        self.assertEqual("128", self.machine.sysctl("net.core.somaxconn"))

    def test_a_machine_that_suffices_is_told_so(self):
        tuning.tune(self.machine, yes=True)
        self.machine.files = 65536
        before = self.everything()
        self.assertEqual(0, tuning.tune(self.machine, yes=False, ask=lambda question: self.fail("asked")))
        self.assertIn("nothing to change", self.errors.getvalue())
        self.assertEqual(before, self.everything())

    def test_untune_of_a_machine_never_tuned_does_nothing(self):
        self.assertEqual(0, tuning.untune(self.machine, yes=True))
        self.assertIn("nothing to take back", self.errors.getvalue())

    def test_without_systemd_there_is_no_file_for_it(self):
        (self.root / "run/systemd/system").rmdir()
        tuning.tune(self.machine, yes=True)
        self.assertIsNone(self.machine.read(tuning.SYSTEMD_FILE))
        self.assertEqual(0, self.machine.reloads)

    def test_what_cannot_be_written_is_named(self):
        (self.root / "etc").write_text("in the way")
        self.assertEqual(3, tuning.tune(self.machine, yes=True))
        self.assertIn("etc/sysctl.d", self.errors.getvalue())
        self.assertEqual("128", self.machine.sysctl("net.core.somaxconn"))


if __name__ == "__main__":
    unittest.main()
