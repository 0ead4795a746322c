"""The adding up of run-queue waits, over a /proc made for the test."""

import pathlib
import shutil
import sys
import tempfile
import unittest

import harness

sys.path.insert(0, str(harness.COMPETITION / "monitor"))

from wsbench_monitor import run_queue  # noqa: E402


class WaitCounterTest(unittest.TestCase):
    def setUp(self):
        self.proc = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.counter = run_queue.WaitCounter(str(self.proc))

    def set_wait(self, pid, thread, ns, runs=7):
        folder = self.proc / str(pid) / "task" / str(thread)
        folder.mkdir(parents=True, exist_ok=True)
        for place in (folder, self.proc / str(pid)) if pid == thread else (folder,):
            (place / "schedstat").write_text(f"{runs * 1000} {ns} {runs}\n")

    def end(self, pid, thread):
        shutil.rmtree(self.proc / str(pid) / "task" / str(thread))

    def seconds(self, *processes, tree="a"):
        return self.counter.seconds(tree, processes)

    def test_is_of_every_thread_of_every_process(self):
        self.set_wait(10, 10, 1_000_000_000)
        self.set_wait(10, 11, 500_000_000)
        self.set_wait(20, 20, 250_000_000)
        self.assertEqual(1.75, self.seconds((10, 2), (20, 1)))

    def test_never_falls_when_threads_and_processes_end(self):
        self.set_wait(10, 10, 1_000_000_000)
        self.set_wait(10, 11, 2_000_000_000)
        self.set_wait(20, 20, 4_000_000_000)
        self.assertEqual(7, self.seconds((10, 2), (20, 1)))
        self.end(10, 11)
        self.set_wait(10, 10, 1_500_000_000)
        self.assertEqual(7.5, self.seconds((10, 1)))
        self.assertEqual(7.5, self.seconds((10, 1)))

    def test_a_thread_with_the_id_of_one_that_has_ended_is_another_one(self):
        self.set_wait(10, 10, 3_000_000_000)
        self.set_wait(10, 11, 1_000_000_000)
        self.seconds((10, 2))
        self.set_wait(10, 11, 250_000_000)
        self.assertEqual(4.25, self.seconds((10, 2)))

    def test_begins_anew_with_another_tree(self):
        self.set_wait(10, 10, 3_000_000_000)
        self.seconds((10, 1))
        self.set_wait(20, 20, 1_000_000_000)
        self.assertEqual(1, self.seconds((20, 1), tree="b"))

    def test_is_unknown_where_the_kernel_keeps_no_count(self):
        self.assertIsNone(self.seconds((10, 1)))
        self.assertIsNone(self.seconds((10, 3)))
        self.set_wait(10, 10, 0, runs=0)
        self.assertIsNone(self.seconds((10, 1)))

    def test_is_unknown_for_more_threads_than_can_be_read_in_a_few_milliseconds(self):
        self.set_wait(10, 10, 1_000_000_000)
        self.assertIsNone(self.seconds((10, 1), (20, 512)))
        self.assertEqual(1, self.seconds((10, 1), (20, 511)))


if __name__ == "__main__":
    unittest.main()
