"""What is measured: the scenarios that yield a rate. The others are in conditions.py and million.py."""

import time
from dataclasses import dataclass

from . import client, load
from .processes import PeakMemory
from .servers import MAIL_DOMAIN, Setup


@dataclass(frozen=True)
class Figure:
    """One column of results: its key, what it is, with unit, and whether more of it is better."""

    key: str
    label: str
    more_is_better: bool = False


RATE = Figure("rate", "messages per second", True)
CPU = Figure("cpu", "CPU seconds per 1,000 messages")
LOAD_CPU = Figure("load_cpu", "CPU seconds per 1,000 messages of load and sink")
MEMORY = Figure("memory", "peak memory, MB")
WRITTEN = Figure("written", "bytes written per byte of message")


class Scenario:
    """Something to measure of each server, in turn.

    group: "main" belongs to a plain "bench/run"; "long" is run when it is named
    servers: names of the servers that can take part; None for all
    rounds: how often, when it is not left to the command line
    """

    group = "main"
    servers = None
    rounds = None
    figures = ()
    note = ""

    def __init__(self, name, title):
        self.name, self.title = name, title

    def setup(self, stage):
        """Returns the Setup for all servers."""
        raise NotImplementedError

    def prepare(self, stage, server):
        """Brings a server to where measuring can begin."""
        server.start()

    def measure(self, stage, server):
        """Returns one value for each key of figures."""
        raise NotImplementedError


def steady_rate(timed, least_seconds):
    """Returns the rate of timed(messages), called with more and more until it gets no faster, twice in a row.

    One slow run may be chance. What lies between the runs does not count: it warms nothing up.
    """
    messages, best, spent, no_faster = 100, 0.0, 0.0, 0
    while True:
        seconds = timed(messages)
        rate, spent = messages / seconds, spent + seconds
        no_faster = no_faster + 1 if rate < 1.05 * best else 0
        if spent > least_seconds and no_faster >= 2 or spent > 4 * least_seconds:
            return rate
        best = max(best, rate)
        messages = min(2 * messages, int(rate * least_seconds / 4) + 1)


class Relay(Scenario):
    """Messages through the server to the sink, timed from the first connection until the sink has the last."""

    figures = (RATE, CPU, LOAD_CPU, MEMORY, WRITTEN)

    def __init__(self, name, title, *, servers=None, note="", **options):
        super().__init__(name, title)
        self.servers, self.note = servers, note
        self._options = {"sessions": 20, "size": 4096, **options}

    def setup(self, stage):
        self._sink = stage.sink()
        return Setup(routes=(("*", self._sink.port),), sessions=self._options["sessions"])

    def prepare(self, stage, server):
        """Warms the server up, which also tells how many messages a round takes."""
        server.start()
        rate = steady_rate(lambda messages: self.timed_alone(server, messages), stage.warm_up_seconds)
        stage.messages[server] = max(int(rate * stage.seconds), self._options["sessions"])
        server.tree.settle(stage.settle_seconds)

    def measure(self, stage, server):
        messages = stage.messages[server]
        before, load_before = server.tree.usage(), stage.load_cpu()
        with PeakMemory(server.tree) as peak:
            seconds = self.timed(server, messages)
            load_cpu = stage.load_cpu() - load_before
            server.tree.settle(stage.settle_seconds)
        used = server.tree.usage() - before
        self.clear(server)
        return {
            "rate": messages / seconds,
            "cpu": used.cpu * 1000 / messages,
            "load_cpu": load_cpu * 1000 / messages,
            "memory": peak.bytes / 2**20,
            "written": used.written / self.octets(messages),
        }

    def timed_alone(self, server, messages):
        """As timed, and then leaves nothing for later to do."""
        seconds = self.timed(server, messages)
        self.clear(server)
        return seconds

    def clear(self, server):
        """Does away with what a measurement left in the queue; there is nothing."""

    def timed(self, server, messages):
        """Sends so many messages and returns the seconds until they are where they belong."""
        marker = self.mark(server)
        begin = time.monotonic()
        self.send(server, messages)
        self.arrived(server, marker, messages)
        seconds = time.monotonic() - begin
        server.require_alive()
        return seconds

    def mark(self, server):
        return self._sink.messages()

    def send(self, server, messages):
        load.smtp_source(server.port, messages, **self._options)

    def arrived(self, server, marker, messages):
        self._sink.wait_for(marker + messages, server.require_alive)

    def octets(self, messages):
        return messages * self._options["size"]


class Accept(Relay):
    """Messages into an empty queue that stays full, timed until the client has the last 250."""

    def setup(self, stage):
        return Setup(routes=(("*", load.free_port()),), hold=("*",), sessions=self._options["sessions"])

    def mark(self, server):
        return None

    def arrived(self, server, marker, messages):
        pass  # the 250 was it

    def clear(self, server):
        server.clear()


class AcceptOn(Accept):
    """As Accept, but the queue is not emptied in between: it grows, also while the server is warmed up."""

    def clear(self, server):
        """Leaves it."""


class Mixed(Relay):
    """Messages of several sizes, in an order that is the same for all."""

    mixture = client.Mixture((0.80, 4 << 10), (0.15, 60 << 10), (0.05, 2 << 20))

    def send(self, server, messages):
        client.send_kept_open(server.port, messages, self._options["sessions"], self.mixture.body)

    def octets(self, messages):
        return self.mixture.octets(messages)


class AcceptByTls(Accept):
    """As Accept, after STARTTLS; the client is Python."""

    def setup(self, stage):
        plain = super().setup(stage)
        return Setup(routes=plain.routes, hold=plain.hold, sessions=plain.sessions, tls=stage.certificate())

    def send(self, server, messages):
        body = client.content(self._options["size"])
        if self._options["keep"]:
            client.send_kept_open(server.port, messages, self._options["sessions"], lambda _: body, tls=True)
        else:
            client.send_anew(server.port, messages, self._options["sessions"], body, tls=True)


class Maildirs(Relay):
    """Messages into 1,000 Maildirs in turn, timed until the log has told of the last delivery."""

    mailboxes = 1000

    def setup(self, stage):
        return Setup(mailboxes=self.mailboxes, sessions=self._options["sessions"])

    def mark(self, server):
        return server.delivered()

    def send(self, server, messages):
        for sent in range(0, messages, self.mailboxes):  # smtp-source numbers from 1 in each of its runs
            some = min(self.mailboxes, messages - sent)
            load.smtp_source(server.port, some, to=f"u@{MAIL_DOMAIN}", number=True, **self._options)

    def arrived(self, server, marker, messages):
        server.wait_for_delivered(marker + messages)


class SlowBeside(Relay):
    """Messages to a fast destination, while thousands wait for one that takes a second for each."""

    figures = (
        Figure("rate", "fast destination, messages per second, a slow one beside it", True),
        Figure("alone", "the same without the slow one", True),
        Figure("kept", "share kept", True),
    )
    waiting = 2000

    def setup(self, stage):
        self._sink = stage.sink()
        self._slow = stage.sink("-w", "1")
        self._alone = {}
        return Setup(routes=(("slow.example", self._slow.port), ("*", self._sink.port)))

    def measure(self, stage, server):
        messages = stage.messages[server]
        if server not in self._alone:
            self._alone[server] = [messages / self.timed(server, messages) for _ in range(stage.rounds)]
            load.smtp_source(server.port, stage.scaled(self.waiting), to="to@slow.example", **self._options)
        alone = sorted(self._alone[server])[stage.rounds // 2]
        rate = messages / self.timed(server, messages)
        return {"rate": rate, "alone": alone, "kept": rate / alone}
