"""How late requests leave: users with one GET each arrive over a pool of 50 connections at half the rate that 50
looping users reach (the case static-get, measured at the start), one worker on the client's core, every request with its due instant in a header; beside the wake-up lateness of a bare timer loop of the same rate
on the same core (bench/timer_loop.cpp). What the report says is compared with what the server saw: arrival - due,
less the smallest of them, because the run's begin is not on the server's clock."""

import json
import statistics

import hdr
import peers
from measure import Failed, figure, tool
from servers import TEXT, DelayServer, Nginx

NAME = "send-delay"
ACCEPTANCE = "7"
VERSIONS = []
FLOW = [{"get": {"url": "/", "headers": {"x-due": "{{ $arrivalDue }}"}}}]


def half_of_the_looped_rate(context):
    with Nginx(context) as server:
        count = 50 * (400 if context.short else 4000)
        sample, _ = peers.slsart(context, peers.looped(count // 50, {"url": "/"}), server.url, count, len(TEXT))
    return round(sample.requests / sample.cost.wall_seconds / 2, -3)


def timer(context, rate, how):
    _, text = peers.run(context, "timer", [tool("timer_loop"), rate, context.seconds, *how], 60)
    return json.loads(text)


def ours(context, rate, idle):
    planned = rate * context.seconds
    with DelayServer(context, "none") as server:
        _, report = peers.slsart(context, peers.arriving(rate, context.seconds, FLOW, 50), server.url, planned, 2,
                                 ["--idle", idle])
        rows = server.record()
    if len(rows) != planned or any(row[0] < 0 for row in rows):
        raise Failed(f"{len(rows)} requests recorded, {planned} planned")
    late = sorted(arrived - due for due, arrived, _ in rows)
    sent = hdr.Histogram(report["slsart"]["histograms"]["slsart.send_delay"])
    return {"p50": sent.quantile(0.5) / 1e3, "p99": sent.quantile(0.99) / 1e3, "max": sent.quantile(1) / 1e3,
            "spread": (sent.quantile(0.99) - sent.quantile(0)) / 1e3,
            "target": (hdr.quantile(late, 0.99) - late[0]) / 1e3}


def run(context):
    rate = int(half_of_the_looped_rate(context))
    print(f"  {rate} users a second", flush=True)
    found = {"timer sleep": [], "timer spin": [], "slsart sleep": [], "slsart spin": []}
    for number in range(context.rounds):
        for how in (("sleep", "spin") if number % 2 == 0 else ("spin", "sleep")):
            found[f"timer {how}"].append(timer(context, rate, [how] if how == "spin" else []))
            found[f"slsart {how}"].append(ours(context, rate, how))
        for name, each in found.items():
            last = each[-1]
            print(f"  round {number + 1}/{context.rounds}  {name:13} p50 {last['p50']:8.1f} us  p99 {last['p99']:8.1f} us"
                  f"  max {last['max']:9.1f} us", flush=True)
    figures = []
    for how in ("sleep", "spin"):
        a, b = found[f"slsart {how}"], found[f"timer {how}"]
        figures += [
            figure(7, f"send delay p99 above the timer loop's, --idle={how}", "timer loop",
                   [x["p99"] - y["p99"] for x, y in zip(a, b)], 50, False, "µs", 1),
            figure(7, f"send delay p99, --idle={how}", "–", [x["p99"] for x in a], 100, False, "µs", 1),
            figure(0, f"the server's own p99 of arrival − due less the report's, --idle={how}", "server's record",
                   [x["target"] - x["spread"] for x in a], None, False, "µs", 1),
        ]
    return {"users_per_second": rate, "results": {name: {key: round(statistics.median(one[key] for one in each), 1) for key in each[0]}
                        for name, each in found.items()}, "figures": figures}
