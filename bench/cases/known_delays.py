"""Percentiles of the report beside the truth: 2,000 users a second over at most 400 connections against a server with a
known distribution of delays (constant 5 ms; 2 ms with one in twenty at 50 ms; log-normal), which keeps its own
record. Truth is the record's percentile plus the same percentile of a run without delay in the same round. The
report's histogram is read by an independent decoder (bench/hdr.py)."""

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


def one(context, delay, seconds):
    planned = RATE * seconds
    with DelayServer(context, delay) as server:
        _, report = peers.slsart(context, peers.arriving(RATE, seconds, [{"get": {"url": "/"}}], 400), server.url,
                                 planned, 2)
        rows = server.record()
    if len(rows) != planned or any(row[2] < 0 for row in rows):
        raise Failed(f"{len(rows)} requests recorded, {planned} planned")
    seen = hdr.Histogram(report["slsart"]["histograms"]["http.response_time"])
    if seen.total != planned:
        raise Failed(f"the histogram holds {seen.total} samples of {planned}")
    truth = sorted(answered - arrived for _, arrived, answered in rows)
    return ({name: seen.quantile(q) / 1e3 for name, q in QUANTILES.items()},
            {name: hdr.quantile(truth, q) / 1e3 for name, q in QUANTILES.items()})


def run(context):
    # 100,000 samples of each distribution over 7 rounds.
    seconds = 3 if context.short else 8
    results, beyond = {name: [] for name in DELAYS}, {name: {q: [] for q in QUANTILES} for name in DELAYS}
    for number in range(context.rounds):
        control, _ = one(context, "none", seconds)
        for name, delay in DELAYS.items():
            seen, truth = one(context, delay, seconds)
            row = {}
            for q in QUANTILES:
                expected = truth[q] + control[q]
                # In microseconds; what is allowed is 1 % and 100 us.
                beyond[name][q].append((abs(seen[q] - expected)) / (0.01 * expected + 100))
                row[q] = {"report_us": round(seen[q], 1), "server_us": round(truth[q], 1),
                          "control_us": round(control[q], 1)}
            results[name].append(row)
            print(f"  round {number + 1}/{context.rounds}  {name:16} "
                  + "  ".join(f"{q} {seen[q] / 1e3:.3f} ms (server {truth[q] / 1e3:.3f})" for q in QUANTILES), flush=True)
    return {"samples": RATE * seconds * context.rounds, "results": results, "figures": [
        figure(8, f"{name}, {q}: error ÷ what is allowed (1 % + 100 µs)", "server's record", beyond[name][q], 1, False)
        for name in DELAYS for q in QUANTILES]}
