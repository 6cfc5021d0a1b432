"""The most one worker may be asked for on a share of a CPU as Lambda gives it: by doubling and halving, the highest
rate of arriving users (one GET each, answered after 50 ms) at which the report's p99 is within 5 % of what the server
recorded itself, every answer came, no arrival was missed, and the report says that the generator kept up; in the end
it has to hold in two of three longer runs. Keep-alive by http.pool or a connection for each user, plain or TLS 1.3;
1,769 MB (one vCPU) and 1,024 MB (0.58 of one). The generator is in a
control group with that quota, on its core; the server has the other core. AWS does not say over which period it
counts CPU time: 20 ms is assumed, and the kernel's default of 100 ms is measured beside it for keep-alive."""

import math

import cgroup
import hdr
import peers
from measure import Failed
from servers import DelayServer

NAME = "lambda-rate"
ACCEPTANCE = "–"
VERSIONS = []
LONG = "12 minutes with --rounds 1"
# 5 % of this, 2.5 ms, is more than a small virtual machine's own stalls and far less than the pause of a worker whose
# quota is used up: 8.4 of 20 ms, 42 of 100.
DELAY_MS, ALLOWED = 50, 0.05
FULL_MB = 1769  # where Lambda gives one vCPU
# A quota of a whole core is never used up by what has one core, whatever the period.
SIZES = [(1769, 20_000), (1024, 20_000), (1024, 100_000)]
# More connections than are needed at any rate found: what is looked for is not the pool's limit.
POOL = 900
TRAFFIC = {"keep-alive": (POOL, False), "new connection per user": (None, False),
           "TLS, keep-alive": (POOL, True), "TLS, new connection per user": (None, True)}
# Lambda in us-east-1, list prices in dollars as noted on the date; and what serverless-artillery does by default.
PRICES = {"date": "2026-11-22", "region": "us-east-1", "gb_second": {"x86_64": 0.0000166667, "arm64": 0.0000133334},
          "million_invocations": 0.20}
ORIGINAL = {"rate": 25, "memory_mb": 1024, "seconds": 240}


class Search:
    """Runs at one size with one kind of traffic."""

    def __init__(self, context, size, traffic):
        self.context, (self.memory, self.period), self.traffic = context, size, traffic
        self.quota = round(self.period * min(1, self.memory / FULL_MB))
        self.runs = []

    def once(self, rate, seconds):
        """One run; what was seen, with the reasons why it does not count as held (none: it does)."""
        pool, tls = TRAFFIC[self.traffic]
        script = peers.arriving(rate, seconds, [{"get": {"url": "/"}}], pool)
        seen = {"rate": rate, "seconds": seconds, "failed": []}
        self.runs.append(seen)
        with DelayServer(self.context, f"constant:{DELAY_MS}", tls=tls) as server, \
                cgroup.CpuShare(self.quota, self.period, self.memory) as share:
            self.method = share.method
            try:
                sample, report = peers.slsart(self.context, script, server.url, rate * seconds, 2, ["-k"],
                                              under=share.words())
            except Failed as failure:
                seen["failed"].append(str(failure).splitlines()[0][:300])
                return seen
            (times, spent), server_cpu = share.throttled(), server.cpu_seconds()
            rows = server.record()
        truth = hdr.quantile(sorted(answered - arrived for _, arrived, answered in rows), 0.99) / 1e6
        said = hdr.Histogram(report["slsart"]["histograms"]["http.response_time"]).quantile(0.99) / 1e6
        generator = report["slsart"]["generator"]
        wall = sample.cost.wall_seconds
        seen |= {"p99_ms": round(said, 2), "server_p99_ms": round(truth, 2),
                 "start_delay_p99_ms": generator["startDelay"]["p99"], "kept_up": generator["keptUp"],
                 "cpu_share": round(sample.cost.cpu_seconds / wall, 3), "server_cpu_share": round(server_cpu / wall, 2),
                 "throttled": times, "throttled_ms": round(spent, 1),
                 "peak_mib": round(sample.cost.peak_rss_bytes / 2**20, 1)}
        if len(rows) != rate * seconds:
            seen["failed"].append(f"{len(rows)} requests recorded, {rate * seconds} planned")
        if truth > DELAY_MS * (1 + ALLOWED):
            seen["failed"].append(f"the server itself was late: p99 {truth:.1f} ms")
        if abs(said - truth) > ALLOWED * truth:
            seen["failed"].append(f"p99 {said:.1f} ms, the server's record {truth:.1f} ms")
        if not generator["keptUp"]:
            seen["failed"].append(generator["sentence"])
        return seen

    def holds(self, rate, seconds, wanted):
        """Whether `wanted` of at most three runs held."""
        good = bad = 0
        while good < wanted and bad + wanted <= 3:
            if self.once(rate, seconds)["failed"]:
                bad += 1
            else:
                good += 1
        return good == wanted

    def best(self, start, step, short):
        """The highest rate that held, and why the next one did not."""
        low, high, rate, why = 0, None, start, ""
        while high is None or high > low * 1.1:
            if self.holds(rate, 1 if short else 4, 1):
                low, rate = rate, round(rate * step) if high is None else rate
            else:
                high, why = rate, next(run["failed"][0] for run in reversed(self.runs) if run["failed"])
            if high is not None:
                rate = round(math.sqrt(low * high)) if low else round(high / step)
            if rate < 20:
                raise Failed(f"not even {high} users a second hold, so the machine is too busy for this: {why}")
        while not self.holds(low, 2 if short else 12, 2):
            low = round(low * 0.95)
            if low < 20:
                raise Failed("no rate holds in the longer run: the machine is too busy for this")
        return low, why


def per_million(rate, memory_mb, gb_second, seconds=ORIGINAL["seconds"]):
    """Dollars for a million requests: memory for the time, and one invocation for every `seconds`."""
    return 1e6 / rate * (memory_mb / 1024 * gb_second + PRICES["million_invocations"] / 1e6 / seconds)


def price(rate, memory_mb):
    return {name: per_million(rate, memory_mb, each) for name, each in PRICES["gb_second"].items()}


def one_round(context, size, kind, start, step):
    """What one search found; rate 0 where nothing held."""
    search = Search(context, size, kind)
    try:
        rate, why = search.best(start, step, context.short)
    except Failed as failure:
        return {"rate": 0, "next_failed": str(failure), "held": None, "runs": len(search.runs)}
    held = [one for one in search.runs if one["rate"] == rate and not one["failed"]][-1]
    return {"rate": rate, "next_failed": why, "held": held, "runs": len(search.runs)}


def run(context):
    rounds = 1 if context.short else min(3, context.rounds)
    sizes, kinds = (SIZES[:2], list(TRAFFIC)[:2]) if context.short else (SIZES, list(TRAFFIC))
    # What the machine does by itself, hardly asked for anything.
    first = Search(context, SIZES[0], "keep-alive")
    idle = first.once(200, 2 if context.short else 10)
    print(f"  at 200/s p99 is {idle.get('p99_ms')} ms, the server's record {idle.get('server_p99_ms')} ms", flush=True)
    rows, start = [], {kind: 1000 for kind in kinds}
    for size in sizes:
        # What the longer period does is seen with the cheapest traffic.
        for kind in kinds if size[1] == 20_000 else kinds[:1]:
            found = []
            for number in range(rounds):
                one = one_round(context, size, kind, start[kind], 2 if number == 0 else 1.25)
                start[kind] = one["rate"] or start[kind]
                found.append(one)
                held = one["held"] or {"p99_ms": None, "server_p99_ms": None, "cpu_share": 0}
                print(f"  round {number + 1}/{rounds}  {size[0]} MB, period {size[1] / 1000:.0f} ms, {kind:28} "
                      f"{one['rate']:>6}/s  p99 {held['p99_ms']} ms (server {held['server_p99_ms']})  CPU "
                      f"{held['cpu_share'] * 100:.0f} %  then: {one['next_failed']}", flush=True)
            rows.append(row(size, kind, found))
    if not any(one["rate"] for one in rows):
        raise Failed(rows[0]["next_failed"])
    original = {**ORIGINAL, "dollars_per_million": price(ORIGINAL["rate"], ORIGINAL["memory_mb"])}
    return {"method": first.method, "rounds": rounds, "prices": PRICES, "idle": idle, "original": original,
            "lambda": rows, "figures": []}


def row(size, kind, found):
    """One row of the table: the median round and the spread."""
    middle = sorted(found, key=lambda one: one["rate"])[(len(found) - 1) // 2]
    memory, period = size
    return {"memory_mb": memory, "period_ms": period // 1000, "quota": round(min(1, memory / FULL_MB), 3),
            "traffic": kind, "rate": middle["rate"], "low": min(one["rate"] for one in found),
            "high": max(one["rate"] for one in found), "held": middle["held"], "next_failed": middle["next_failed"],
            "dollars_per_million": price(middle["rate"], memory) if middle["rate"] else None, "rounds": found}
