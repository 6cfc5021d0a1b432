"""The same Artillery script in all: 500 users a second with one GET each, a connection for each, against the practice
target. Start and end of the process count. Beside Artillery 2; shown without a goal: the last release of Artillery 1,
and the barest client that keeps such a schedule (bench/open_loop.cpp), which tells what part of our cost is the
machine's: one that sleeps twice for each user, and one that sleeps once, because it looks for the answer when the
next user is due. Five rounds at most, and three of those without a goal: they are long, and differ little."""

import peers
from cases.artillery_looped import figures
from measure import figure, interleaved, rates, ratios
from servers import Target

NAME = "artillery-open"
ACCEPTANCE = "6"
VERSIONS = ["artillery", "artillery1", "node"]
RATE = 500


def run(context):
    seconds = 5 if context.short else 10
    script = peers.arriving(RATE, seconds, [{"get": {"url": "/"}}])
    with Target(context) as target:
        samples = interleaved(context, {
            "slsart": lambda: peers.slsart(context, script, target.url, RATE * seconds)[0],
            "artillery": lambda: peers.artillery(context, script, target.url, RATE * seconds),
        }, {
            "artillery1": lambda: peers.artillery1(context, script, target.url, RATE * seconds),
            "open_loop": lambda: peers.open_loop(context, target.url, RATE, seconds),
            "open_loop late": lambda: peers.open_loop(context, target.url, RATE, seconds, "late"),
        }, most=5)
    return {"rounds": min(5, context.rounds), "users": RATE * seconds, "results": rates(samples),
            "figures": [
                *figures(samples, f"open, {RATE} users/s for {seconds} s", 30),
                figure(0, f"the same users, open, {RATE} users/s for {seconds} s", "a bare loop in C",
                       ratios(samples, "open_loop")),
                figure(0, f"the same users, open, {RATE} users/s for {seconds} s", "a bare loop in C, one sleep a user",
                       ratios(samples, "open_loop late"))]}
