"""The load and where it ends: Postfix's smtp-source and smtp-sink, run and waited for."""

import pathlib
import re
import socket
import subprocess
import tempfile
import time

from .processes import BenchError, cpu_seconds
from .supervisor import end_with_parent

LONGEST = 180  # seconds until a step counts as stuck


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, what, longest=LONGEST, interval=0.01, alive=lambda: None):
    """Waits until condition() is true; says what it waited for in vain otherwise."""
    end = time.monotonic() + longest
    while not condition():
        alive()
        if time.monotonic() > end:
            raise BenchError(f"{what}: not within {longest} s")
        time.sleep(interval)


def greeting(port, longest=60, alive=lambda: None):
    """Waits for the 220 of a server."""

    def greets():
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as connection:
                connection.settimeout(5)
                if not connection.recv(512).startswith(b"220"):
                    return False
                connection.sendall(b"QUIT\r\n")
                return True
        except OSError:
            return False

    wait_for(greets, f"no greeting on port {port}", longest, 0.005, alive)


def smtp_source(port, messages, *, sessions=20, size=4096, keep=True, recipients=1, to="to@sink.example", number=False):
    """Sends messages and returns when the server has taken the last."""
    command = ["smtp-source", "-s", str(min(sessions, messages)), "-m", str(messages), "-l", str(size)]
    command += ["-r", str(recipients), "-f", "from@origin.example", "-t", to, "-M", "origin.example"]
    command += ["-d"] * keep + ["-N"] * number + [f"127.0.0.1:{port}"]
    finish(begin(command))


def begin(command, output=subprocess.DEVNULL):
    """Starts a program, as nobody, that ends with us at the latest."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.PIPE, "text": True}
    # Not by "smtp-sink -u": the kernel forgets whom to end with when a process changes its user.
    return subprocess.Popen(command, **pipes, user="nobody", preexec_fn=end_with_parent)


def finish(process):
    try:
        _, errors = process.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise BenchError(f"{process.args[0]} did not end within {LONGEST} s") from None
    except BaseException:
        process.kill()
        process.communicate()
        raise
    if process.returncode != 0 or "fatal" in errors or "error" in errors:
        raise BenchError(f"{' '.join(process.args)}: {errors.strip() or process.returncode}")


class Sink:
    """smtp-sink on a port of its own; counts what it has taken."""

    def __init__(self, port, *options):
        self.port = port
        memory = pathlib.Path("/dev/shm")  # its counter must not write to the disk that is measured
        self._counts = tempfile.TemporaryFile(dir=memory if memory.is_dir() else None)
        command = ["smtp-sink", "-c", *options, f"127.0.0.1:{port}", "1000"]
        self._process = begin(command, self._counts)
        try:
            greeting(port, 10, self._alive)
        except BaseException:
            self.close()
            raise

    def messages(self):
        """Returns the number of messages taken so far."""
        self._counts.seek(0, 2)
        self._counts.seek(max(0, self._counts.tell() - 300))
        found = re.findall(rb"mesg=(\d+)\s", self._counts.read())
        return int(found[-1]) if found else 0

    def cpu(self):
        """Returns the CPU seconds it has used so far; once it has ended, none."""
        return cpu_seconds(self._process.pid) if self._process.poll() is None else 0.0

    def wait_for(self, messages, alive=lambda: None):
        """Waits until so many messages have come since the start."""
        wait_for(lambda: self.messages() >= messages, f"message {messages} at the sink", alive=alive)

    def close(self):
        """Ends it; more than once does no harm."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.communicate()
        self._counts.close()

    def _alive(self):
        if self._process.poll() is not None:
            raise BenchError(f"smtp-sink: {self._process.stderr.read().strip()}")
