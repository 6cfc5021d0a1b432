"""One GET per user on a connection of its own, `Connection: close` sent by both, at most 50 at a time: wrk keeps 50
going, slsart's users arrive at one and a half times the rate wrk had just before, those above `maxVusers: 50` being
skipped (and counted). Both have as much to do as they can. Shown beside it: 50 users who loop, a new connection for
every request; and open schedules below that, where the generator waits between arrivals: at wrk's own rate, and at
half of it. There sleeping and being woken, and waking up the server, cost CPU that a closed loop saves."""

import peers
from measure import figure, interleaved, rates, ratios
from servers import TEXT, Nginx

NAME = "new-connections"
ACCEPTANCE = "4"
VERSIONS = ["wrk", "nginx"]
HEADERS = ["user-agent: Artillery (https://artillery.io)", "accept-encoding: gzip, deflate, br, zstd",
           "connection: close"]
FLOW = [{"get": {"url": "/", "headers": {"connection": "close"}}}]


def run(context):
    words = [word for header in HEADERS for word in ("-H", header)]
    sent = {"slsart": peers.script_request(context, peers.arriving(1, 1, FLOW))}
    first = peers.request_bytes(context, ["wrk", "-t1", "-c1", "-d1s", *words, "http://127.0.0.1:PORT/"])
    headers = HEADERS + peers.padding(sent["slsart"], first)
    words = [word for header in headers for word in ("-H", header)]
    sent["wrk"] = peers.request_bytes(context, ["wrk", "-t1", "-c1", "-d1s", *words, "http://127.0.0.1:PORT/"])
    with Nginx(context) as server:
        first = peers.wrk(context, server.url + "/", 1, headers)
        rate = [first.requests / first.cost.wall_seconds]

        def wrk():
            sample = peers.wrk(context, server.url + "/", context.seconds, headers)
            rate[0] = sample.requests / sample.cost.wall_seconds
            return sample

        def capped():
            script = peers.arriving(int(rate[0] * 1.5), context.seconds, FLOW, most=50)
            return peers.slsart(context, script, server.url, None, len(TEXT))[0]

        def arriving(share):
            users = int(rate[0] * share)
            return peers.slsart(context, peers.arriving(users, context.seconds, FLOW), server.url,
                                users * context.seconds, len(TEXT))[0]

        def looping():
            each = int(rate[0] * context.seconds) // 50
            return peers.slsart(context, peers.looped(each, FLOW[0]["get"], pool=None), server.url, each * 50,
                                len(TEXT))[0]
        samples = interleaved(context, {"wrk": wrk, "slsart": capped},
                              {"slsart looping": looping, "slsart at 100 %": lambda: arriving(1.0),
                               "slsart at 50 %": lambda: arriving(0.5)})
    what = "one GET per user, a new connection each"
    return {"wire": peers.shown(sent), "results": rates(samples), "figures": [
        figure(4, f"{what}, at most 50 at a time", "wrk", ratios(samples, "wrk"), 1.05),
        figure(0, f"{what}, 50 users looping", "wrk", ratios(samples, "wrk", "slsart looping")),
        figure(0, f"{what}, arriving at wrk's rate", "wrk", ratios(samples, "wrk", "slsart at 100 %")),
        figure(0, f"{what}, arriving at 50 % of wrk's rate", "wrk", ratios(samples, "wrk", "slsart at 50 %"))]}
