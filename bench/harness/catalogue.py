"""All scenarios, in the order in which they are run."""

from .conditions import Idle, StartUp
from .million import Million
from .scenarios import Accept, AcceptOn, AcceptByTls, Maildirs, Mixed, Relay, SlowBeside

MB = 1 << 20
TWO = ("postfix", "posthorn")  # spares the time of a third

SCENARIOS = [
    Accept("accept", "accept 4 KB, 20 connections kept open", keep=True),
    AcceptOn("accept-on", "accept 4 KB, 20 connections kept open, the queue growing through all rounds", keep=True),
    Accept("accept-new", "accept 4 KB, a new connection for each message", keep=False),
    Accept("accept-1", "accept 4 KB, 1 connection kept open", keep=True, sessions=1, servers=TWO),
    Accept("accept-200", "accept 4 KB, 200 connections kept open", keep=True, sessions=200, servers=TWO),
    Relay("relay", "accept and relay 4 KB, 20 connections kept open", keep=True),
    Relay("relay-new", "accept and relay 4 KB, a new connection for each message", keep=False),
    Relay("relay-1", "accept and relay 4 KB, 1 connection kept open", keep=True, sessions=1, servers=TWO),
    Relay("relay-200", "accept and relay 4 KB, 200 connections kept open", keep=True, sessions=200, servers=TWO),
    Relay("relay-1mb", "accept and relay 1 MB, 20 connections kept open", keep=True, size=MB),
    Relay(
        "recipients-50",
        "accept and relay 4 KB to 50 recipients each, 20 connections kept open",
        keep=True,
        recipients=50,
    ),
    Mixed(
        "mixed",
        "accept and relay 80 % 4 KB, 15 % 60 KB, 5 % 2 MB, 20 connections kept open",
        note="the client is Python and sends the commands of a message in one go.",
    ),
    AcceptByTls("tls", "accept 4 KB by STARTTLS, 20 connections kept open", keep=True, note="the client is Python."),
    AcceptByTls(
        "tls-new",
        "accept 4 KB by STARTTLS, a new connection and handshake for each message",
        keep=False,
        note="the client is Python; ECDSA P-256, no resumption.",
    ),
    Maildirs("maildirs", "accept 4 KB and deliver to 1,000 Maildirs, 20 connections kept open", keep=True),
    SlowBeside("slow", "a slow destination beside a fast one", keep=True),
    StartUp("start-up", "start with an empty queue"),
    Idle("idle", "connections that wait"),
    Million("million", "a million queued recipients"),
]

GROUPS = {
    "main": "what a plain bench/run measures",
    "long": "only when named: about ten minutes each",
    "all": "everything",
}


def chosen(names):
    """Returns the scenarios that the names mean, in the order of the catalogue; raises KeyError for an unknown one."""
    known = {scenario.name for scenario in SCENARIOS} | set(GROUPS)
    for name in names:
        if name not in known:
            raise KeyError(name)
    wanted = set(names or ["main"])
    return [scenario for scenario in SCENARIOS if wanted & {scenario.name, scenario.group, "all"}]
