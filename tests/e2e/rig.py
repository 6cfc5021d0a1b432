"""What the end-to-end and compatibility tests share: the binaries, the practice target, one run of slsart.

Everything listens on loopback only. Every process started here is ended by its own process object.
"""

import dataclasses
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUN_LIMIT_SECONDS = 120  # a run that takes longer hangs


def find_program(variable, name):
    """The path that the environment variable names, else the newest of the release and debug builds."""
    if os.environ.get(variable):
        return os.environ[variable]
    for preset in ("release", "debug"):
        path = ROOT / "build" / preset / name
        if path.exists():
            return str(path)
    return None


def slsart_program():
    return find_program("SLSART_BIN", "slsart")


def target_program():
    return find_program("SLSART_TARGET_BIN", "slsart-target")


class Target:
    """A running practice target (tests/target/README.md)."""

    def __init__(self, *flags, https=False):
        command = [target_program(), "--http", "0", "--with-parent", "--exit-after", "900", *flags]
        if https:
            command += ["--https", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{command}: {self.process.stderr.read()}")
        ready = json.loads(line)
        self.http_port, self.https_port, self.pid = ready["http"], ready["https"], ready["pid"]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def https_url(self):
        return f"https://127.0.0.1:{self.https_port}"

    def get(self, path):
        """(status, body as bytes) of one GET on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=30)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def get_json(self, path):
        return json.loads(self.get(path)[1])

    def stats(self):
        return self.get_json("/__stats")

    def records(self):
        """List of (index, row, random, due_ns, at_ns); see records_json() in tests/target/tally.h."""
        answer = self.get_json("/__records")
        assert answer["dropped"] == 0
        return [tuple(record) for record in answer["records"]]

    def reset(self):
        self.get("/__reset")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


@dataclasses.dataclass
class Result:
    """How a run of slsart ended. `code` is negative for a signal; `report` is None if none was written."""
    command: list
    code: int
    out: str
    err: str
    seconds: float
    report: dict = None

    @property
    def text(self):
        return self.out + self.err

    @property
    def counters(self):
        """Artillery's and our own, which stand in a section of their own."""
        return self.report["aggregate"]["counters"] | self.report["slsart"]["counters"]

    @property
    def generator(self):
        return self.report["slsart"]["generator"]

    def counter(self, name):
        return self.counters.get(name, 0)

    def summary(self, name):
        return self.report["aggregate"]["summaries"].get(name)

    @property
    def errors(self):
        return {name[len("errors."):]: count for name, count in self.counters.items()
                if name.startswith("errors.") and count}

    def explain(self):
        """For assertion messages: what was run and what it said."""
        return (f"{' '.join(map(str, self.command))}\nexit {self.code} after {self.seconds:.1f} s\n"
                f"--- stdout\n{self.out[-4000:]}\n--- stderr\n{self.err[-4000:]}")

    def assert_code(self, code):
        assert self.code == code, self.explain()
        return self


class Running:
    """slsart while it runs. finish() always comes back: what does not end in time is killed."""

    def __init__(self, arguments, cwd, env=None, report=None, command=()):
        self.command = [*command, slsart_program(), *map(str, arguments)]
        self.report_path = pathlib.Path(report) if report else None
        self.started = time.monotonic()
        self.process = subprocess.Popen(self.command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, errors="replace",
                                        env={**os.environ, "NO_COLOR": "1", **(env or {})})

    def signal(self, number):
        self.process.send_signal(number)

    def finish(self, limit_seconds=RUN_LIMIT_SECONDS):
        try:
            out, err = self.process.communicate(timeout=limit_seconds)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            out, err = self.process.communicate()
            raise AssertionError(f"did not end within {limit_seconds} s: {self.command}\n{out[-2000:]}\n"
                                 f"{err[-2000:]}") from None
        seconds = time.monotonic() - self.started
        report = None
        if self.report_path and self.report_path.exists():
            report = json.loads(self.report_path.read_text())
        return Result(self.command, self.process.returncode, out, err, seconds, report)


class Slsart:
    """Runs the product in a folder of its own."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def call(self, *arguments, env=None, limit_seconds=RUN_LIMIT_SECONDS):
        """Any command line; no report."""
        return Running(arguments, self.folder, env).finish(limit_seconds)

    def write(self, script, name="script.yml"):
        """Writes a script (text, or an object that becomes JSON, which is YAML too); its path."""
        path = self.folder / name
        path.write_text(script if isinstance(script, str) else json.dumps(script, indent=1))
        return path

    def start(self, script, *flags, env=None):
        """`slsart run` of a script (text, object or path), writing report.json."""
        path = script if isinstance(script, pathlib.Path) else self.write(script)
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        return Running(["run", path, "-o", report, *flags], self.folder, env, report)

    def run(self, script, *flags, env=None, limit_seconds=RUN_LIMIT_SECONDS):
        return self.start(script, *flags, env=env).finish(limit_seconds)


def free_port():
    """A loopback port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_script(target, flow, phases=None, **config):
    """The usual small script as an object."""
    phases = phases or [{"duration": "200ms", "arrivalCount": 3}]
    return {"config": {"target": target, "phases": phases, **config}, "scenarios": [{"flow": flow}]}


def assert_report_adds_up(result):
    """What holds in every complete report, whatever was run (reference/artillery-report.md, relations)."""
    counters, summaries = result.counters, result.report["aggregate"]["summaries"]
    created = counters.get("vusers.created", 0)
    ended = sum(counters.get(name, 0) for name in
                ("vusers.completed", "vusers.failed", "slsart.users_unfinished"))
    assert created == ended, f"created {created}, ended {ended}: {counters}"
    responses = counters.get("http.responses", 0)
    codes = sum(count for name, count in counters.items() if name.startswith("http.codes."))
    assert responses == codes, counters
    assert summaries.get("http.response_time", {}).get("count", 0) == responses, summaries
    assert result.report["slsart"]["users"]["unfinished"] == counters.get("slsart.users_unfinished", 0)
    for name in {name for window in result.report["intermediate"] for name in window["counters"]}:
        parts = sum(window["counters"].get(name, 0) for window in result.report["intermediate"])
        assert parts == counters.get(name, 0), f"{name}: windows add up to {parts}"
