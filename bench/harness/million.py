"""A million recipients that wait: building, starting, listing, relaying beside them, letting them go."""

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from . import client, load
from .processes import BenchError, PeakHeap, PeakMemory
from .scenarios import Figure, Scenario, steady_rate
from .servers import Setup

DOMAINS, PER_MESSAGE, SESSIONS = 100, 100, 8
DELIVERING_SECONDS = 60


class Million(Scenario):
    """1,000,000 recipients in 10,000 messages of 4 KB, each to 100 domains with a destination of their own."""

    group = "long"
    servers = ("postfix", "posthorn")
    rounds = 1
    recipients = 1_000_000
    figures = (
        Figure("build", "recipients accepted per second while the queue is built", True),
        Figure("peak", "peak memory while it is built, MB"),
        Figure("heap_building", "heap at that time, MB"),
        Figure("heap_queued", "heap in use once it is built, all garbage collected, MB"),
        Figure("clean", "seconds to the greeting after an orderly end"),
        Figure("unclean", "seconds to the greeting after a crash"),
        Figure("power_cut", "seconds to the greeting after a simulated power cut"),
        Figure("power_cut_cpu", "CPU seconds until then"),
        Figure("listing", "seconds to list what waits for one domain"),
        Figure("listing_memory", "peak memory while listing, MB"),
        Figure("heap_listing", "heap while listing, MB"),
        Figure("empty", "relayed messages per second with an empty queue", True),
        Figure("beside", "the same beside the full queue", True),
        Figure("kept", "share kept", True),
        Figure("first", "seconds from letting go to the first delivery"),
        Figure("deliveries", "deliveries per second in the minute after that", True),
        Figure("peak_delivering", "peak memory while delivering, MB"),
        Figure("heap_delivering", "heap while delivering, MB"),
        Figure("heap_delivering_live", "heap in use then, all garbage collected, MB"),
    )
    note = (
        "Postfix has the mail on HOLD, which keeps it out of its queue manager; letting go is postsuper -H ALL and a "
        "flush. Posthorn has 100 paused destinations, which it resumes. The listing is postqueue -j through grep, "
        "and posthorn queue list --domain. Exim takes no part. The simulated power cut: kill -9, the page cache is emptied, "
        "and Posthorn finds the boot id of another time in its data directory, so that it checks index and spool as after a "
        "real one; nothing that was written is lost. Heap: what the JVM has taken of the machine for it, garbage and "
        "free room included, asked for once a second; all garbage is collected by jcmd GC.run."
    )

    def setup(self, stage):
        self._sink = stage.sink()
        self._ports = [load.free_port() for _ in range(DOMAINS)]
        domains = tuple(f"d{number}.example" for number in range(DOMAINS))
        return Setup(routes=(*zip(domains, self._ports), ("*", self._sink.port)), hold=domains)

    def measure(self, stage, server):
        values = {"empty": self._relay_rate(stage, server), **self._build(stage, server)}
        server.stop()
        values["clean"] = server.start(600)
        values |= self._list(server, stage.scaled(self.recipients) // DOMAINS // 2)
        values["beside"] = self._relay_rate(stage, server)
        values["kept"] = values["beside"] / values["empty"]
        server.cut_power()
        values["power_cut"] = server.start_after_power_cut(1200)
        values["power_cut_cpu"] = server.tree.usage().cpu
        server.crash()
        values["unclean"] = server.start(600)
        values |= self._let_go(stage, server)
        server.end()  # or it would go on delivering while the next one is measured
        return values

    def _relay_rate(self, stage, server):
        """Returns messages a second to a destination that takes them, once warm."""

        def timed(messages):
            before, begin = self._sink.messages(), time.monotonic()
            load.smtp_source(server.port, messages)
            self._sink.wait_for(before + messages, server.require_alive)
            return time.monotonic() - begin

        return max(steady_rate(timed, stage.warm_up_seconds), steady_rate(timed, stage.seconds))

    def _build(self, stage, server):
        body = client.content(4096)
        recipients = stage.scaled(self.recipients)

        def to(message):
            return [b"u%d@d%d.example" % (message, domain) for domain in range(PER_MESSAGE)]

        with PeakMemory(server.tree) as peak:
            with PeakHeap(server) as heap:
                begin = time.monotonic()
                client.send_kept_open(server.port, recipients // PER_MESSAGE, SESSIONS, lambda _: body, to)
                seconds = time.monotonic() - begin
            server.tree.settle(120)  # who is asked every second is never idle
            heap.look()
        return {
            "build": recipients / seconds,
            "peak": _mb(peak.bytes),
            "heap_building": _mb(heap.bytes),
            "heap_queued": _mb(server.live_heap()),
        }

    def _list(self, server, at_least):
        with PeakMemory(server.tree) as peak, PeakHeap(server) as heap:
            begin = time.monotonic()
            done = subprocess.run(
                f"{server.list_command('d7.example')} | wc -l", shell=True, capture_output=True, text=True
            )
            seconds = time.monotonic() - begin
        if not done.stdout.strip().isdigit() or int(done.stdout) < at_least / PER_MESSAGE:
            raise BenchError(f"{server.name} lists too little: {done.stdout.strip()} lines {done.stderr.strip()}")
        return {"listing": seconds, "listing_memory": _mb(peak.bytes), "heap_listing": _mb(heap.bytes)}

    def _let_go(self, stage, server):
        sinks = [stage.sink(port=port) for port in self._ports]
        with PeakMemory(server.tree) as peak, PeakHeap(server) as heap, ThreadPoolExecutor(1) as aside:
            begin = time.monotonic()
            letting_go = aside.submit(server.let_go)  # deliveries may begin before it has ended
            load.wait_for(lambda: any(sink.messages() for sink in sinks), "first delivery", alive=server.require_alive)
            first = time.monotonic()
            time.sleep(max(5, stage.scaled(DELIVERING_SECONDS)))
            delivered, last = sum(sink.messages() for sink in sinks), time.monotonic()
            server.require_alive()
            letting_go.result()
        live = _mb(server.live_heap())
        for sink in sinks:
            sink.close()
        return {
            "first": first - begin,
            "deliveries": delivered / (last - first),
            "peak_delivering": _mb(peak.bytes),
            "heap_delivering": _mb(heap.bytes),
            "heap_delivering_live": live,
        }


def _mb(octets):
    return None if octets is None else octets / 2**20
