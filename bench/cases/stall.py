"""A target that answers nothing for one second, once, in the middle of a run of 1,000 users a second over a pool
of 20 connections. Theory: in a run of D seconds the fraction 1/D of the users waits evenly between 0 and 1 s, so
the percentile q from due time is (1 - (1 - q) D) s, as long as that is positive. The plain response time, which
only the requests under way can feel, is shown beside it."""

import hdr
import peers
from measure import Failed, figure
from servers import Target

NAME = "stall"
ACCEPTANCE = "9"
VERSIONS = []
RATE, SECONDS = 1000, 5
QUANTILES = {"p90": 0.90, "p95": 0.95, "p99": 0.99}


def run(context):
    found, errors = [], {q: [] for q in QUANTILES}
    for number in range(context.rounds):
        with Target(context, "--stall-at", "2", "--stall-for", "1") as target:
            _, report = peers.slsart(context, peers.arriving(RATE, SECONDS, [{"get": {"url": "/"}}], 20), target.url,
                                     RATE * SECONDS)
        histograms = report["slsart"]["histograms"]
        due = hdr.Histogram(histograms["slsart.response_time_from_due"])
        plain = hdr.Histogram(histograms["http.response_time"])
        if due.total != RATE * SECONDS or plain.total != RATE * SECONDS:
            raise Failed(f"{due.total} and {plain.total} samples, {RATE * SECONDS} planned")
        row = {}
        for name, q in QUANTILES.items():
            theory = 1000 * (1 - (1 - q) * SECONDS)
            row[name] = {"theory_ms": round(theory, 1), "from_due_ms": round(due.quantile(q) / 1e6, 1),
                         "plain_ms": round(plain.quantile(q) / 1e6, 1)}
            errors[name].append(abs(row[name]["from_due_ms"] - theory))
        found.append(row)
        print(f"  round {number + 1}/{context.rounds}  " + "  ".join(
            f"{name}: theory {one['theory_ms']:.0f} from due {one['from_due_ms']:.0f} plain {one['plain_ms']:.1f} ms"
            for name, one in row.items()), flush=True)
    # A second's arrivals are 1,000, the histogram's buckets 0.4 %: 25 ms is generous and still tells.
    return {"results": found, "figures": [
        figure(9, f"1 s stall in {SECONDS} s, {name} from due time: distance from theory", "theory", errors[name], 25,
               False, "ms", 1) for name in QUANTILES]}
