"""Runs one server and everything it forks, and ends all of it together.

    python3 supervisor.py [--mount SOURCE:TARGET]… LOG COMMAND…

Processes that lose their parent (Postfix and Exim make such) become children of this one, so that their CPU time and
the bytes they wrote are still found in its tree, and none is left behind: it kills all of them when it gets SIGTERM
or when whoever started it is gone. With --mount the command runs in a mount namespace of its own, where SOURCE covers
TARGET; the rest of the machine sees nothing of it.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x20000, 0x1000, 0x4000, 0x40000
LIBC = ctypes.CDLL(None, use_errno=True)


def descendants(root):
    """Returns the ids of all processes below root."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    parent = int(file.read().rpartition(b")")[2].split()[1])
            except (OSError, IndexError):
                continue  # it has just ended
            children.setdefault(parent, []).append(int(name))
    found, todo = [], [root]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def end_with_parent():
    """Has the kernel send SIGTERM to this process when its parent ends."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def check(result, what):
    if result != 0:
        code = ctypes.get_errno()
        sys.exit(f"supervisor: {what}: {os.strerror(code)}")


def cover(mounts):
    if mounts:
        check(LIBC.unshare(CLONE_NEWNS), "unshare")
        check(LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "private mounts")
    for mount in mounts:
        source, _, target = mount.partition(":")
        check(LIBC.mount(source.encode(), target.encode(), None, MS_BIND, None), f"mount {mount}")


def end_all(*_):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        for process in descendants(os.getpid()):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            os._exit(143)
        time.sleep(0.01)


def main(arguments):
    mounts = []
    while arguments[0] == "--mount":
        mounts.append(arguments[1])
        arguments = arguments[2:]
    end_with_parent()
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, end_all)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C reaches the whole group; whoever started us ends us in order
    if os.getppid() == 1:
        return 1
    cover(mounts)
    with open(arguments[0], "ab") as log:
        main_process = subprocess.Popen(
            arguments[1:], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    status = 0
    while True:
        try:
            process, ended = os.wait()
        except ChildProcessError:
            return os.waitstatus_to_exitcode(status) & 0xFF
        if process == main_process.pid:
            status = ended


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
