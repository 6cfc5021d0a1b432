"""One GET per user on a connection of its own, `Connection: close` sent by both. slsart's users arrive at 70 %
of the rate wrk had just before (an open schedule; at 100 % it would measure a queue), wrk keeps 50 going."""

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

        def ours():
            users = int(rate[0] * 0.7)
            planned = users * context.seconds
            return peers.slsart(context, peers.arriving(users, context.seconds, FLOW), server.url, planned,
                                len(TEXT))[0]
        samples = interleaved(context, {"wrk": wrk, "slsart": ours})
    return {"wire": peers.shown(sent), "results": rates(samples),
            "figures": [figure(4, "one GET per user, a new connection each", "wrk", ratios(samples, "wrk"), 1.05)]}
