"""supervisord plug-in of the wsbench competition: XML-RPC methods under `wsbench.`.

Runs inside supervisord's only event loop, which also answers everybody else: a method either answers in a few
milliseconds or defers. Needs Python 3 and supervisor, nothing else. Configuration:

    [rpcinterface:wsbench]
    supervisor.rpcinterface_factory = wsbench_monitor:make_rpcinterface
    contestants = %(here)s          ; the folder of the contestants' manifests; default: the one around this plug-in
"""

import os
from types import FunctionType

from supervisor.http import NOT_DONE_YET
from supervisor.options import make_namespec, split_namespec
from supervisor.states import SupervisorStates
from supervisor.xmlrpc import Faults, RPCError

from wsbench_monitor import connections, machine, manifests, process_tree

VERSION = "1.1"

_DEFAULT_CONTESTANTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def make_rpcinterface(supervisord, **config):
    return MonitorRPCInterface(supervisord, config.get("contestants", _DEFAULT_CONTESTANTS))


class MonitorRPCInterface:
    """supervisord publishes every method whose name has no leading underscore; its system.methodHelp and
    system.methodSignature are made from the docstrings."""

    def __init__(self, supervisord, contestants):
        self._supervisord = supervisord
        self._contestants = os.path.abspath(contestants)
        self._scanner = process_tree.Scanner()

    def getMonitorVersion(self):
        """ Return the version of this plug-in

        @return string version  Its version: the part before the dot changes with the meaning of an answer.
        """
        self._refuse_in_shutdown()
        return VERSION

    def sample(self, name, pss=False):
        """ Return what a running contestant uses now, over its whole process tree

        Members: int pid (of the leader), int processes, int threads, int files (open descriptors), int rss_kib,
        int pss_kib (0 unless asked for, and when a process may not be looked at), double cpu_seconds (user and system
        time since the start, that of children that have ended included), double run_queue_wait_seconds (how long its
        threads could have run and had no CPU; absent if the kernel cannot say, or beyond 512 threads), double
        pss_read_seconds (how long it took to read the PSS; absent unless asked for), int connections (established TCP
        connections on the contestant's port; -1 if the kernel cannot say). Of the machine, absent if the kernel cannot
        say: int machine_cpus (online), double machine_cpu_seconds (of all CPUs since it was started, idleness
        included), double machine_steal_seconds (of them, what the hypervisor gave to others).

        @param string name   The name of the process (or 'group:name')
        @param boolean pss   Read the proportional set size too: slow for big processes
        @return struct       As above
        """
        self._refuse_in_shutdown()
        process = self._process(name)
        tree = self._scanner.sample(process.pid, pss) if process.pid else None
        if tree is None:
            raise RPCError(Faults.NOT_RUNNING, name)
        return {**tree, **machine.cpu_use(), "connections": connections.count_established(self._port(process))}

    def getContestantInfo(self, name):
        """ Return what a contestant is, and whether it can be started on this machine

        Members: string name, boolean manifest (false: nothing is known, what follows is empty), boolean installed,
        string version, string language, string platform, arrays packages, build_packages and needs, string processes,
        string notes, array cannot, struct expected (checks of conformance that it fails, and why), string error (why it
        is not installed, or what is wrong with its manifest).

        @param string name  The name of the process (or 'group:name')
        @return struct      As above
        """
        self._refuse_in_shutdown()
        inquiry = self._inquire(name, self._process(name))
        return self._when_done([inquiry], lambda: inquiry.info())

    def getAllContestantInfo(self):
        """ Return getContestantInfo of every process

        @return array  The structs, ordered by name
        """
        self._refuse_in_shutdown()
        inquiries = [
            self._inquire(make_namespec(group_name, process_name), process)
            for group_name, group in self._supervisord.process_groups.items()
            for process_name, process in group.processes.items()
        ]
        inquiries.sort(key=lambda inquiry: inquiry.name)
        return self._when_done(inquiries, lambda: [inquiry.info() for inquiry in inquiries])

    def getMachineInfo(self):
        """ Return what this machine is, as far as it matters to a measurement

        Members: string hostname, kernel, os, cpu_model, cpus_allowed, governor, supervisor, python, boot_id;
        int cpus, files_soft, files_hard (supervisord's own limits, which contestants inherit); int (double beyond 31
        bits) memory_kib; struct sysctls (strings, those that exist here).

        @return struct  As above
        """
        self._refuse_in_shutdown()
        return machine.describe()

    def _refuse_in_shutdown(self):
        if self._supervisord.options.mood < SupervisorStates.RUNNING:
            raise RPCError(Faults.SHUTDOWN_STATE)

    def _process(self, name):
        group_name, process_name = split_namespec(name)
        group = self._supervisord.process_groups.get(group_name)
        process = group.processes.get(process_name) if group is not None else None
        if process is None:
            raise RPCError(Faults.BAD_NAME, name)
        return process

    @staticmethod
    def _environment(process):
        return {**os.environ, **(process.config.environment or {})}

    def _port(self, process):
        return int(self._environment(process).get("PORT", 8000))

    def _inquire(self, name, process):
        file = os.path.join(self._contestants, process.config.name, "contestant.json")
        return manifests.Inquiry(name, file, self._contestants, self._environment(process))

    def _when_done(self, inquiries, answer):
        queue = manifests.InquiryQueue(inquiries, self._supervisord.options.get_socket_map())

        def poll():
            return answer() if queue.advance() else NOT_DONE_YET

        # supervisord asks again when something wakes its loop (the end of an inquiry does) and this many seconds have
        # passed since it last asked.
        poll.delay = 0.005
        assert isinstance(poll, FunctionType)  # what supervisord tells a deferred answer by
        return poll
