"""Postfix, beside the one that may serve this machine: its own configuration, queue and data directory."""

import shutil
import subprocess

from .processes import BenchError, Tree
from .servers import HOST, MAIL_DOMAIN, Server

MAIN = """\
compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
maillog_file = {dir}/log
maillog_file_prefixes = {dir}
mail_owner = postfix
setgid_group = postdrop
myhostname = {host}
mydestination =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtp_host_lookup = native
smtp_tls_security_level = none
"""
# The services of Postfix's own master.cf, none in a chroot, as in the source distribution.
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
proxywrite unix -       -       n       -       1       proxymap
smtp      unix  -       -       n       -       -       smtp
relay     unix  -       -       n       -       -       smtp
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
local     unix  -       n       n       -       -       local
virtual   unix  -       n       n       -       -       virtual
lmtp      unix  -       -       n       -       -       lmtp
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
"""
PROCESSES = 100  # default_process_limit, as Postfix has it


class Postfix(Server):
    """Postfix with its defaults, except: log by postlogd to a file, no chroot, no TLS unless asked for."""

    name = "postfix"

    @classmethod
    def missing(cls):
        programs = ("postfix", "postsuper", "smtp-source", "smtp-sink")
        absent = [program for program in programs if shutil.which(program) is None]
        return f"{', '.join(absent)} not found: apt-get install postfix" if absent else None

    @classmethod
    def version(cls):
        line = subprocess.run(["postconf", "-d", "mail_version"], capture_output=True, text=True, check=True).stdout
        return "Postfix " + line.split("=")[1].strip()

    def configure(self):
        for name in ("etc", "queue", "data", "mail"):
            (self.directory / name).mkdir(mode=0o755)
        shutil.chown(self.directory / "data", "postfix")
        shutil.chown(self.mail, "nobody")
        lines = [MAIN.format(dir=self.directory, host=HOST), *self._routes(), *self._hold(), *self._mailboxes()]
        lines += self._tls()
        if self.setup.sessions > PROCESSES - 20:
            lines.append(f"default_process_limit = {self.setup.sessions + 100}")
        (self.directory / "etc/main.cf").write_text("\n".join(lines) + "\n", encoding="ascii")
        (self.directory / "etc/master.cf").write_text(MASTER.format(port=self.port), encoding="ascii")
        self._check()  # makes the directories of the queue

    def launch(self):
        return Tree(self._command("start-fg"), self.directory / "output")

    def stop(self):
        self.stop_by(lambda: self._run("stop"))

    def let_go(self):
        self._run_program("postsuper", "-H", "ALL")
        self._run_program("postqueue", "-f")

    def clear(self):
        self._run_program("postsuper", "-d", "ALL")

    def list_command(self, domain):
        return f"postqueue -c {self.directory}/etc -j | grep -F '@{domain}\"'"

    def _routes(self):
        everything = dict(self.setup.routes).get("*")
        if everything:
            yield f"relayhost = [127.0.0.1]:{everything}"
        named = [(domain, port) for domain, port in self.setup.routes if domain != "*"]
        if named:
            table = self.directory / "etc/transport"
            table.write_text("".join(f"{domain} smtp:[127.0.0.1]:{port}\n" for domain, port in named), encoding="ascii")
            yield f"transport_maps = texthash:{table}"

    def _hold(self):
        if "*" in self.setup.hold:
            yield "smtpd_client_restrictions = check_client_access static:HOLD"
        elif self.setup.hold:
            table = self.directory / "etc/hold"
            table.write_text("".join(f"{domain} HOLD\n" for domain in self.setup.hold), encoding="ascii")
            yield f"smtpd_recipient_restrictions = check_recipient_access texthash:{table}"

    def _mailboxes(self):
        if self.setup.mailboxes:
            table = self.directory / "etc/mailboxes"
            users = (f"{i}u" for i in range(1, self.setup.mailboxes + 1))
            table.write_text("".join(f"{user}@{MAIL_DOMAIN} {user}/\n" for user in users), encoding="ascii")
            yield f"virtual_mailbox_domains = {MAIL_DOMAIN}"
            yield f"virtual_mailbox_base = {self.mail}"
            yield f"virtual_mailbox_maps = texthash:{table}"
            yield "virtual_uid_maps = static:65534\nvirtual_gid_maps = static:65534"

    def _tls(self):
        if not self.setup.tls:
            yield "smtpd_tls_security_level = none"
        else:
            certificate, key = self.setup.tls
            yield "smtpd_tls_security_level = may"
            yield f"smtpd_tls_cert_file = {certificate}\nsmtpd_tls_key_file = {key}"

    def _check(self):
        done = subprocess.run(self._command("check"), capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchError(f"postfix check: {done.stderr.strip()}")

    def _run(self, word):
        subprocess.run(self._command(word), capture_output=True, check=False)

    def _run_program(self, program, *words):
        done = subprocess.run([program, "-c", str(self.directory / "etc"), *words], capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchError(f"{program}: {done.stderr.strip()}")

    def _command(self, word):
        return ["postfix", "-c", str(self.directory / "etc"), word]


class DeferringPostfix(Postfix):
    """Postfix whose queue manager takes the mail that is to wait and defers it, where Postfix as such holds it."""

    name = "postfix-defer"

    @classmethod
    def kind(cls):
        return "postfix"

    def _hold(self):
        if self.setup.hold:
            yield "defer_transports = smtp, relay"
