"""What a tree of processes uses, from /proc (man 5 proc)."""

import os
import time

from wsbench_monitor import run_queue

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_KIB_PER_PAGE = os.sysconf("SC_PAGE_SIZE") // 1024


class _Stat:
    """The fields of /proc/PID/stat that are needed here."""

    __slots__ = ("pid", "state", "parent", "group", "ticks", "threads", "started", "rss_kib")

    def __init__(self, pid, text):
        # The second field is the program's name in parentheses; it may hold blanks and parentheses itself.
        fields = text[text.rindex(b")") + 2 :].split(None, 22)
        self.pid = pid
        self.state = fields[0]
        self.parent = int(fields[1])
        self.group = int(fields[2])
        # utime, stime, and those of children that were waited for: a child's time moves to its parent when it ends.
        self.ticks = int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])
        self.threads = int(fields[17])
        self.started = int(fields[19])
        self.rss_kib = int(fields[21]) * _KIB_PER_PAGE


def _read(path):
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(file, 4096)
    finally:
        os.close(file)


def _stat(pid):
    """None when there is no such process (any more)."""
    try:
        return _Stat(pid, _read(f"/proc/{pid}/stat"))
    except (FileNotFoundError, ProcessLookupError):
        return None


class Scanner:
    """Samples process trees.

    A tree is the leader's descendants and its process group: supervisord makes every program the leader of a group,
    so workers whose parent has died are still found. That takes a look at all processes; those that are older than
    the leader cannot belong to it and are looked at once, not once a sample.
    """

    # The list of older processes is made anew this often, should a pid come to be used a second time.
    _SAMPLES_PER_LIST = 60

    def __init__(self):
        self._leader = None
        self._older = frozenset()
        self._samples = 0
        self._waits = run_queue.WaitCounter()

    def sample(self, leader_pid, pss=False):
        """A dict of pid, processes, threads, files, rss_kib, pss_kib, cpu_seconds, and, where the kernel tells,
        run_queue_wait_seconds; with `pss` also pss_read_seconds. None if the leader is gone."""
        leader = _stat(leader_pid)
        if leader is None or leader.state == b"Z":
            return None
        members = self._members(leader)
        alive = [member for member in members if member.state != b"Z"]
        sample = {
            "pid": leader_pid,
            "processes": len(alive),
            "threads": sum(member.threads for member in alive),
            "files": sum(_count_files(member.pid) for member in alive),
            "rss_kib": sum(member.rss_kib for member in alive),
            "pss_kib": 0,
            "cpu_seconds": sum(member.ticks for member in members) / _TICKS_PER_SECOND,
        }
        wait = self._waits.seconds((leader.pid, leader.started), [(member.pid, member.threads) for member in alive])
        if wait is not None:
            sample["run_queue_wait_seconds"] = wait
        if pss:
            begin = time.monotonic()
            sample["pss_kib"] = _pss_kib([member.pid for member in alive])
            sample["pss_read_seconds"] = time.monotonic() - begin
        return sample

    def _members(self, leader):
        identity = (leader.pid, leader.started)
        if self._leader != identity or self._samples >= self._SAMPLES_PER_LIST:
            self._leader, self._older, self._samples = identity, frozenset(), 0
        self._samples += 1

        pids = {int(name) for name in os.listdir("/proc") if name.isdigit()} - self._older
        pids.discard(leader.pid)
        stats = [stat for stat in map(_stat, pids) if stat is not None]
        older = {stat.pid for stat in stats if stat.started < leader.started}
        self._older |= older
        return [leader] + _belonging([stat for stat in stats if stat.pid not in older], leader.pid)


def _belonging(stats, leader_pid):
    children = {}
    for stat in stats:
        children.setdefault(stat.parent, []).append(stat)
    found = {stat.pid: stat for stat in stats if stat.group == leader_pid}
    to_visit = [leader_pid, *found]
    while to_visit:
        for child in children.get(to_visit.pop(), ()):
            if child.pid not in found:
                found[child.pid] = child
                to_visit.append(child.pid)
    return list(found.values())


def _count_files(pid):
    try:
        # Since Linux 6.2 the directory's size is the number of open files; before it is 0, and listing is slow.
        return os.stat(f"/proc/{pid}/fd").st_size or len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:  # gone, or another user's
        return 0


def _pss_kib(pids):
    """Of all of them together; 0 when one of them may not be looked at: a part would pass for the whole."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup", "rb") as rollup:
                total += next((int(line.split()[1]) for line in rollup if line.startswith(b"Pss:")), 0)
        except (FileNotFoundError, ProcessLookupError):  # gone
            continue
        except OSError:  # another user's
            return 0
    return total
