"""What all servers have in common: a directory, a port, a tree of processes, a log that tells of deliveries."""

import pathlib
import time
from dataclasses import dataclass

from .load import free_port, greeting, wait_for
from .machine import forget_files
from .processes import BenchError

HOST = "peer.example"
MAIL_DOMAIN = "mail.example"


@dataclass(frozen=True)
class Setup:
    """What a scenario needs of a server.

    routes: (domain, port of the sink) in order, "*" for all other domains
    hold: domains whose mail is accepted and kept, not relayed; "*" for all
    mailboxes: how many Maildirs there are: 1u@mail.example and so on, as smtp-source -N numbers them
    sessions: how many connections at once it must take
    tls: certificate and key, when the server is to offer STARTTLS
    """

    routes: tuple = ()
    hold: tuple = ()
    mailboxes: int = 0
    sessions: int = 20
    tls: tuple = ()


class Server:
    """One server under test, with its configuration and its queue in a directory of its own."""

    name = ""
    sent = (b"status=sent",)  # what the log says of each recipient delivered

    def __init__(self, directory, setup):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(mode=0o755)
        self.setup = setup
        self.port = free_port()
        self.log = self.directory / "log"
        self.mail = self.directory / "mail"
        self.tree = None
        self._log_position = self._log_count = 0
        self.configure()

    @classmethod
    def kind(cls):
        """Returns what it is: variants of Posthorn are all posthorn."""
        return cls.name

    @classmethod
    def settle_in(cls, directory):
        """Makes what it needs once, before all scenarios."""

    @classmethod
    def missing(cls):
        """Returns what must be installed first, or None."""
        raise NotImplementedError

    @classmethod
    def version(cls):
        raise NotImplementedError

    def configure(self):
        """Writes the configuration into the directory."""
        raise NotImplementedError

    def launch(self):
        """Returns the tree of the server, started."""
        raise NotImplementedError

    def start(self, longest=60):
        """Starts it and returns the seconds until it greets."""
        begin = time.monotonic()
        self.tree = self.launch()
        greeting(self.port, longest, self.require_alive)
        return time.monotonic() - begin

    def stop(self):
        """Ends it in order, all its processes included."""
        raise NotImplementedError

    def crash(self):
        """Ends it as kill -9 would."""
        self.tree.kill()

    def cut_power(self):
        """Ends it as kill -9 would, and has the kernel forget what it keeps of files in memory."""
        self.crash()
        forget_files()

    def start_after_power_cut(self, longest):
        """Starts it after cut_power and returns the seconds until it greets."""
        return self.start(longest)

    def heap(self):
        """Returns the octets that its heap has of the machine's memory, or None if it has nothing that is so called."""
        return None

    def live_heap(self):
        """Returns the octets in use in its heap after all garbage was collected; None as for heap."""
        return None

    def end(self):
        """Ends it in any way; for use when things have gone wrong."""
        if self.tree is not None and self.tree.is_alive():
            try:
                self.stop()
            except BenchError:
                pass  # it does not matter any more
            finally:
                self.tree.kill()

    def require_alive(self):
        self.tree.require_alive(self.name)

    def delivered(self):
        """Returns the number of recipients that the log has told to be delivered."""
        if self.log.exists():
            with open(self.log, "rb") as file:
                file.seek(self._log_position)
                text = file.read()
            end = text.rfind(b"\n") + 1
            self._log_count += sum(text.count(words, 0, end) for words in self.sent)
            self._log_position += end
        return self._log_count

    def wait_for_delivered(self, recipients):
        wait_for(
            lambda: self.delivered() >= recipients,
            f"delivery {recipients} of {self.name}",
            interval=0.05,
            alive=self.require_alive,
        )

    def let_go(self):
        """Gives free what it was told to hold; it runs."""
        raise NotImplementedError

    def clear(self):
        """Deletes all mail in the queue; it runs."""
        raise NotImplementedError

    def list_command(self, domain):
        """Returns a command that prints what is queued for a domain."""
        raise NotImplementedError

    def stop_by(self, command, seconds=60):
        command()
        if not self.tree.wait(seconds):
            raise BenchError(f"{self.name} did not end within {seconds} s")
