"""JavaScript functions: 50 users who loop, http.pool: 50, a callback-style beforeRequest and afterResponse on every
GET, beside artillery on the same script; function steps alone, 500 users in flight, for calls per CPU second of worker
and Node together; what a hooked request costs the engine alone, beside the same without hooks."""

import peers
from measure import Sample, figure, interleaved, rates, ratios
from servers import TEXT, Nginx

NAME = "hooks"
ACCEPTANCE = "hooks"
VERSIONS = ["artillery", "node", "nginx"]
PROCESSOR = """'use strict';
let count = 0;
module.exports = {
  before(req, context, events, next) {
    req.headers = { ...req.headers, 'x-user': 'user-' + (++count % 1000) };
    return next();
  },
  after(req, res, context, events, next) {
    context.vars.last = res.statusCode;
    events.emit('counter', 'hooks.answers', 1);
    return next();
  },
  step(context, events, done) { context.vars.n = (context.vars.n || 0) + 1; return done(); },
};
"""
REQUEST = {"url": "/", "beforeRequest": "before", "afterResponse": "after"}
CALLS_GOAL, ENGINE_GOAL_US, PEER_GOAL = 25_000, 15, 8


def hooked(context, script):
    (context.folder / "processor.js").write_text(PROCESSOR)
    script["config"]["processor"] = "./processor.js"
    return script


def calls(context, count, users):
    """Function steps only: `count` calls by each of `users`."""
    script = {"config": {"target": "http://127.0.0.1:1", "phases": [{"duration": "50ms", "arrivalCount": users}],
                         "variables": {"n": 0}},  # known to the script, so each change travels
              "scenarios": [{"flow": [{"loop": [{"function": "step"}], "count": count}]}]}
    sample, report = peers.slsart(context, hooked(context, script), "http://127.0.0.1:1", 0)
    context.expect(report["aggregate"]["counters"].get("vusers.completed", 0), users, "users")
    return Sample(count * users, sample.cost)


def engine_seconds(report):
    """CPU time of the workers, without Node and without the start."""
    own = report["slsart"]
    return sum(worker["cpuShare"] for worker in own["generator"]["workers"]) * own["elapsedSeconds"]


def run(context):
    count = 40 if context.short else 400
    script = hooked(context, peers.looped(count, REQUEST))
    reports = {"hooked": [], "plain": []}

    def ours(name, what, many):
        sample, report = peers.slsart(context, what, server.url, many * 50, len(TEXT))
        reports[name].append(engine_seconds(report) / (many * 50))
        return sample
    with Nginx(context) as server:
        samples = interleaved(context, {
            "slsart": lambda: ours("hooked", script, count),
            "artillery": lambda: peers.artillery(context, script, server.url, count * 50),
        })
        extra = interleaved(context, {
            "slsart long": lambda: ours("hooked", hooked(context, peers.looped(count * 5, REQUEST)), count * 5),
            "no hooks": lambda: ours("plain", peers.looped(count * 5, {"url": "/"}), count * 5),
            "calls": lambda: calls(context, 20 if context.short else 400, 500),
        })
    cost = [1e6 * (a - b) for a, b in zip(reports["hooked"][len(samples["slsart"]):], reports["plain"])]
    return {"results": rates(samples | extra), "figures": [
        figure(0, "function calls per CPU second, start included", "worker and Node together",
               [s.per_cpu_second for s in extra["calls"]], CALLS_GOAL, unit="/s", digits=0),
        figure(0, "engine's CPU time of two hooks on a request", "the same without hooks", cost, ENGINE_GOAL_US,
               at_least=False, unit="us", digits=1),
        figure(0, f"the same script with hooks, {count * 50} requests", f"artillery {peers.VERSIONS['artillery']()}",
               ratios(samples, "artillery"), PEER_GOAL, digits=1)]}
