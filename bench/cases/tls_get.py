"""The same static GET over TLS 1.3 (AES-256-GCM, P-256 certificate, verified by neither) from 50 keep-alive
connections, beside wrk."""

import peers
from measure import figure, interleaved, rates, ratios
from servers import TEXT, Nginx

NAME = "tls-get"
ACCEPTANCE = "5"
VERSIONS = ["wrk", "nginx"]
HEADERS = ["user-agent: Artillery (https://artillery.io)", "accept-encoding: gzip, deflate, br, zstd"]


def run(context):
    words = [word for header in HEADERS for word in ("-H", header)]
    sent = {"slsart": peers.script_request(context, peers.looped(1, {"url": "/"}))}
    first = peers.request_bytes(context, ["wrk", "-t1", "-c1", "-d1s", *words, "http://127.0.0.1:PORT/"])
    headers = HEADERS + peers.padding(sent["slsart"], first)
    sent["wrk"] = first
    with Nginx(context) as server:
        each = context.requests(peers.wrk(context, server.tls_url + "/", 1, headers))
        samples = interleaved(context, {
            "slsart": lambda: peers.slsart(context, peers.looped(each // 50, {"url": "/"}), server.tls_url, each,
                                           len(TEXT), ["-k"])[0],
            "wrk": lambda: peers.wrk(context, server.tls_url + "/", context.seconds, headers),
        })
    return {"wire": peers.shown(sent), "results": rates(samples),
            "figures": [figure(5, "TLS 1.3 keep-alive GET", "wrk", ratios(samples, "wrk"), 1.0)]}
