"""Percentiles of the report beside the truth: 2,000 users a second over at most 400 connections against a server with a
known distribution of delays (constant 5 ms; 2 ms with one in twenty at 50 ms; log-normal), which keeps its own
record of when each request reached its kernel and when each answer was handed to it. What lies outside of that (two
ways through the kernel) is measured by a control run without delay in the same round: its percentile, less that of the
server's own record of that run. Truth is the record's percentile plus what lies outside. Beside it, without a goal:
the record plus all of the control's time. The report's histogram is read by an independent decoder (bench/hdr.py).
8 s a run: 112,000 samples of each distribution in 7 rounds, each round with delays of its own."""

import hdr
import peers
from measure import Failed, figure
from servers import DelayServer

NAME = "known-delays"
ACCEPTANCE = "8"
VERSIONS = []
RATE = 2000
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999}
DELAYS = {"constant 5 ms": "constant:5", "bimodal 2/50 ms": "bimodal:2:50:0.05", "log-normal": "lognormal:5:0.5"}


def one(context, delay, seconds, seed):
    """The report's histogram, and in ascending order the server's times from a request's arrival to its answer."""
    planned = RATE * seconds
    with DelayServer(context, delay, seed) as server:
        _, report = peers.slsart(context, peers.arriving(RATE, seconds, [{"get": {"url": "/"}}], 400), server.url,
                                 planned, 2)
        rows = server.record()
    if len(rows) != planned or any(row[2] < 0 for row in rows):
        raise Failed(f"{len(rows)} requests recorded, {planned} planned")
    seen = hdr.Histogram(report["slsart"]["histograms"]["http.response_time"])
    if seen.total != planned:
        raise Failed(f"the histogram holds {seen.total} samples of {planned}")
    return seen, sorted(answered - arrived for _, arrived, answered in rows)


def allowed(expected):
    """1 % and 100 us, in microseconds."""
    return 0.01 * expected + 100


def run(context, seconds=None):
    seconds = seconds or (3 if context.short else 8)
    results = {name: [] for name in DELAYS}
    for number in range(context.rounds):
        control, control_own = one(context, "none", seconds, number)
        for name, delay in DELAYS.items():
            seen, own = one(context, delay, seconds, number)
            results[name].append({q: {
                "report_us": round(seen.quantile(rank) / 1e3, 1),
                "server_us": round(hdr.quantile(own, rank) / 1e3, 1),
                "control_us": round(control.quantile(rank) / 1e3, 1),
                "control_server_us": round(hdr.quantile(control_own, rank) / 1e3, 1)}
                for q, rank in QUANTILES.items()})
            print(f"  round {number + 1}/{context.rounds}  {name:16} " + "  ".join(
                f"{q} {row['report_us'] / 1e3:.3f} ms (truth {truth(row) / 1e3:.3f}: server "
                f"{row['server_us'] / 1e3:.3f}, control {row['control_us'] / 1e3:.3f} less "
                f"{row['control_server_us'] / 1e3:.3f})"
                for q, row in results[name][-1].items()), flush=True)
    return {"seconds": seconds, "samples": RATE * seconds * context.rounds, "results": results,
            "figures": figures(results)}


def truth(row):
    """What the server recorded from a request's arrival, and what lies outside of that in the control run."""
    return row["server_us"] + max(0, row["control_us"] - row["control_server_us"])


def truth_and_wake_up(row):
    """With all of the control's time: that of the server's own wake-up stands in its record already."""
    return row["server_us"] + row["control_us"]


def figures(results):
    made = []
    for name, rows in results.items():
        def errors(q, expected):
            return [abs(row[q]["report_us"] - expected(row[q])) / allowed(expected(row[q])) for row in rows]
        made += [figure(8, f"{name}, {q}: error ÷ what is allowed (1 % + 100 µs)", "server's record plus control",
                        errors(q, truth), 1, False) for q in QUANTILES]
        made += [figure(0, f"{name}, {q}: the same, with the server's own part of the control once more",
                        "server's record plus all of the control", errors(q, truth_and_wake_up), None, False)
                 for q in ("p50", "p99", "p99.9")]
    return made
