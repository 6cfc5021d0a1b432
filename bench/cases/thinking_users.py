"""Memory of users who think: 100,000, and (not in the short form) 1,000,000 at once, above what one user takes.
They arrive in a few seconds and think until all are there; nothing is sent."""

import peers
from measure import Failed, figure

NAME = "thinking-users"
ACCEPTANCE = "10"
VERSIONS = []


def peak(context, users, arrive, think):
    script = peers.arriving(users / arrive, arrive, [{"think": think}])
    sample, report = peers.slsart(context, script, "http://127.0.0.1:1", 0, name="thinking", limit=300)
    counters = report["aggregate"]["counters"]
    if counters.get("vusers.completed") != users:
        raise Failed(f"{users} users planned, {counters}")
    print(f"  {users:>9} users  peak {sample.cost.peak_rss_bytes / 2**20:8.1f} MiB  "
          f"cpu {sample.cost.cpu_seconds:6.2f} s  wall {sample.cost.wall_seconds:6.1f} s", flush=True)
    return sample.cost.peak_rss_bytes


def run(context):
    base, many, million = [], [], []
    rounds = min(3, context.rounds)  # memory hardly differs from one run to the next
    for _ in range(rounds):
        base.append(peak(context, 1, 1, 1))
        many.append(peak(context, 100_000, 4, 5))
    if not context.short:
        million.append(peak(context, 1_000_000, 20, 22))
    each = [(a - b) / 100_000 for a, b in zip(many, base)]
    figures = [figure(10, "100,000 thinking users, memory of each above the base", "–", each, 2048, False, "bytes", 0)]
    if million:
        figures.append(figure(10, "1,000,000 thinking users, peak memory", "–", [x / 1e9 for x in million], 2.2, False,
                              "GB", 3))
    return {"rounds": rounds,
            "results": {"base_mib": [round(x / 2**20, 1) for x in base],
                        "100000_mib": [round(x / 2**20, 1) for x in many],
                        "1000000_mib": [round(x / 2**20, 1) for x in million]}, "figures": figures}
