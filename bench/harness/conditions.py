"""Scenarios that yield times and memory: starting, and thousands of connections that wait."""

import statistics
import time

from . import client, load
from .scenarios import Figure, Scenario
from .servers import Setup


class StartUp(Scenario):
    """From the command until the greeting, with an empty queue, and what the idle server takes then."""

    figures = (
        Figure("ready", "seconds from the command to the greeting"),
        Figure("cpu", "CPU seconds until idle"),
        Figure("memory", "memory when idle, MB"),
    )

    def setup(self, stage):
        return Setup(routes=(("*", load.free_port()),))

    def prepare(self, stage, server):
        server.start()  # makes what only a first start makes
        server.stop()

    def measure(self, stage, server):
        seconds = server.start()
        server.tree.settle(10)
        result = {"ready": seconds, "cpu": server.tree.usage().cpu, "memory": server.tree.memory() / 2**20}
        server.stop()
        return result


class Idle(Scenario):
    """Connections that have said EHLO and wait, and one client more."""

    figures = (
        Figure("held", "connections held", True),
        Figure("memory", "memory, MB"),
        Figure("greeting", "ms until one more client has its greeting and EHLO"),
        Figure("accepted", "ms until its message of 4 KB is accepted"),
    )
    note = (
        "Postfix and Exim have a process for each connection and are given a tenth of the connections; memory counts "
        "shared pages once. Posthorn: limits.connections; Postfix: default_process_limit; Exim: smtp_accept_max raised."
    )
    connections, of_peers = 10_000, 1_000

    def setup(self, stage):
        # The larger number for all: a limit that is not reached costs nothing.
        return Setup(routes=(("*", load.free_port()),), hold=("*",), sessions=stage.scaled(self.connections))

    def measure(self, stage, server):
        body = client.content(4096)
        client.time_to_greeting_and_accepted(server.port, body)
        many = self.connections if server.kind() == "posthorn" else self.of_peers
        with client.IdleConnections(server.port, stage.scaled(many)):
            time.sleep(1)
            memory = server.tree.memory()
            times = [client.time_to_greeting_and_accepted(server.port, body) for _ in range(21)]
        server.require_alive()
        server.tree.settle(stage.settle_seconds)
        greeting, accepted = (statistics.median(values) * 1000 for values in zip(*times))
        return {"held": stage.scaled(many), "memory": memory / 2**20, "greeting": greeting, "accepted": accepted}
