"""The same Artillery script in both: 50 users who arrive at once and loop over one GET, http.pool: 50. Start and end of the
process count."""

import peers
from measure import figure, interleaved, rates, ratios
from servers import TEXT, Nginx

NAME = "artillery-looped"
ACCEPTANCE = "6"
VERSIONS = ["artillery", "node", "nginx"]


def run(context):
    count = 40 if context.short else 200
    script = peers.looped(count, {"url": "/"})
    with Nginx(context) as server:
        samples = interleaved(context, {
            "slsart": lambda: peers.slsart(context, script, server.url, count * 50, len(TEXT))[0],
            "artillery": lambda: peers.artillery(context, script, server.url, count * 50),
        })
    memory = [a.cost.peak_rss_bytes / b.cost.peak_rss_bytes for a, b in zip(samples["artillery"], samples["slsart"])]
    return {"results": rates(samples), "figures": [
        figure(6, f"the same script, looped, {count * 50} requests", "artillery 2.0.34",
               ratios(samples, "artillery"), 80, digits=1),
        figure(6, "peak memory of artillery ÷ ours, looped", "artillery 2.0.34", memory, 20, digits=1)]}
