"""Percentiles of the report beside the truth: 2,000 users a second over at most 400 connections against a server with a
known distribution of delays (constant 5 ms; 2 ms with one in twenty at 50 ms; log-normal), which keeps its own
record of when each request was read and each answer handed to the kernel. What lies outside of that (two ways through
the kernel, two wake-ups) is the machine's, and is measured by a control run without delay in the same round: truth is
the record's percentile plus the control's. Beside it, the percentile of every recorded delay plus every control time,
as if drawn independently. The report's histogram is read by an independent decoder (bench/hdr.py). 8 s a run: 112,000 samples of
each distribution in 7 rounds, each round with delays of its own."""

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
    """The report's histogram, and the server's delays in ascending order."""
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
        control, _ = one(context, "none", seconds, number)
        for name, delay in DELAYS.items():
            seen, truth = one(context, delay, seconds, number)
            results[name].append({q: {
                "report_us": round(seen.quantile(rank) / 1e3, 1),
                "server_us": round(hdr.quantile(truth, rank) / 1e3, 1),
                "control_us": round(control.quantile(rank) / 1e3, 1),
                "truth_us": round(hdr.quantile_of_sum(truth, control, rank) / 1e3, 1)}
                for q, rank in QUANTILES.items()})
            print(f"  round {number + 1}/{context.rounds}  {name:16} " + "  ".join(
                f"{q} {row['report_us'] / 1e3:.3f} ms (truth {row['truth_us'] / 1e3:.3f}, server "
                f"{row['server_us'] / 1e3:.3f}, control {row['control_us'] / 1e3:.3f})"
                for q, row in results[name][-1].items()), flush=True)
    return {"seconds": seconds, "samples": RATE * seconds * context.rounds, "results": results,
            "figures": figures(results)}


def figures(results):
    made = []
    for name, rows in results.items():
        def errors(q, truth):
            return [abs(row[q]["report_us"] - truth(row[q])) / allowed(truth(row[q])) for row in rows]
        made += [figure(8, f"{name}, {q}: error ÷ what is allowed (1 % + 100 µs)", "server's record plus control",
                        errors(q, lambda row: row["server_us"] + row["control_us"]), 1, False) for q in QUANTILES]
        # A percentile of a sum is not the sum of percentiles: the control's p99.9 is seldom the control time of the
        # request whose delay is p99.9, and a wide distribution's p50 is moved by the control's mean.
        made += [figure(0, f"{name}, {q}: the same from all sums of a recorded delay and a control time",
                        "server's record and control", errors(q, lambda row: row["truth_us"]), None, False)
                 for q in ("p50", "p99", "p99.9")]
    return made
