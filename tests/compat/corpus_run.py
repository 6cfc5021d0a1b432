"""Runs corpus scripts on free ports and judges them by verdicts.py."""

import concurrent.futures
import pathlib
import queue
import re
import shutil
import tempfile

import rig
from dns_server import DnsServer
from verdicts import VERDICTS

CORPUS = pathlib.Path(__file__).parent / "corpus"
SHARED_FILES = ("users.csv", "cities.csv", "processor.js")
AT_A_TIME = 2
LIMIT_SECONDS = 60
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CRASH_WORDS = ("AddressSanitizer", "runtime error:", "ThreadSanitizer", "terminate called", "SLSART_CHECK")

outcomes = {}  # key -> "passed", "later: ..." or "FAILED: ..."


def keys():
    """One per run: (script, dialect), in the order of the scripts."""
    return [(name, case.dialect) for name, cases in VERDICTS.items() for case in cases]


def find_case(key):
    return next(case for case in VERDICTS[key[0]] if case.dialect == key[1])


def prepare(name, folder, target):
    """The script with the corpus's fixed ports replaced: those of other engines and 18099 by a dead one."""
    for shared in SHARED_FILES:
        shutil.copy(CORPUS / shared, folder)
    dead = str(rig.free_port())
    ports = {"18080": str(target.http_port), "18081": str(target.https_port)}
    text = re.sub(r"\b180(8[0-4]|99)\b", lambda found: ports.get(found[0], dead), (CORPUS / f"{name}.yml").read_text())
    path = pathlib.Path(folder) / f"{name}.yml"
    path.write_text(text)
    return path


def run(key, target, dns):
    """(Result, what the server saw)."""
    case = find_case(key)
    target.reset()
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
        path = prepare(key[0], folder, target)
        env = {"SLSART_DNS_SERVERS": dns.endpoint, **case.env}
        result = rig.Slsart(folder).run(path, "--dialect", case.dialect, *case.flags, env=env,
                                        limit_seconds=LIMIT_SECONDS)
    return result, target.stats()


class Runs:
    """Runs the wanted scripts in the background, a few at a time, each on a target of its own."""

    def __init__(self, wanted):
        self.dns = DnsServer({})
        self.targets = [rig.Target(https=True) for _ in range(AT_A_TIME)]
        self.free = queue.Queue()
        for target in self.targets:
            self.free.put(target)
        self.pool = concurrent.futures.ThreadPoolExecutor(AT_A_TIME)
        self.futures = {key: self.pool.submit(self.one, key) for key in wanted}

    def one(self, key):
        target = self.free.get()
        try:
            return (*run(key, target, self.dns), target)
        finally:
            self.free.put(target)

    def wait(self, key):
        return self.futures[key].result()

    def close(self):
        self.pool.shutdown(cancel_futures=True)
        for target in self.targets:
            target.stop()
        self.dns.close()


# --- judging: every function returns what is wrong, as sentences -----------------------------------
def outside(what, value, allowed):
    """Checks a number against a number, a (low, high) pair whose ends may be None, or None: anything."""
    if allowed is None or value == allowed:
        return []
    if isinstance(allowed, tuple):
        low, high = allowed
        if (low is None or value >= low) and (high is None or value <= high):
            return []
    return [f"{what} is {value}, not {allowed}"]


def judge_health(result):
    """What no script may do: crash."""
    wrong = [f"says {word}" for word in CRASH_WORDS if word in result.text]
    if result.code < 0 or result.code >= 126:
        wrong.append(f"ended with {result.code}")
    return wrong


def judge_later(case, result):
    """Not built yet: it must say so."""
    said = any(word in result.text for word in case.says)
    warned = "error" in result.text if result.code == 2 else result.code == 0 and "warning" in result.text
    if said and warned:
        return []
    return [f"exit {result.code} without a message about {' or '.join(case.says)}"]


def judge_report(case, result):
    if result.report is None:
        return ["there is no report"]
    counter = result.counter
    answers = sum(count or 0 for count in case.codes.values())
    wrong = outside("vusers.created", counter("vusers.created"), case.users)
    if case.errors != result.errors:
        wrong.append(f"errors are {result.errors}, not {case.errors}")
    if isinstance(case.users, int):
        completed = case.completed if case.completed is not None else 0 if case.errors else case.users
        network = sum(count for text, count in case.errors.items() if text.isupper() or "_" in text)
        requests = case.requests if case.requests is not None else answers + network
        wrong += outside("vusers.completed", counter("vusers.completed"), completed)
        wrong += outside("vusers.failed", counter("vusers.failed"), case.users - completed)
        wrong += outside("http.requests", counter("http.requests"), requests)
    wrong += outside("vusers.skipped", counter("vusers.skipped"), case.skipped)
    codes = {int(name[len("http.codes."):]): count for name, count in result.counters.items()
             if name.startswith("http.codes.") and count}
    wanted = {code: codes.get(code) if count is None else count for code, count in case.codes.items()}
    if codes != wanted:
        wrong.append(f"codes are {codes}, not {wanted}")
    for name, count in case.counters.items():
        wrong += outside(name, counter(name), count)
    wrong += [f"there is no histogram {name}" for name in case.summaries if not result.summary(name)]
    checks = len(result.report["slsart"]["checks"])
    wrong += outside("number of checks", checks, (case.checks, None))
    if case.session_ms != (None, None):
        longest = (result.summary("vusers.session_length") or {}).get("max", 0)
        wrong += outside("longest session", longest, case.session_ms)
    return wrong


def judge_sums(result):
    try:
        rig.assert_report_adds_up(result)
    except AssertionError as reason:
        return [str(reason)]
    return []


def judge_server(case, stats, target):
    seen = {UUID.sub("<uuid>", path): count for path, count in stats["paths"].items()}
    variants = case.paths if isinstance(case.paths, list) else [case.paths]
    variants = [{path.replace("{http}", f"127.0.0.1:{target.http_port}"): seen.get(path) if count is None else count
                 for path, count in variant.items()} for variant in variants]
    wrong = []
    if list(seen.items()) not in [list(variant.items()) for variant in variants]:
        wrong.append(f"the server saw {seen}, not {variants[0]}")
    methods = case.methods or ({"GET": stats["requests"]} if variants[0] else {})
    if stats["methods"] != methods:
        wrong.append(f"methods are {stats['methods']}, not {methods}")
    connections = case.connections if case.connections is not None else case.users
    wrong += outside("connections", stats["connections"], connections)
    return wrong + outside("requests at a time", stats["max_in_flight"], case.in_flight)


def judge_case(case, result, stats, target):
    """All that differs from the verdict."""
    wrong = judge_health(result) + outside("exit code", result.code, case.code) + judge_report(case, result)
    if result.report is not None:
        wrong += judge_sums(result) + judge_server(case, stats, target)
    wrong += outside("seconds", result.seconds, case.seconds)
    for text, count in case.printed.items():
        wrong += outside(f"'{text}' on the console", result.text.count(text), (count, None))
    return wrong


def judge(key, result, stats, target):
    """The same for a script of the corpus, noted in the table; what waits for a later issue must only say so."""
    case = find_case(key)
    wrong = judge_case(case, result, stats, target)
    if wrong and case.later and not judge_health(result):
        missing = judge_later(case, result)
        outcomes[key] = f"FAILED: {missing[0]}" if missing else f"later: {case.later}"
        return missing
    outcomes[key] = f"FAILED: {'; '.join(wrong)}" if wrong else "passed"
    return wrong


def table_lines():
    lines = ["| script | dialect | outcome |", "|---|---|---|"]
    lines += [f"| {name} | {dialect} | {outcomes[name, dialect]} |" for name, dialect in keys()
              if (name, dialect) in outcomes]
    by_script = {}
    for (name, _), outcome in outcomes.items():
        by_script.setdefault(name, []).append(outcome)
    passed = sum(all(outcome == "passed" for outcome in all_of) for all_of in by_script.values())
    later = sum(any(outcome.startswith("later") for outcome in all_of) for all_of in by_script.values())
    lines += ["", f"{passed} of {len(by_script)} scripts give their expected result, {later} wait for a later issue, "
                  f"{len(by_script) - passed - later} fail."]
    return lines
