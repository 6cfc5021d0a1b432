"""The same Artillery script in all: 50 users who arrive at once and loop over one GET, http.pool: 50. Start and end of
the process count. Beside Artillery 2; the last release of Artillery 1 is shown, without a goal."""

import peers
from measure import figure, interleaved, memory_ratios, rates, ratios
from servers import TEXT, Nginx

NAME = "artillery-looped"
ACCEPTANCE = "6"
VERSIONS = ["artillery", "artillery1", "node", "nginx"]


def run(context):
    count = 40 if context.short else 200
    script = peers.looped(count, {"url": "/"})
    with Nginx(context) as server:
        samples = interleaved(context, {
            "slsart": lambda: peers.slsart(context, script, server.url, count * 50, len(TEXT))[0],
            "artillery": lambda: peers.artillery(context, script, server.url, count * 50),
        }, {"artillery1": lambda: peers.artillery1(context, script, server.url, count * 50)})
    return {"results": rates(samples), "figures": figures(samples, f"looped, {count * 50} requests", 80)}


def figures(samples, how, goal):
    """CPU time and memory, beside both versions; the goals are for the newer one."""
    new, old = peers.VERSIONS["artillery"](), peers.VERSIONS["artillery1"]()
    return [
        figure(6, f"the same script, {how}", f"artillery {new}", ratios(samples, "artillery"), goal, digits=1),
        figure(6, f"peak memory of artillery ÷ ours, {how}", f"artillery {new}", memory_ratios(samples, "artillery"),
               20, digits=1),
        figure(0, f"the same script, {how}", old, ratios(samples, "artillery1"), digits=1),
        figure(0, f"peak memory of artillery ÷ ours, {how}", old, memory_ratios(samples, "artillery1"), digits=1)]
