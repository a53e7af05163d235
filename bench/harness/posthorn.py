"""Posthorn, by its launcher, as it ships."""

import http.client
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
from urllib.parse import quote

from .processes import BenchError, Tree
from .servers import HOST, MAIL_DOMAIN, Server

LAUNCHER = pathlib.Path(__file__).parents[2] / "posthorn"
CONNECTIONS = 1000  # limits.connections, as Posthorn has it
OTHER_BOOT = "00000000-0000-0000-0000-000000000000\n"  # an id that no kernel gives itself

HEAD = """\
hostname = "{host}"
data-directory = "{dir}/data"
[[listener]]
address = "127.0.0.1:{port}"
kind = "mx"
[admin]
socket = "{socket}"
"""


class Posthorn(Server):
    """Posthorn with its defaults; variant() makes others, of another build or with other JVM options."""

    name = "posthorn"
    launcher = LAUNCHER
    java_options = ""

    @classmethod
    def kind(cls):
        return "posthorn"

    @classmethod
    def variant(cls, name, launcher, java_options):
        return type(name, (cls,), {"name": name, "launcher": launcher, "java_options": java_options})

    @classmethod
    def settle_in(cls, directory):
        """Makes the AOT cache that ships, where it is missing; JVM options get a launcher and a cache of their own."""
        libraries = [cls.launcher.parent / "lib", *cls.launcher.parent.glob("mta-daemon/target/posthorn-*/*/lib")]
        library = next(path for path in libraries if path.is_dir())
        if cls.java_options:
            home = pathlib.Path(directory, "launcher-" + cls.name)
            home.mkdir()
            home.joinpath("lib").symlink_to(library)
            cls.launcher = shutil.copy(cls.launcher, home / "posthorn")
        elif library.with_name("posthorn.aot").exists():
            return
        print(f"{cls.name}: making an AOT cache", file=sys.stderr, flush=True)
        environment = {**os.environ, "POSTHORN_JAVA_OPTS": cls.java_options}
        subprocess.run([cls.launcher, "warm-up"], env=environment, capture_output=True)  # not all options allow a cache

    @classmethod
    def missing(cls):
        return None if os.access(cls.launcher, os.X_OK) else f"no launcher {cls.launcher}"

    @classmethod
    def version(cls):
        command = [cls.launcher, "--version"]  # which builds it first when there is something to build
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise BenchError(f"{cls.launcher} --version ended with {done.returncode}")
        commit = subprocess.run(
            ["git", "-C", str(cls.launcher.parent), "rev-parse", "--short", "HEAD"], capture_output=True, text=True
        ).stdout.strip()
        options = f", {cls.java_options}" if cls.java_options else ""
        return "P" + done.stdout.strip()[1:] + (f", commit {commit}" if commit else "") + options

    def configure(self):
        self.socket = self.directory / "admin.sock"
        lines = [HEAD.format(host=HOST, dir=self.directory, port=self.port, socket=self.socket)]
        lines += [*self._limits(), *self._tls(), "[local]", *self._mailboxes()]
        for domain, port in self.setup.routes:
            lines.append(f'[[route]]\ndomain = "{domain}"\nvia = "{_via(port)}"')
        self._settings = self.directory / "posthorn.toml"
        self._settings.write_text("\n".join(lines) + "\n", encoding="ascii")

    def launch(self):
        command = [self.launcher, "run", "--config", self._settings]
        return Tree(command, self.log, environment={"POSTHORN_JAVA_OPTS": self.java_options})

    def start(self, longest=60):
        seconds = super().start(longest)
        for port in self._held():
            self._admin("pause", port)
        return seconds

    def stop(self):
        self.stop_by(lambda: os.kill(self.tree.main_process(), signal.SIGTERM))

    def cut_power(self):
        """Also has it find the boot id of another time than now, so that it trusts neither index nor spool."""
        super().cut_power()
        mark = self.directory / "data" / "boot"
        if not mark.exists():
            raise BenchError(f"posthorn left no {mark}")
        mark.write_text(OTHER_BOOT, encoding="ascii")
        self._log_before_cut = self.log.stat().st_size

    def start_after_power_cut(self, longest):
        seconds = super().start_after_power_cut(longest)
        with open(self.log, "rb") as log:
            log.seek(self._log_before_cut)
            if b"last-end=POWER_LOST" not in log.read():
                raise BenchError("posthorn did not take it for a power cut")
        return seconds

    def heap(self):
        return self._metric("posthorn_heap_committed_bytes")

    def live_heap(self):
        """Has it collected by jcmd, which stands beside the java of a JDK; without one it cannot be told."""
        tool = pathlib.Path(os.readlink(f"/proc/{self.tree.main_process()}/exe")).with_name("jcmd")
        if not tool.exists():
            return None
        done = subprocess.run([tool, str(self.tree.main_process()), "GC.run"], capture_output=True, text=True)
        if done.returncode:
            raise BenchError(f"jcmd GC.run: {done.stdout} {done.stderr}")
        return self._metric("posthorn_heap_after_collection_bytes")

    def let_go(self):
        for port in self._held():
            self._admin("resume", port)

    def clear(self):
        words = [self.launcher, "queue", "delete", "--all", "--socket", str(self.socket)]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode:
            raise BenchError(f"posthorn queue delete: {done.stderr}")

    def list_command(self, domain):
        return f"{self.launcher} queue list --domain {domain} --socket {self.socket}"

    def _metric(self, name):
        for line in self._ask("GET", "/metrics").splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        return None  # a build from before there was such a metric

    def _held(self):
        return sorted({port for domain, port in self.setup.routes if domain in self.setup.hold})

    def _limits(self):
        if self.setup.sessions > CONNECTIONS - 20:
            yield f"[limits]\nconnections = {self.setup.sessions + 100}"

    def _mailboxes(self):
        if not self.setup.mailboxes:
            yield 'domains = []\npostmaster = "postmaster@sink.example"'
            return
        users = self.directory / "users"
        users.write_text("".join(f"{i}u\n" for i in range(1, self.setup.mailboxes + 1)), encoding="ascii")
        yield f'domains = ["{MAIL_DOMAIN}"]\nusers-file = "{users}"\nmaildir = "{self.mail}/{{user}}"'

    def _tls(self):
        if self.setup.tls:
            certificate, key = self.setup.tls
            yield f'[[tls.certificate]]\nchain-file = "{certificate}"\nkey-file = "{key}"'

    def _admin(self, action, port):
        self._ask("POST", f"/queue/{action}?destination={quote(_via(port), safe='')}")

    def _ask(self, method, path):
        """Asks by HTTP: a command line for each of a hundred destinations takes a JVM each."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(120)
            connection.connect(str(self.socket))
            length = "Content-Length: 0\r\n" if method == "POST" else ""
            connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n".encode())
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            body = answer.read().decode()
        if answer.status != 200:
            raise BenchError(f"posthorn {path}: {body}")
        return body


def _via(port):
    return f"smtp://127.0.0.1:{port}"
