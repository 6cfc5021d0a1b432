"""A share of the CPU and a limit of memory, as a function on Lambda has them: a control group of our own, version
2 where the kernel has its controllers there, else version 1; both are the same bandwidth control (CFS quota) inside."""

import os
import pathlib

from measure import Failed

# Joins the groups named by $0 (spaces between) and becomes the program; $0 is there so that "$@" is the program.
JOIN = 'ulimit -n 1024 || exit 126; for g in $0; do echo $$ >"$g/cgroup.procs" || exit 126; done; exec "$@"'


def mounts():
    """(path, type, controllers) of every control group hierarchy that is mounted."""
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        words, _, rest = line.partition(" - ")
        kind, _, options = rest.split()[:3]
        if kind in ("cgroup", "cgroup2"):
            yield pathlib.Path(words.split()[4]), kind, set(options.split(","))


class CpuShare:
    """Up to `quota_us` of CPU time in every `period_us`, and `memory_mib`, for what is started with words(). Also
    1,024 file descriptors, as on Lambda. For a `with`; needs root."""

    def __init__(self, quota_us, period_us, memory_mib):
        self.quota, self.period, self.memory = quota_us, period_us, memory_mib * 2**20
        self.groups = []

    def __enter__(self):
        name, found = f"slsart-bench-{os.getpid()}", list(mounts())
        try:
            for root, kind, _ in found:
                if kind == "cgroup2" and {"cpu", "memory"} <= set((root / "cgroup.controllers").read_text().split()):
                    (root / "cgroup.subtree_control").write_text("+cpu +memory")
                    self.method = "cgroup v2"
                    self.cpu = self.make(root / name, {"cpu.max": f"{self.quota} {self.period}",
                                                       "memory.max": self.memory})
                    return self
            roots = {controller: root for root, kind, options in found for controller in options if kind == "cgroup"}
            if not {"cpu", "memory"} <= roots.keys():
                raise Failed("no control group hierarchy with cpu and memory is mounted")
            self.method = "cgroup v1"
            self.cpu = self.make(roots["cpu"] / name, {"cpu.cfs_period_us": self.period,
                                                       "cpu.cfs_quota_us": self.quota})
            self.make(roots["memory"] / name, {"memory.limit_in_bytes": self.memory})
            return self
        except OSError as error:
            self.__exit__()
            raise Failed(f"cannot make a control group ({error}): this case wants root, and hierarchies that can be "
                         f"written, which most containers do not have") from error

    def make(self, group, files):
        group.mkdir()
        self.groups.append(group)
        for name, value in files.items():
            (group / name).write_text(str(value))
        return group

    def words(self):
        """What to put before a command."""
        return ["/bin/sh", "-c", JOIN, " ".join(map(str, self.groups))]

    def throttled(self):
        """How often, and for how many milliseconds in all, the quota was used up until now."""
        found = dict(line.split() for line in (self.cpu / "cpu.stat").read_text().splitlines())
        spent = int(found["throttled_usec"]) / 1e3 if "throttled_usec" in found else int(found["throttled_time"]) / 1e6
        return int(found["nr_throttled"]), spent

    def __exit__(self, *_):
        while self.groups:
            self.groups.pop().rmdir()
