"""What contestants say of themselves (contestant.json) and whether they can be started here.

Nothing here blocks: a contestant's `check` and `version` commands run as a child whose pipe supervisord's own loop
watches.
"""

import os
import signal
import time

import wsbench_manifest

# Keys that are for this machine alone.
_COMMANDS = ("build", "check", "version")
_SECONDS = 10
_SECONDS_TO_COLLECT = 0.1
_OUTPUT_BYTES = 16384

# The exit status has to come through the pipe, as the first word of the output: supervisord reaps every child itself.
_SCRIPT = """
cd -- "$3" || exit
output=$(sh -c "$1" 2>&1) || { printf 'missing\n%s\n' "$output"; exit; }
printf 'installed\n'
exec sh -c "$2" 2>&1
"""


def _ascii(value):
    """Without what XML-RPC cannot carry: control characters, and (since supervisord gives the length of deferred
    answers in characters where HTTP counts bytes) whatever is not ASCII."""
    if isinstance(value, list):
        return [_ascii(item) for item in value]
    if isinstance(value, dict):
        return {_ascii(key): _ascii(item) for key, item in value.items()}
    return "".join(c if " " <= c <= "~" else "?" for c in value)


class Inquiry:
    """One contestant's info in the making."""

    def __init__(self, name, file, directory, environment):
        self.name = name
        self._directory = directory
        self._environment = environment
        self._output = b""
        self._deadline = None
        self._ended = None
        self._pipe = None
        self._socket_map = None
        self._error = ""
        try:
            self._manifest = wsbench_manifest.load(file)
        except wsbench_manifest.ManifestError as error:
            self._manifest, self._error = None, str(error)
        self.done = self._manifest is None

    def start(self, socket_map):
        """Starts the commands; from then on supervisord's loop calls the methods below this one."""
        command = ["timeout", "--kill-after=1", str(_SECONDS), "sh", "-c", _SCRIPT, "sh"]
        command += [self._manifest["check"], self._manifest["version"], self._directory]
        self._pipe, write_end = os.pipe()
        os.set_blocking(self._pipe, False)
        try:
            # Not subprocess.Popen, which would wait for the child too: one of the two would come too late.
            os.posix_spawnp(
                command[0],
                command,
                self._environment,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, write_end, 1),
                    (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
                ],
                setsigdef=[signal.SIGPIPE],  # Python ignores it, and so would every child
            )
        except OSError as error:
            os.close(self._pipe)
            self._output = f"missing\n{command[0]}: {error.strerror}".encode()
            self.done = True
            return
        finally:
            os.close(write_end)
        self._deadline = time.monotonic() + _SECONDS + 2
        self._socket_map = socket_map
        socket_map[self._pipe] = self

    def readable(self):
        return not self.done

    def writable(self):
        return False

    def handle_read_event(self):
        chunk = os.read(self._pipe, _OUTPUT_BYTES)
        self._output = (self._output + chunk)[:_OUTPUT_BYTES]
        if chunk:
            return
        # The pipe stays in the loop, ready at its end, until the result is collected: nothing else would wake the loop
        # for up to a second. Unless nobody collects it any more, the client having gone.
        now = time.monotonic()
        self._ended = self._ended or now
        if now > self._ended + _SECONDS_TO_COLLECT:
            self._finish()

    def handle_error(self):
        self._finish()

    def collect(self):
        """True once the commands have ended, or were given up for leaving something behind that holds the pipe."""
        if not self.done and (self._ended or time.monotonic() > self._deadline):
            self._finish()
        return self.done

    def _finish(self):
        del self._socket_map[self._pipe]
        os.close(self._pipe)
        self.done = True

    def info(self):
        """The struct that getContestantInfo answers."""
        manifest = self._manifest or {}
        status, _, rest = self._output.decode("utf-8", "replace").partition("\n")
        lines = [line for line in rest.splitlines() if line.strip()]
        installed = status == "installed"
        error = self._error
        if manifest and not installed:
            error = lines[-1] if lines else f"`{manifest['check']}` failed, or took more than {_SECONDS} s"
        kinds = wsbench_manifest.KINDS.items()
        info = {key: _ascii(manifest.get(key, kind())) for key, kind in kinds if key not in _COMMANDS}
        info["name"] = _ascii(self.name)
        info["manifest"] = self._manifest is not None
        info["installed"] = installed
        info["version"] = _ascii(lines[0].strip()) if installed and lines else ""
        info["error"] = _ascii(error)
        return info


class InquiryQueue:
    """Runs inquiries, a few at a time."""

    _AT_ONCE = 4

    def __init__(self, inquiries, socket_map):
        self._waiting = [inquiry for inquiry in inquiries if not inquiry.done]
        self._running = []
        self._socket_map = socket_map

    def advance(self):
        """Starts what may be started; true when all are done."""
        self._running = [inquiry for inquiry in self._running if not inquiry.collect()]
        while self._waiting and len(self._running) < self._AT_ONCE:
            inquiry = self._waiting.pop(0)
            inquiry.start(self._socket_map)
            if not inquiry.done:
                self._running.append(inquiry)
        return not self._running
