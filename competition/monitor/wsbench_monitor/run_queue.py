"""How long threads have waited for a CPU that they could have used (the kernel's Documentation/scheduler/sched-stats)."""

import os


class WaitCounter:
    """Adds up the run-queue wait of a tree's threads, those that have ended included.

    The kernel forgets a thread's wait with the thread, so what was last seen of it is kept here: a tree that is sampled
    once a second loses what a thread waited after its last sample, and threads that live between two samples.
    """

    # A thread takes about 7 us to read, and whoever asks is answered in a few milliseconds.
    _THREADS_AT_MOST = 512

    def __init__(self, proc="/proc"):
        self._proc = proc
        self._tree = None
        self._seen = {}  # thread -> ns, of the last sample
        self._ended_ns = 0  # of threads that were seen once and are gone

    def seconds(self, tree, processes):
        """Of these processes, (pid, number of threads) each, since the first sample of their tree counted in; `tree`
        tells one tree from the next. None where the kernel does not say, and for more than 512 threads."""
        if tree != self._tree:
            self._tree, self._seen, self._ended_ns = tree, {}, 0
        if sum(threads for _, threads in processes) > self._THREADS_AT_MOST:
            return None
        now, has_run = {}, False
        for pid, threads in processes:
            for thread, path in self._threads(pid, threads):
                fields = _read(path)
                if fields:
                    now[thread] = int(fields[1])
                    has_run = has_run or fields[2] != b"0"
        if not has_run:  # a kernel that does not keep count has "0 0 0" for each
            return None
        # A number that is smaller than before is a new thread's, to whom the kernel gave the same id.
        self._ended_ns += sum(ns for thread, ns in self._seen.items() if now.get(thread, -1) < ns)
        self._seen = now
        return (self._ended_ns + sum(now.values())) / 1e9

    def _threads(self, pid, threads):
        if threads == 1:
            return [(pid, f"{self._proc}/{pid}/schedstat")]
        try:
            names = os.listdir(f"{self._proc}/{pid}/task")
        except OSError:  # gone
            return []
        return [(int(name), f"{self._proc}/{pid}/task/{name}/schedstat") for name in names]


def _read(path):
    """ns on a CPU, ns of waiting for one, and how often it was given one; None for a thread that is gone."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fields = os.read(file, 256).split()
    except OSError:
        return None
    finally:
        os.close(file)
    return fields if len(fields) == 3 else None
