"""The whole script on: path and header from templates, a JSON capture and a match on a body of 1 KB at every
request, beside wrk's plain GET of the same body, as long as ours."""

import peers
from measure import figure, interleaved, rates, ratios
from servers import Nginx

NAME = "scripted-get"
ACCEPTANCE = "3"
VERSIONS = ["wrk", "nginx"]
HEADERS = ["user-agent: Artillery (https://artillery.io)", "accept-encoding: gzip, deflate, br, zstd"]
REQUEST = {
    # six digits, so that every request is as long as the next
    "url": "/1k.json?n={{ $randomNumber(100000, 999999) }}",
    "headers": {"x-user": "user-{{ $randomNumber(100000, 999999) }}"},
    "capture": {"json": "$.token", "as": "token"},
    "match": {"json": "$.items[7].id", "value": "item-0007"},
}


def run(context):
    ours = peers.script_request(context, peers.looped(1, REQUEST, users=1))
    words = [word for header in HEADERS for word in ("-H", header)]
    plain = ["wrk", "-t1", "-c1", "-d1s", *words, "http://127.0.0.1:PORT/1k.json"]
    headers = HEADERS + peers.padding(ours, peers.request_bytes(context, plain))
    words = [word for header in headers for word in ("-H", header)]
    sent = {"slsart": ours,
            "wrk": peers.request_bytes(context, ["wrk", "-t1", "-c1", "-d1s", *words, plain[-1]])}
    with Nginx(context) as server:
        each = context.requests(peers.wrk(context, server.url + "/1k.json", 1, headers))
        samples = interleaved(context, {
            "slsart": lambda: peers.slsart(context, peers.looped(each // 50, REQUEST), server.url, each, 1024)[0],
            "wrk": lambda: peers.wrk(context, server.url + "/1k.json", context.seconds, headers),
        })
    return {"wire": peers.shown(sent), "results": rates(samples),
            "figures": [figure(3, "templates, capture and match on 1 KB", "wrk's plain GET", ratios(samples, "wrk"),
                               0.75)]}
