"""The machine that a table was measured on."""

import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

DROP_CACHES = pathlib.Path("/proc/sys/vm/drop_caches")


def describe(directory):
    """Returns lines: cores, memory, kernel, file system of the directory and how long its disk takes to sync."""
    sync = sync_seconds(directory)
    return [
        f"{os.cpu_count()} cores ({_processor()}), {_memory()} GB of memory, Linux {platform.release()}",
        f"{_file_system(directory)}; writing and syncing 4 KB takes {sync * 1000:.2f} ms (median of 200)",
        f"load before the start: {os.getloadavg()[0]:.1f}",
    ]


def sync_seconds(directory, times=200):
    """Returns the median time of appending 4 KB to a file and syncing it."""
    path = pathlib.Path(directory, "sync")
    block, taken = os.urandom(4096), []
    with open(path, "wb", buffering=0) as file:
        for _ in range(times):
            begin = time.monotonic()
            file.write(block)
            os.fdatasync(file.fileno())
            taken.append(time.monotonic() - begin)
    path.unlink()
    return statistics.median(taken)


def forget_files():
    """Has the kernel forget what it keeps of files in memory, as a machine that has just started; all of them."""
    os.sync()
    try:
        DROP_CACHES.write_text("3", encoding="ascii")
    except OSError as error:
        print(f"  files stay in the page cache: {error}", file=sys.stderr, flush=True)


def _processor():
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    return next(
        (line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")), "unknown"
    )


def _memory():
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _file_system(directory):
    done = subprocess.run(["findmnt", "-no", "FSTYPE,OPTIONS", "-T", directory], capture_output=True, text=True)
    return " ".join(done.stdout.split()[:2]) or "unknown file system"
