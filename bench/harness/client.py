"""Clients for what smtp-source cannot do: mixed sizes, TLS, many domains, connections that only wait.

Each session is a process of its own with a blocking socket, so that they do not wait for each other.
"""

import multiprocessing
import random
import resource
import socket
import ssl
import time

from .processes import BenchError

FORK = multiprocessing.get_context("fork")
LINE = b"0123456789" * 7 + b"01234567\r\n"  # 80 octets

TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TLS.check_hostname, TLS.verify_mode = False, ssl.CERT_NONE  # the certificate is made for the scenario


def content(size):
    """Returns a message of about so many octets, final dot included."""
    head = b"From: <from@origin.example>\r\nTo: <to@sink.example>\r\nSubject: bench\r\n"
    head += b"Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <bench@origin.example>\r\n\r\n"
    return head + LINE * max(1, (size - len(head)) // len(LINE)) + b".\r\n"


class Session:
    """One SMTP session, greeted and ready for MAIL."""

    def __init__(self, port, source=None, tls=False, timeout=120):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout, source_address=source)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._text = b""
        self.expect(b"220")
        self.offers = self.ask(b"EHLO origin.example\r\n", b"250")
        if tls:
            self.ask(b"STARTTLS\r\n", b"220")
            self._socket = TLS.wrap_socket(self._socket)
            self.ask(b"EHLO origin.example\r\n", b"250")

    def ask(self, command, code):
        self._socket.sendall(command)
        return self.expect(code)

    def expect(self, code):
        """Returns the next reply, which must have this code."""
        lines = []
        while not lines or lines[-1][3:4] == b"-":
            while b"\n" not in self._text:
                more = self._socket.recv(65536)
                if not more:
                    raise BenchError("the server closed the connection")
                self._text += more
            line, _, self._text = self._text.partition(b"\n")
            lines.append(line)
        if not lines[-1].startswith(code):
            raise BenchError(f"{code.decode()} expected: {lines[-1].decode(errors='replace')}")
        return b"\n".join(lines)

    def send(self, body, recipients=(b"to@sink.example",)):
        """Sends one message, with its commands in one go (RFC 2920)."""
        commands = [
            b"MAIL FROM:<from@origin.example>\r\n",
            *(b"RCPT TO:<%s>\r\n" % to for to in recipients),
            b"DATA\r\n",
        ]
        self._socket.sendall(b"".join(commands))
        for _ in range(1 + len(recipients)):
            self.expect(b"250")
        self.expect(b"354")
        self.ask(body, b"250")

    def quit(self):
        self.ask(b"QUIT\r\n", b"221")
        self._socket.close()

    def drop(self):
        self._socket.close()


def in_sessions(sessions, messages, send_all):
    """Runs send_all(take) in so many processes at once; take() returns the number of the next message, or None."""
    taken = FORK.Value("l", 0)

    def take():
        with taken.get_lock():
            number = taken.value
            taken.value += 1
        return number if number < messages else None

    def work(pipe):
        try:
            send_all(take)
            pipe.send(None)
        except (OSError, BenchError) as error:
            pipe.send(str(error))

    ends = [FORK.Pipe(duplex=False) for _ in range(sessions)]
    workers = [FORK.Process(target=work, args=(end,), daemon=True) for _, end in ends]
    for worker in workers:
        worker.start()
    for _, end in ends:
        end.close()
    try:
        for (result, _), worker in zip(ends, workers):
            error = result.recv()
            if error:
                raise BenchError(f"load: {error}")
            worker.join()
    except EOFError:
        raise BenchError("load: a session died") from None
    finally:
        for worker in workers:
            worker.kill()


def send_kept_open(port, messages, sessions, body_of, recipients_of=lambda _: (b"to@sink.example",), tls=False):
    """Sends messages over connections that are kept; body_of and recipients_of tell what message number n is."""

    def send_all(take):
        session = Session(port, tls=tls)
        while (number := take()) is not None:
            session.send(body_of(number), recipients_of(number))
        session.quit()

    in_sessions(sessions, messages, send_all)


def send_anew(port, messages, sessions, body, tls=False):
    """Sends each message over a connection of its own."""

    def send_all(take):
        while take() is not None:
            session = Session(port, tls=tls)
            session.send(body)
            session.quit()

    in_sessions(sessions, messages, send_all)


class Mixture:
    """Messages of several sizes in a random order that is always the same."""

    def __init__(self, *shares):
        self._shares = [(share, content(size)) for share, size in shares]

    def body(self, number):
        chance = random.Random(number).random()
        for share, body in self._shares[:-1]:
            if chance < share:
                return body
            chance -= share
        return self._shares[-1][1]

    def octets(self, messages):
        return sum(len(self.body(number)) for number in range(messages))


class IdleConnections:
    """Connections that have said EHLO and say no more, in a process of its own, while in use as a context."""

    PER_ADDRESS = 1000

    def __init__(self, port, count):
        self._pipe, other = FORK.Pipe()
        self._process = FORK.Process(target=self._hold, args=(port, count, other), daemon=True)

    def __enter__(self):
        self._process.start()
        error = self._pipe.recv()
        if error:
            self.__exit__()
            raise BenchError(f"idle connections: {error}")
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.join()

    def _hold(self, port, count, pipe):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
            held = []
            for number in range(count):
                held.append(Session(port, source=(f"127.0.1.{1 + number // self.PER_ADDRESS}", 0)))
            pipe.send(None)
            pipe.recv()  # until we are killed
        except (OSError, BenchError) as error:
            pipe.send(f"{len(held)} held, then {error}")


def time_to_greeting_and_accepted(port, body):
    """Returns the seconds that one more client waits for its greeting and EHLO, and until its message is accepted."""
    begin = time.monotonic()
    session = Session(port)
    greeted = time.monotonic()
    session.send(body)
    accepted = time.monotonic()
    session.quit()
    return greeted - begin, accepted - begin
