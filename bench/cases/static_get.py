"""The same static GET from 50 keep-alive connections, one thread: slsart (50 users who loop, http.pool: 50)
beside wrk, h2load --h1 and hey. All send as many bytes."""

import peers
from measure import figure, interleaved, rates, ratios
from servers import TEXT, Nginx

NAME = "static-get"
ACCEPTANCE = "1"
VERSIONS = ["wrk", "h2load", "hey", "nginx"]
HEADERS = ["user-agent: Artillery (https://artillery.io)", "accept-encoding: gzip, deflate, br, zstd"]


def run(context):
    def wire():
        ours = peers.script_request(context, peers.looped(1, {"url": "/"}))
        words = [word for header in HEADERS for word in ("-H", header)]
        sent = {"slsart": ours}
        url = "http://127.0.0.1:PORT/"
        padded = {}
        for name, command in {"wrk": ["wrk", "-t1", "-c1", "-d1s", *words, url],
                              "h2load": ["h2load", "--h1", "-n1", "-c1", *words, url],
                              "hey": ["hey", "-n", "1", "-c", "1", *words[:1], "x-y: z", url]}.items():
            first = peers.request_bytes(context, command)
            padded[name] = (HEADERS if name != "hey" else ["x-y: z"]) + peers.padding(ours, first)
            pad = [word for header in padded[name][(2 if name != "hey" else 1):] for word in ("-H", header)]
            sent[name] = peers.request_bytes(context, command[:-1] + pad + [url])
        return sent, padded

    sent, headers = wire()
    with Nginx(context) as server:
        url = server.url + "/"
        each = context.requests(peers.wrk(context, url, 1, headers["wrk"]))

        def ours():
            before = server.answered()
            sample, _ = peers.slsart(context, peers.looped(each // 50, {"url": "/"}), server.url, each, len(TEXT))
            context.expect(server.answered() - before - 1, each, "requests by nginx's own count")
            return sample
        samples = interleaved(context, {
            "slsart": ours,
            "wrk": lambda: peers.wrk(context, url, context.seconds, headers["wrk"]),
        }, {
            "h2load": lambda: peers.h2load(context, url, each, headers["h2load"]),
            **({} if context.short else {"hey": lambda: peers.hey(context, url, each // 3, headers["hey"])}),
        })
    goals = {"wrk": (1, 1.15)}
    return {
        "wire": peers.shown(sent), "results": rates(samples),
        "figures": [figure(goals.get(peer, (0, None))[0], "static GET, pool of 50, looped", peer,
                           ratios(samples, peer), goals.get(peer, (0, None))[1])
                    for peer in samples if peer != "slsart"],
    }
