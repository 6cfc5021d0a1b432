"""Functions of a processor: what they see, what they change, what they count. Real Node, real requests."""

import json
import shutil
import subprocess

import pytest

import rig

ONE = [{"duration": "100ms", "arrivalCount": 1}]
THREE = [{"duration": "200ms", "arrivalCount": 3}]


def write_processor(slsart, source, name="processor.js"):
    (slsart.folder / name).parent.mkdir(parents=True, exist_ok=True)
    (slsart.folder / name).write_text(source)
    return f"./{name}"


def run(slsart, target, source, flow, *flags, phases=ONE, name="processor.js", scenario=None, files=None, **config):
    for path, text in (files or {}).items():
        write_processor(slsart, text, path)
    script = rig.make_script(target.url, flow, phases, processor=write_processor(slsart, source, name), **config)
    script["scenarios"][0].update(scenario or {})
    return slsart.run(script, *flags)


def seen(target):
    """Paths with queries the server saw, in the order of their first arrival."""
    return list(target.stats()["paths"])


EVERY_KIND = {
    "plain callback": "f(req, context, events, next) { req.url = '/echo?kind=ok'; next(); }",
    "late callback": "f(req, context, events, next) { req.url = '/echo?kind=ok'; setTimeout(next, 5); }",
    "async": "async f(req, context, events) { await null; req.url = '/echo?kind=ok'; }",
    "async that calls back": "async f(req, context, events, next) { req.url = '/echo?kind=ok'; next(); }",
    "async that could call back": "async f(req, context, events, next) { await 1; req.url = '/echo?kind=ok'; }",
    "promise": "f(req) { return Promise.resolve().then(() => { req.url = '/echo?kind=ok'; }); }",
    "neither": "f(req) { req.url = '/echo?kind=ok'; }",
    "any number of parameters": "f(...all) { all[0].url = '/echo?kind=ok'; setTimeout(all[3], 5); }",
    "arguments": "f: function () { arguments[0].url = '/echo?kind=ok'; setTimeout(arguments[3], 5); }",
    "arrow without braces": "f: (req) => req.url = '/echo?kind=ok'",
}


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_kind_of_function_is_waited_for(slsart, target, kind):
    result = run(slsart, target, f"module.exports = {{ {EVERY_KIND[kind]} }};",
                 [{"get": {"url": "/", "beforeRequest": "f"}}])
    result.assert_code(0)
    assert result.errors == {} and result.counter("vusers.completed") == 1, result.explain()
    assert seen(target) == ["/echo?kind=ok"]


MODULES = {
    "processor.js": "exports.f = (context, events, done) => { context.vars.x = 'ok'; done(); };",
    "processor.cjs": "exports.f = (context, events, done) => { context.vars.x = 'ok'; done(); };",
    "processor.mjs": "export async function f(context) { context.vars.x = 'ok'; }",
    "default.mjs": "export default { async f(context) { context.vars.x = 'ok'; } };",
    "package/processor.js": "import { x } from './x.js'; export async function f(context) { context.vars.x = x; }",
}


@pytest.mark.parametrize("name", MODULES)
def test_modules_of_both_kinds_are_loaded(slsart, target, name):
    files = {"package/package.json": '{"type": "module"}', "package/x.js": "export const x = 'ok';"}
    result = run(slsart, target, MODULES[name], [{"function": "f"}, {"get": {"url": "/echo?x={{ x }}"}}],
                 name=name, files=files)
    assert seen(target) == ["/echo?x=ok"], result.explain()


def test_own_files_packages_and_shared_state(slsart, target):
    source = """
        const { prefix } = require('./lib/names');
        const pkg = require('some-package');
        let count = 0;
        exports.name = (context, events, done) => { context.vars.name = prefix + pkg + count++; done(); };"""
    files = {"lib/names.js": "exports.prefix = 'u';", "node_modules/some-package/index.js": "module.exports = '-';"}
    result = run(slsart, target, source, [{"function": "name"}, {"get": {"url": "/echo?n={{ name }}"}}], "--workers",
                 "1", phases=THREE, files=files)
    assert seen(target) == ["/echo?n=u-0", "/echo?n=u-1", "/echo?n=u-2"], result.explain()


def test_order_of_hooks(slsart, target):
    source = """
        const note = (name) => function (...all) { console.log('order ' + name); all[all.length - 1](); };
        for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) exports[name] = note(name);"""
    flow = [{"function": "b"},
            {"get": {"url": "/", "beforeRequest": ["d"], "afterResponse": "f"}}]
    result = run(slsart, target, source, flow, scenario={
        "beforeScenario": ["a"], "beforeRequest": "c", "afterResponse": "e", "afterScenario": ["g", "h"]})
    lines = [line.split("order ")[1] for line in result.err.splitlines() if "order " in line]
    assert lines == list("abcdefgh"), result.explain()
    assert "[user 0] order a" in result.err


def test_request_can_be_changed(slsart, target):
    source = """
        exports.change = (req, context, events, next) => {
          req.url = '/echo?q={{ v }}';
          req.method = 'POST';
          req.headers['X-Own'] = '{{ v }}-1';
          delete req.headers['x-gone'];
          req.json = { a: '{{ v }}', n: 1 };
          next();
        };
        exports.show = (req, res, context, events, next) => { console.log('GOT ' + res.body); next(); };"""
    flow = [{"get": {"url": "/", "headers": {"x-gone": "1", "x-kept": "{{ v }}"}, "beforeRequest": "change",
                     "afterResponse": "show"}}]
    result = run(slsart, target, source, flow, "--dialect", "artillery2", variables={"v": "val"})
    got = json.loads(result.err.split("GOT ")[1].splitlines()[0])
    headers = {name.lower(): value for name, value in got["headers"].items()}
    assert (got["method"], got["body"]) == ("POST", '{"a":"val","n":1}'), result.explain()
    assert headers["content-type"] == "application/json"
    assert headers["x-own"] == "val-1" and headers["x-kept"] == "val" and "x-gone" not in headers
    assert seen(target) == ["/echo?q=val"]


BODIES = {
    "form": ("req.form = { a: '1 2', b: ['x', 'y'] };", "a=1+2&b=x&b=y", "application/x-www-form-urlencoded"),
    "text": ("req.body = 'plain {{ v }}';", "plain val", None),
    "buffer": ("req.body = Buffer.from([104, 105]);", "hi", None),
    "json wins": ("req.json = [1]; req.body = 'x';", "[1]", "application/json"),
    "own type": ("req.json = {}; req.headers['content-type'] = 'a/b';", "{}", "a/b"),
}


@pytest.mark.parametrize("kind", BODIES)
def test_bodies_set_by_hooks(slsart, target, kind):
    change, body, content_type = BODIES[kind]
    source = f"""
        exports.change = (req, context, events, next) => {{ {change} next(); }};
        exports.show = (req, res, context, events, next) => {{ console.log('GOT ' + String(res.body)); next(); }};"""
    flow = [{"post": {"url": "/echo", "beforeRequest": "change", "afterResponse": "show"}}]
    result = run(slsart, target, source, flow, variables={"v": "val"})
    got = json.loads(result.err.split("GOT ")[1].splitlines()[0])
    headers = {name.lower(): value for name, value in got["headers"].items()}
    assert got["body"] == body, result.explain()
    assert headers.get("content-type") == content_type


def test_response_and_context_are_complete(slsart, target):
    source = """
        exports.look = (req, res, context, events, next) => {
          console.log('GOT ' + JSON.stringify({
            status: res.statusCode, type: res.headers['content-type'], url: res.url,
            query: res.request.uri.query, both: [res.body.token, JSON.parse(res.body).token],
            req: [req.url, req.json.user, req.headers['user-agent'], req.own],
            vars: [context.vars.target, context.vars.v, typeof context.vars.$uuid],
            scenario: context.scenario.name, slsart: context.slsart, whole: JSON.parse(JSON.stringify(res)).statusCode }));
          next();
        };
        exports.mark = (req, context, events, next) => { req.own = 'kept'; next(); };"""
    flow = [{"post": {"url": "/json?z=1", "json": {"user": "{{ v }}"}, "beforeRequest": "mark",
                      "afterResponse": "look"}}]
    result = run(slsart, target, source, flow, "--workers", "1", variables={"v": "val"}, scenario={"name": "one"})
    got = json.loads(result.err.split("GOT ")[1].splitlines()[0])
    address = f"{target.url}/json?z=1"
    assert got["status"] == 200 and got["type"].startswith("application/json"), result.explain()
    assert (got["url"], got["query"], got["whole"]) == (address, "z=1", 200)
    assert got["both"][0] == got["both"][1] is not None
    assert got["req"] == [address, "val", "Artillery (https://artillery.io)", "kept"]
    assert got["vars"] == [target.url, "val", "string"] and got["scenario"] == "one"
    assert got["slsart"]["workerIndex"] == 0 and got["slsart"]["workerCount"] == 1
    assert got["slsart"]["arrivalIndex"] == 0 and got["slsart"]["runId"]


def test_url_after_redirects_and_cookies(slsart, target):
    source = """
        exports.look = (req, res, context, events, next) => {
          const jar = context._jar;
          const names = Object.keys(jar._jar.store.idx['127.0.0.1'] || {});
          console.log('GOT ' + JSON.stringify([res.url, names, jar.getCookieStringSync(res.url)]));
          next();
        };
        exports.put = (context, events, done) => {
          context._jar.setCookieSync('mine=1; Path=/', context.vars.target);
          done();
        };"""
    flow = [{"get": {"url": "/redirect/2", "afterResponse": "look"}}, {"get": {"url": "/set-cookie/sid/1"}}, {"function": "put"},
            {"get": {"url": "/", "afterResponse": "look"}}]
    result = run(slsart, target, source, flow)
    first, second = [json.loads(line.split("GOT ")[1]) for line in result.err.splitlines() if "GOT " in line]
    assert first[0].endswith("/landing"), result.explain()
    assert second[1] == ["/"] and "mine=1" in second[2] and "; " in second[2]


def test_metrics_and_errors_of_events(slsart, target):
    source = """
        exports.f = (context, events, done) => {
          events.emit('counter', 'mine.count', 2);
          events.emit('histogram', 'mine.size', 40);
          events.emit('customStat', { stat: 'mine.stat', value: 7 });
          events.emit('rate', 'mine.rate');
          events.emit('error', 'mine went wrong');
          done();
        };"""
    result = run(slsart, target, source, [{"function": "f"}], phases=THREE)
    assert result.counter("mine.count") == 6 and result.errors == {"mine went wrong": 3}, result.explain()
    assert result.counter("vusers.completed") == 3
    assert result.summary("mine.size")["count"] == 3 and result.summary("mine.size")["min"] == pytest.approx(40, 0.01)
    assert result.summary("mine.stat")["count"] == 3
    assert "mine.rate" in result.report["aggregate"]["rates"]


def test_variables_go_both_ways(slsart, target):
    source = """
        exports.f = (context, events, done) => {
          const { vars } = context;
          vars.list = [1, 2]; vars.deep = { a: { b: 'x' } }; vars.gone = undefined; delete vars.old;
          vars.big = 12345678901234567890n; vars.date = new Date(0); vars.nan = NaN; vars.fn = () => 1;
          vars.hidden = { self: null }; vars.hidden.self = vars.hidden;
          done();
        };
        exports.g = (context, events, done) => {
          context.vars.deep.a.b += 'y';
          context.vars.saw = [context.vars.token, context.vars.hidden.self === context.vars.hidden].join();
          done();
        };"""
    flow = [{"function": "f"},
            {"get": {"url": "/echo?l={{ list[1] }}&g={{ gone }}&o={{ old }}&b={{ big }}&d={{ date }}&n={{ nan }}"}},
            {"get": {"url": "/json", "capture": {"json": "$.token", "as": "token"}}},
            {"function": "g"},
            {"get": {"url": "/echo?d={{ deep.a.b }}&f={{ fn }}&s={{ saw }}"}}]
    result = run(slsart, target, source, flow, variables={"old": ["was there"]})
    assert seen(target) == [
        "/echo?l=2&g=undefined&o=undefined&b=12345678901234567890&d=1970-01-01T00:00:00.000Z&n=NaN", "/json",
        "/echo?d=xy&f=undefined&s=tok-123,true"], result.explain()


def test_cyclic_variable_of_a_template_is_told_once(slsart, target):
    source = "exports.f = (context, e, done) => { const x = {}; x.x = x; context.vars.x = x; done(); };"
    result = run(slsart, target, source, [{"function": "f"}, {"get": {"url": "/echo?x={{ x }}"}}], "--workers", "1",
                 phases=THREE)
    assert result.err.count("context.vars.x cannot be written as JSON") == 1, result.explain()
    assert result.counter("vusers.completed") == 3 and seen(target) == ["/echo?x=undefined"]


def test_before_and_after_use_functions(slsart, target):
    source = """
        exports.before = (context, events, done) => {
          context.vars.known = 'k'; context.vars.unknown = { deep: 'u' }; done();
        };
        exports.use = (context, events, done) => { context.vars.saw = context.vars.unknown.deep; done(); };
        exports.after = (context, events, done) => { console.log('AFTER'); done(); };"""
    script = rig.make_script(target.url, [{"function": "use"}, {"get": {"url": "/echo?{{ known }}={{ saw }}"}}], ONE,
                             processor=write_processor(slsart, source))
    script["before"] = {"flow": [{"function": "before"}]}
    script["after"] = {"flow": [{"function": "after"}]}
    result = slsart.run(script)
    assert seen(target) == ["/echo?k=u"] and "AFTER" in result.err, result.explain()


def test_no_arrival_index_is_used_twice(slsart, target):
    source = """exports.f = (context, events, done) => {
        context.vars.name = `${context.slsart.workerIndex}-${context.slsart.arrivalIndex}`; done(); };"""
    result = run(slsart, target, source, [{"function": "f"}, {"get": {"url": "/echo?n={{ name }}"}}], "--workers", "4",
                 phases=[{"duration": 1, "arrivalCount": 200}])
    names = [path.split("=")[1].split("-") for path in seen(target)]
    assert sorted(int(index) for _, index in names) == list(range(200)), result.explain()
    assert {worker for worker, _ in names} == {"0", "1", "2", "3"}


def test_templated_names_and_loops(slsart, target):
    source = """
        exports.one = (context, e, done) => { context.vars.n = (context.vars.n || 0) + 1; done(); };
        exports.goOn = (context, next) => next(context.vars.n < 3);
        exports.goOnAsync = async (context) => context.vars.n < 5;"""
    flow = [{"loop": [{"function": "{{ which }}"}, {"get": {"url": "/echo?n={{ n }}&i={{ $loopCount }}"}}],
             "whileTrue": "goOn"},
            {"loop": [{"function": "one"}], "whileTrue": "goOnAsync"}, {"get": {"url": "/echo?n={{ n }}"}}]
    result = run(slsart, target, source, flow, variables={"which": "one"})
    assert seen(target) == ["/echo?n=1&i=0", "/echo?n=2&i=1", "/echo?n=3&i=2", "/echo?n=5"], result.explain()


def test_failed_capture_still_calls_after_response(slsart, target):
    source = "exports.f = (req, res, context, events, next) => { events.emit('counter', 'seen', 1); next(); };"
    flow = [{"get": {"url": "/json", "capture": {"json": "$.nope", "as": "x"}, "afterResponse": "f"}}]
    result = run(slsart, target, source, flow)
    assert result.counter("seen") == 1 and result.errors == {"Failed capture or match": 1}, result.explain()


def test_service_root_is_a_place_for_processors_too(slsart, target):
    write_processor(slsart, "exports.f = (c, e, done) => done();", "processor/p.js")
    (slsart.folder / "tests").mkdir()
    script = rig.make_script(target.url, [{"function": "f"}], ONE, processor="./processor/p.js")
    path = slsart.write(script, "tests/one.yml")
    slsart.run(path).assert_code(0)


def test_node_side_passes_its_own_tests():
    tests = sorted((rig.ROOT / "src/hooks/node/test").glob("*.test.cjs"))
    node = shutil.which("node") or shutil.which("nodejs")
    run = subprocess.run([node, "--test", *tests], capture_output=True, text=True, timeout=rig.RUN_LIMIT_SECONDS)
    assert run.returncode == 0, run.stdout[-4000:]
