"""The same static GET from 50 keep-alive connections beside ab -k, which speaks HTTP/1.0."""

import peers
from measure import figure, interleaved, rates, ratios
from servers import TEXT, Nginx

NAME = "static-get-ab"
ACCEPTANCE = "2"
VERSIONS = ["ab", "nginx"]


def run(context):
    ours = peers.script_request(context, peers.looped(1, {"url": "/"}))
    command = ["ab", "-k", "-n", "1", "-c", "1"]
    pad = peers.padding(ours, peers.request_bytes(context, command + ["http://127.0.0.1:PORT/"]))
    words = [word for header in pad for word in ("-H", header)]
    sent = {"slsart": ours, "ab": peers.request_bytes(context, command + words + ["http://127.0.0.1:PORT/"])}
    with Nginx(context) as server:
        each = context.requests(peers.ab(context, server.url + "/", 20_000, pad))
        samples = interleaved(context, {
            "slsart": lambda: peers.slsart(context, peers.looped(each // 50, {"url": "/"}), server.url, each,
                                           len(TEXT))[0],
            "ab": lambda: peers.ab(context, server.url + "/", each, pad),
        })
    return {"wire": peers.shown(sent), "results": rates(samples),
            "figures": [figure(2, "static GET, pool of 50, looped", "ab -k", ratios(samples, "ab"), 0.95)]}
