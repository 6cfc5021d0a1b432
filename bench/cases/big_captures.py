"""Captures on large bodies, the same Artillery script in both: 50 users loop over one GET of 90 KB of JSON (a JSONPath
capture and a match) or of a 90 KB HTML page (a CSS selector's attribute, or an XPath on the same page, which is XML as
well), http.pool: 50. Without a goal."""

import peers
from measure import figure, interleaved, rates, ratios
from servers import Nginx

NAME = "big-captures"
ACCEPTANCE = "–"
VERSIONS = ["artillery", "node", "nginx"]
LONG = "2 minutes"
CAPTURES = {
    "JSONPath": {"url": "/90k.json", "capture": {"json": "$.items[?(@.id=='item-0700')].name", "as": "found"},
                 "match": {"json": "$.items[350].id", "value": "item-0350"}},
    "selector": {"url": "/90k.html", "capture": {"selector": "#item-0700 > a.buy", "attr": "href", "as": "found"}},
    "XPath": {"url": "/90k.html", "capture": {"xpath": "//*[@id='item-0700']/*[2]/@href", "as": "found"}},
}


def run(context):
    count = 5 if context.short else 20
    results, figures = {}, []
    for name, request in CAPTURES.items():
        # A capture that finds nothing fails its user in both, so that the round counts only when all were found.
        script = peers.looped(count, request | {"capture": request["capture"] | {"strict": True}})
        with Nginx(context) as server:
            samples = interleaved(context, {
                "slsart": lambda: peers.slsart(context, script, server.url, count * 50)[0],
                "artillery": lambda: peers.artillery(context, script, server.url, count * 50)}, most=3)
        results[name] = rates(samples)
        figures.append(figure(0, f"captures on 90 KB: {name}", "artillery " + peers.VERSIONS["artillery"](),
                              ratios(samples, "artillery"), digits=1))
    return {"rounds": min(3, context.rounds), "results": results, "figures": figures}
