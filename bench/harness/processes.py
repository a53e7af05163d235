"""A server with all its processes: starting, ending, and what it has used."""

import os
import pathlib
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

from .supervisor import descendants

TICKS = os.sysconf("SC_CLK_TCK")
SUPERVISOR = pathlib.Path(__file__).with_name("supervisor.py")


class BenchError(Exception):
    """Something that ends a scenario, told in one sentence."""


@dataclass(frozen=True)
class Usage:
    """What a tree of processes has used since its start: CPU in seconds, bytes sent towards the disk."""

    cpu: float
    written: int

    def __sub__(self, before):
        return Usage(self.cpu - before.cpu, self.written - before.written)


class Tree:
    """A command and everything it forks, below a supervisor."""

    def __init__(self, command, log, mounts=(), environment=None):
        covers = [word for mount in mounts for word in ("--mount", mount)]
        self._supervisor = subprocess.Popen(
            [sys.executable, str(SUPERVISOR), *covers, str(log), *map(str, command)],
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )
        self._log = pathlib.Path(log)

    def processes(self):
        return descendants(self._supervisor.pid)

    def main_process(self):
        """Returns the id of the command itself, or of what it has become."""
        with open(f"/proc/{self._supervisor.pid}/task/{self._supervisor.pid}/children", encoding="ascii") as file:
            return int(file.read().split()[0])

    def is_alive(self):
        return self._supervisor.poll() is None

    def require_alive(self, name):
        if not self.is_alive():
            raise BenchError(f"{name} ended by itself; the last it said:\n{self.last_words()}")

    def last_words(self, lines=15):
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def usage(self):
        """Adds up the living processes; each of them includes the children that it has seen end."""
        cpu = written = 0
        for process in [self._supervisor.pid, *self.processes()]:
            try:
                seconds = cpu_seconds(process)
                with open(f"/proc/{process}/io", encoding="ascii") as file:
                    lines = dict(line.split(": ") for line in file.read().splitlines())
            except OSError:
                continue  # ended meanwhile: its parent has it
            cpu += seconds
            written += int(lines["write_bytes"])
        return Usage(cpu, written)

    def memory(self):
        """Returns the resident memory in bytes; a page that several processes share counts once."""
        return sum(filter(None, (_proportional(process) for process in self.processes())))

    def peak_of_single(self):
        """Returns the peak of the resident memory if this is one process, else None."""
        processes = self.processes()
        return _status(processes[0], "VmHWM") if len(processes) == 1 else None

    def forget_peak(self):
        for process in self.processes():
            try:
                pathlib.Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")
            except OSError:
                pass  # ended meanwhile

    def settle(self, longest):
        """Waits until the tree does nothing any more, at most so many seconds."""
        end = time.monotonic() + longest
        before = self.usage().cpu
        while time.monotonic() < end:
            time.sleep(0.5)
            now = self.usage().cpu
            if now - before < 0.02:
                return
            before = now

    def wait(self, seconds):
        """Returns whether everything has ended within so many seconds."""
        try:
            self._supervisor.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self):
        """Ends all processes at once, as a crash would."""
        if self.is_alive():
            self._supervisor.terminate()
        self._supervisor.wait()


class Watch:
    """Calls look() again and again while in use as a context."""

    def __init__(self, look, interval):
        self._look, self._interval = look, interval
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def _watch(self):
        while not self._done.wait(self._interval):
            self._look()


class PeakMemory(Watch):
    """Watches the memory of a tree while in use as a context; bytes has the peak afterwards."""

    def __init__(self, tree, interval=0.5):
        super().__init__(self._look_at_several, interval)
        self.bytes = 0
        self._tree = tree

    def __enter__(self):
        self._tree.forget_peak()
        return super().__enter__()

    def __exit__(self, *_):
        super().__exit__()
        exact = self._tree.peak_of_single() if self._tree.is_alive() else None
        self.bytes = exact or max(self.bytes, self._tree.memory())

    def _look_at_several(self):
        if len(self._tree.processes()) > 1:  # the peak of a single one is kept by the kernel
            self.bytes = max(self.bytes, self._tree.memory())


class PeakHeap(Watch):
    """Watches the heap of a server while in use as a context; bytes has the peak afterwards, None where there is no heap."""

    def __init__(self, server, interval=1):
        super().__init__(self.look, interval)
        self.bytes = None
        self._server = server

    def __exit__(self, *_):
        super().__exit__()
        self.look()

    def look(self):
        heap = self._server.heap()
        if heap is not None:
            self.bytes = max(self.bytes or 0, heap)


def cpu_seconds(process):
    """Returns what a process and its children that it has seen end have used of the CPU."""
    with open(f"/proc/{process}/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    return sum(int(field) for field in fields[11:15]) / TICKS


def _proportional(process):
    try:
        with open(f"/proc/{process}/smaps_rollup", encoding="ascii") as file:
            return next((int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:")), 0)
    except OSError:
        return 0


def _status(process, key):
    try:
        with open(f"/proc/{process}/status", encoding="utf-8") as file:
            return next((int(line.split()[1]) * 1024 for line in file if line.startswith(key + ":")), None)
    except OSError:
        return None
