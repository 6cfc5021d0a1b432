"""Runs one program to its end and says what it cost: the whole process tree, from fork to exit."""

import dataclasses
import math
import os
import pathlib
import platform
import select
import signal
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BENCH = ROOT / "bench"


class Failed(Exception):
    """A run that did not do what was planned. Its figures are worthless, so the case ends here."""


@dataclasses.dataclass
class Cost:
    wall_seconds: float
    cpu_seconds: float       # user + system (wait4), with every child that was waited for
    peak_rss_bytes: int      # of the largest process of the tree (wait4, ru_maxrss)
    exit_code: int


@dataclasses.dataclass
class Sample:
    """One run of one contestant: what it did and what that cost."""
    requests: int
    cost: Cost

    @property
    def per_cpu_second(self):
        return self.requests / self.cost.cpu_seconds


def pinned(core):
    """For Popen's preexec_fn: the child, and what it starts, runs on this core only."""
    return (lambda: os.sched_setaffinity(0, {core})) if core is not None else None


def tool(name, sources=(), flags=()):
    """A small program of bench/, with what else it is made of; compiled when it is not there yet or older than its
    sources."""
    made, all_sources = ROOT / "build/bench-tools" / name, [BENCH / f"{name}.cpp", *sources]
    if not made.exists() or made.stat().st_mtime < max(source.stat().st_mtime for source in all_sources):
        made.parent.mkdir(parents=True, exist_ok=True)
        libraries = ["-lssl", "-lcrypto"] if name == "delay_server" else []
        subprocess.run(["c++", "-std=c++20", "-O2", "-Wall", "-Wextra", "-o", made, *all_sources, *flags, *libraries],
                       check=True)
    return made


def measure(command, output, limit_seconds, core=None, env=None, watch=None):
    """Runs the command to its end on `core`; its output goes to the file `output`. `watch`, if given, is
    called with the process id about once a second. bench/launch.cpp says why another program starts it."""
    result = output.parent / "cost"
    result.unlink(missing_ok=True)
    words = [tool("launch"), -1 if core is None else core, result, *command]
    with open(output, "wb") as out:
        started = time.monotonic()
        launcher = subprocess.Popen([str(word) for word in words], env=env, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=out)
        pid = int(launcher.stdout.readline())
        ended = os.pidfd_open(launcher.pid)
        try:
            while not select.select([ended], [], [], 1.0 if watch else limit_seconds)[0]:
                if time.monotonic() - started >= limit_seconds:
                    os.kill(pid, signal.SIGKILL)
                    break
                if watch:
                    watch(pid)
            wall = time.monotonic() - started
        finally:
            os.close(ended)
            launcher.stdout.close()
        if launcher.wait() != 0:
            raise Failed(f"the launcher of {command[0]} ended with {launcher.returncode}")
        user, system, peak, status = map(int, result.read_text().split())
        return Cost(wall, (user + system) / 1e6, peak * 1024, os.waitstatus_to_exitcode(status))


# Contestants without a goal run in the first rounds only: they are there for information.
EXTRA_ROUNDS = 3


def interleaved(context, contestants, extra=None, most=math.inf):
    """Runs every contestant once a round, in an order that turns from round to round, in `most` rounds at most.
    `contestants` maps a name to a function without arguments that returns a Sample; those of `extra` run in the
    first EXTRA_ROUNDS rounds. Returns name -> [Sample of each round]."""
    samples = {name: [] for name in [*contestants, *(extra or {})]}
    rounds = min(most, context.rounds)
    for number in range(rounds):
        runs = contestants | (extra or {} if number < EXTRA_ROUNDS else {})
        names = list(runs)
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            sample = runs[name]()
            samples[name].append(sample)
            print(f"  round {number + 1}/{rounds}  {name:16} {sample.requests:>9} requests  "
                  f"cpu {sample.cost.cpu_seconds:7.3f} s  wall {sample.cost.wall_seconds:6.2f} s  "
                  f"{sample.per_cpu_second:9.0f} per CPU second  peak {sample.cost.peak_rss_bytes / 2**20:6.1f} MiB",
                  flush=True)
    return samples


def ratios(samples, peer, ours="slsart"):
    """Ours over the peer, requests per CPU second, one value for each round that had both."""
    return [a.per_cpu_second / b.per_cpu_second for a, b in zip(samples[ours], samples[peer])]


def memory_ratios(samples, peer, ours="slsart"):
    """Peak memory, the peer's over ours, one value for each round that had both."""
    return [b.cost.peak_rss_bytes / a.cost.peak_rss_bytes for a, b in zip(samples[ours], samples[peer])]


def rates(samples):
    """What each contestant did, for the record."""
    return {name: {
        "requests_per_cpu_second": round(statistics.median(sample.per_cpu_second for sample in each)),
        "requests_per_second": round(statistics.median(s.requests / s.cost.wall_seconds for s in each)),
        "peak_rss_mib": round(statistics.median(s.cost.peak_rss_bytes for s in each) / 2**20, 1),
        "each_round": [round(sample.per_cpu_second) for sample in each],
    } for name, each in samples.items()}


def figure(number, what, against, values, goal=None, at_least=True, unit="x", digits=2):
    """One line of the table: the median of `values` and their spread, beside the goal of acceptance case
    `number` (0: no goal, for information)."""
    median = statistics.median(values)
    return {
        "number": number, "what": what, "against": against, "unit": unit,
        "median": round(median, digits), "low": round(min(values), digits), "high": round(max(values), digits),
        "each": [round(value, digits + 1) for value in values],
        "goal": goal, "at_least": at_least,
        "met": None if goal is None else (median >= goal if at_least else median <= goal),
    }


def first_line(command, pattern=""):
    """The first line of its output that holds `pattern`, whatever its exit code."""
    try:
        run = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return next((line.strip() for line in (run.stdout + run.stderr).splitlines() if pattern in line and line.strip()),
                "unknown")


def commit():
    changed = subprocess.run(["git", "-C", ROOT, "status", "--porcelain", "src", "cmake", "CMakeLists.txt",
                              "CMakePresets.json"], capture_output=True, text=True).stdout.strip()
    head = first_line(["git", "-C", ROOT, "rev-parse", "--short=12", "HEAD"])
    return head + (" with changes" if changed else "")


def circumstances():
    """What a figure must be read with: machine, compiler, commit."""
    model = next((line.partition(":")[2].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown")
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "commit": commit(),
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "kernel": platform.release().split("-")[0],
        "compiler": first_line(["c++", "--version"]),
        "load_before": round(os.getloadavg()[0], 2),
    }
