"""Runs scenarios: starts the servers, measures them in turn, round after round, and cleans up whatever happens."""

import contextlib
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass, field

from . import load
from .load import Sink, free_port
from .processes import BenchError


@dataclass(frozen=True)
class Scale:
    """How much is measured: rounds, seconds of one measurement and of warming up, and the share of fixed numbers."""

    rounds: int
    seconds: float
    warm_up_seconds: float
    share: float


@dataclass
class Outcome:
    """What came of one scenario: for each server a list of values by key, one a round, or why there is none."""

    scenario: object
    values: dict = field(default_factory=dict)
    failures: dict = field(default_factory=dict)


class Stage:
    """What the servers of one scenario share: the directory, the sinks, the scale."""

    settle_seconds = 10

    def __init__(self, directory, scale):
        self.directory = pathlib.Path(directory)
        self.messages = {}
        self.rounds, self.seconds, self.warm_up_seconds = scale.rounds, scale.seconds, scale.warm_up_seconds
        self._share = scale.share
        self._sinks = []

    def scaled(self, number):
        return max(1, int(number * self._share))

    def sink(self, *options, port=None):
        """Starts one more sink, which ends with the stage."""
        self._sinks.append(Sink(port or free_port(), *options))
        return self._sinks[-1]

    def load_cpu(self):
        """Returns the CPU seconds that load and sinks have used so far."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return ended.ru_utime + ended.ru_stime + sum(sink.cpu() for sink in self._sinks)

    def certificate(self):
        """Makes a certificate (ECDSA P-256) and returns the paths of it and its key."""
        paths = self.directory / "certificate.pem", self.directory / "key.pem"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-days", "2", "-subj", "/CN=peer.example", "-out", paths[0], "-keyout", paths[1]]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchError(f"openssl: {done.stderr.strip()}")
        paths[1].chmod(0o644)  # of no value, and a server may run as another user
        return paths

    def close(self):
        for sink in self._sinks:
            sink.close()


def run(scenario, server_classes, scale, parent):
    """Runs one scenario and returns its Outcome; a server that fails does not end it for the others."""
    outcome = Outcome(scenario)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=parent))
    directory.chmod(0o755)
    stage = Stage(directory, scale)
    servers = []
    try:
        setup = scenario.setup(stage)
        for server_class in server_classes:
            if scenario.servers is None or server_class.kind() in scenario.servers:
                _attempt(
                    outcome, server_class.name, lambda c=server_class: _prepare(c, stage, setup, scenario, servers)
                )
        for number in range(scenario.rounds or scale.rounds):
            for server in servers[number % len(servers or [0]) :] + servers[: number % len(servers or [0])]:
                if server.name not in outcome.failures:
                    _attempt(outcome, server.name, lambda s=server: _measure(scenario, stage, s, outcome))
    finally:
        with undisturbed():
            for server in servers:
                server.end()
            stage.close()
            shutil.rmtree(directory, ignore_errors=True)
    return outcome


@contextlib.contextmanager
def undisturbed():
    """Has whoever wants to end us wait until we have cleaned up."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)


def ceiling(seconds):
    """Returns the messages a second of smtp-source straight to smtp-sink: kept open, and a new connection for each."""
    rates = []
    for keep in (True, False):
        sink = Sink(free_port())
        try:
            messages, taken = 500, 0.0
            while taken < seconds / 2:
                begin = time.monotonic()
                load.smtp_source(sink.port, messages, keep=keep)
                taken = time.monotonic() - begin
                rate, messages = messages / taken, int(messages / taken * seconds) + 1
            rates.append(rate)
        finally:
            sink.close()
    return rates


def tell(text):
    print(text, file=sys.stderr, flush=True)


def _prepare(server_class, stage, setup, scenario, servers):
    server = server_class(stage.directory / server_class.name, setup)
    servers.append(server)
    begin = time.monotonic()
    scenario.prepare(stage, server)
    tell(f"  {server.name}: ready to be measured after {time.monotonic() - begin:.1f} s")


def _measure(scenario, stage, server, outcome):
    begin = time.monotonic()
    values = scenario.measure(stage, server)
    outcome.values.setdefault(server.name, []).append(values)
    shown = ", ".join(f"{key} {value:.4g}" for key, value in values.items() if value is not None)
    tell(f"  {server.name}: {shown} ({time.monotonic() - begin:.1f} s)")


def _attempt(outcome, name, action):
    try:
        action()
    except Exception as error:  # whatever it is, the other servers and scenarios are still worth measuring
        if not isinstance(error, (BenchError, OSError)):
            traceback.print_exc()
        outcome.values.pop(name, None)
        outcome.failures[name] = str(error)
        tell(f"  {name}: FAILED: {error}")
