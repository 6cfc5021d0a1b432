"""The same Artillery script in both: 1,000 users a second with one GET each, against
the practice target. Start and end of the process count."""

import peers
from measure import figure, interleaved, rates, ratios
from servers import Target

NAME = "artillery-open"
ACCEPTANCE = "6"
VERSIONS = ["artillery", "node"]
RATE = 1000


def run(context):
    seconds = 5 if context.short else 20
    script = peers.arriving(RATE, seconds, [{"get": {"url": "/"}}])
    with Target(context) as target:
        samples = interleaved(context, {
            "slsart": lambda: peers.slsart(context, script, target.url, RATE * seconds)[0],
            "artillery": lambda: peers.artillery(context, script, target.url, RATE * seconds),
        })
    memory = [a.cost.peak_rss_bytes / b.cost.peak_rss_bytes for a, b in zip(samples["artillery"], samples["slsart"])]
    return {"users": RATE * seconds, "results": rates(samples), "figures": [
        figure(6, f"the same script, open, {RATE} users/s for {seconds} s", "artillery 2.0.34",
               ratios(samples, "artillery"), 30, digits=1),
        figure(6, "peak memory of artillery ÷ ours, open", "artillery 2.0.34", memory, 20, digits=1)]}
