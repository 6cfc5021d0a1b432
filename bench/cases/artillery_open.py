"""The same Artillery script in all: 1,000 users a second with one GET each, a connection for each, against the practice
target. Start and end of the process count. Beside Artillery 2; the last release of Artillery 1 is shown, without a
goal. Five rounds at most: they are long, and differ little."""

import peers
from cases.artillery_looped import figures
from measure import interleaved, rates
from servers import Target

NAME = "artillery-open"
ACCEPTANCE = "6"
VERSIONS = ["artillery", "artillery1", "node"]
RATE = 1000


def run(context):
    seconds = 5 if context.short else 20
    script = peers.arriving(RATE, seconds, [{"get": {"url": "/"}}])
    with Target(context) as target:
        samples = interleaved(context, {
            "slsart": lambda: peers.slsart(context, script, target.url, RATE * seconds)[0],
            "artillery": lambda: peers.artillery(context, script, target.url, RATE * seconds),
        }, {"artillery1": lambda: peers.artillery1(context, script, target.url, RATE * seconds)}, most=5)
    return {"rounds": min(5, context.rounds), "users": RATE * seconds, "results": rates(samples),
            "figures": figures(samples, f"open, {RATE} users/s for {seconds} s", 30)}
