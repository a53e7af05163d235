"""Exim 4, in a mount namespace of its own, where its user exists even if the package is only unpacked."""

import os
import pathlib
import pwd
import re
import shutil
import signal
import tempfile

from .processes import Tree
from .servers import HOST, MAIL_DOMAIN, Server

USER, IDS = "Debian-exim", 64990
MAIN = """\
spool_directory = {dir}/spool
log_file_path = {dir}/%slog
pid_file_path = {dir}/exim.pid
primary_hostname = {host}
keep_environment =
exim_path = {program}
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
never_users =
deliver_drop_privilege = true
hostlist relay_from = 127.0.0.0/8
hosts_treat_as_local =
acl_smtp_rcpt = rcpt
smtp_accept_max = {connections}
smtp_accept_queue_per_connection = 0
smtp_accept_max_per_connection = 0
recipients_max = 0
{more}
begin acl
rcpt:
  accept hosts = +relay_from
begin routers
{routers}
begin transports
out:
  driver = smtp
  hosts_try_fastopen =
  hosts_avoid_tls = *
  port = $address_data
maildir:
  driver = appendfile
  directory = {dir}/mail/$local_part_data
  maildir_format
  create_directory
begin retry
* * F,2h,15m; G,16h,1h,1.5; F,4d,6h
"""
MAILDIR_ROUTER = """\
mailboxes:
  driver = accept
  domains = {domain}
  local_parts = lsearch;{dir}/users
  transport = maildir
"""
ROUTER = """\
to_{port}:
  driver = manualroute
  domains = {domain}
  route_list = * 127.0.0.1
  self = send
  address_data = {port}
  transport = out
"""


class Exim(Server):
    """Exim with its defaults, except: connections, messages a connection and recipients without bound."""

    name = "exim"
    program = None
    sent = (b" => ", b" -> ")  # -> are further recipients of one delivery

    @classmethod
    def missing(cls):
        cls.program = cls.program or shutil.which("exim4")
        if cls.program is None or not os.access(cls.program, os.X_OK):
            return (
                "exim4 not found: Debian does not install it beside Postfix, but it can be unpacked: "
                "apt-get install libidn12; apt-get download exim4-daemon-light; dpkg -x exim4-daemon-light_*.deb DIR; "
                "then --exim DIR/usr/sbin/exim4"
            )
        return None

    @classmethod
    def version(cls):
        with tempfile.TemporaryDirectory() as directory:
            mounts, _ = _accounts(pathlib.Path(directory))
            output = pathlib.Path(directory, "version")
            Tree([cls.program, "-C", "/dev/null", "--version"], output, mounts).wait(20)
            found = re.search(r"Exim version (\S+)", output.read_text(errors="replace"))
        return f"Exim {found[1]}" if found else "Exim of unknown version"

    def configure(self):
        self.log = self.directory / "mainlog"
        more = ["queue_only"] if self.setup.hold else []
        if self.setup.tls:
            certificate, key = self.setup.tls
            more.append(f"tls_certificate = {certificate}\ntls_privatekey = {key}")
        else:
            more.append("tls_advertise_hosts =")
        routers = [ROUTER.format(domain=domain, port=port) for domain, port in self.setup.routes]
        if self.setup.mailboxes:
            users = (f"{i}u: {i}u\n" for i in range(1, self.setup.mailboxes + 1))
            (self.directory / "users").write_text("".join(users), encoding="ascii")
            routers.insert(0, MAILDIR_ROUTER.format(dir=self.directory, domain=MAIL_DOMAIN))
        text = MAIN.format(
            dir=self.directory,
            host=HOST,
            program=self.program,
            port=self.port,
            connections=self.setup.sessions + 100,
            more="\n".join(more),
            routers="\n".join(routers),
        )
        self._settings = self.directory / "exim.conf"
        self._settings.write_text(text, encoding="ascii")
        self._mounts, user = _accounts(self.directory)
        for name in ("spool", "mail"):
            (self.directory / name).mkdir()
            os.chown(self.directory / name, user, user)
        os.chown(self.directory, user, user)

    def launch(self):
        return Tree([self.program, "-C", self._settings, "-bdf"], self.directory / "output", self._mounts)

    def stop(self):
        self.stop_by(lambda: os.kill(self.tree.main_process(), signal.SIGTERM))

    def let_go(self):
        raise NotImplementedError  # only scenarios that Exim takes no part in need it

    def clear(self):
        for file in (self.directory / "spool" / "input").rglob("*-[DHJ]"):
            file.unlink(missing_ok=True)

    def list_command(self, domain):
        return f"{self.program} -C {self._settings} -bp | grep -F @{domain}"


def _accounts(directory):
    """Returns what must be mounted for Exim's user to exist, made in the directory, and the user's id."""
    try:
        return [], pwd.getpwnam(USER).pw_uid
    except KeyError:
        pass
    mounts = []
    for name, line in (("passwd", f"{USER}:x:{IDS}:{IDS}::/nonexistent:/bin/false\n"), ("group", f"{USER}:x:{IDS}:\n")):
        copy = directory / name
        copy.write_text(pathlib.Path("/etc", name).read_text(encoding="utf-8") + line, encoding="utf-8")
        mounts.append(f"{copy}:/etc/{name}")
    return mounts, IDS
