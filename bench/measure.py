"""Runs one program and says what it cost: the whole process tree, from fork to exit."""

import dataclasses
import json
import os
import pathlib
import platform
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


@dataclasses.dataclass
class Cost:
    wall_seconds: float
    cpu_seconds: float       # user + system, with every child that was waited for
    peak_rss_bytes: int      # of the largest process of the tree (wait4, ru_maxrss)
    exit_code: int


def measure(command, env, output, limit_seconds):
    """Runs the command to its end; its output goes to the file `output`."""
    with open(output, "wb") as out:
        started = time.monotonic()
        child = subprocess.Popen([str(word) for word in command], env=env, stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=subprocess.STDOUT)
        while True:
            pid, status, used = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() - started > limit_seconds:
                child.kill()
                _, status, used = os.wait4(child.pid, 0)
                break
            time.sleep(0.02)
        child.returncode = os.waitstatus_to_exitcode(status)  # so that Popen does not wait again
        return Cost(time.monotonic() - started, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024,
                    child.returncode)


class Target:
    """The practice target on a free loopback port, for the length of a `with`."""

    def __init__(self, binary):
        self.binary = binary

    def __enter__(self):
        self.process = subprocess.Popen([self.binary, "--http", "0", "--with-parent"], stdout=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL, text=True)
        self.url = f"http://127.0.0.1:{json.loads(self.process.stdout.readline())['http']}"
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def first_line(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0].strip()
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"


def circumstances():
    """What a figure must be read with: machine, compiler, commit."""
    model = next((line.partition(":")[2].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown")
    changed = subprocess.run(["git", "-C", ROOT, "status", "--porcelain", "src", "cmake", "CMakeLists.txt",
                              "CMakePresets.json"], capture_output=True, text=True).stdout.strip()
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "commit": first_line(["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"])
        + (" with changes" if changed else ""),
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "kernel": platform.release().split("-")[0],
        "compiler": first_line(["c++", "--version"]),
    }
