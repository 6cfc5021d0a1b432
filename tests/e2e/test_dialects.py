"""What each field of script::Dialect does, in every dialect: one observation a field, one expected value a dialect.

The last tests compare this page with src/script/dialect.h and docs/differences.md: a field, or a value of one, without its
test or its row in the manual fails.
"""

import contextlib
import http.server
import json
import re
import threading

import pytest

import rig

DIALECTS = ("slsart", "artillery1", "artillery2")
HEADER = rig.ROOT / "src/script/dialect.h"
SOURCE = rig.ROOT / "src/script/dialect.cpp"
MANUAL = rig.ROOT / "docs/differences.md"
BODY = b'{"n": 5, "name": "ann"}'
HOOKS = """
exports.before = (req, context, events, next) => { events.emit('counter', `timeout.${req.timeout}`, 1); next(); };
exports.after = (req, res, context, events, next) => {
  let parses = 'not';
  try { parses = JSON.parse(res.body).n === 5 ? 'parses' : 'else'; } catch (e) { parses = 'throws'; }
  events.emit('counter', `body.${typeof res.body}.${parses}`, 1);
  next();
};
"""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.seen.append((self.command, self.path, dict((k.lower(), v) for k, v in self.headers.items()), body))
        moved = self.path == "/moved"
        self.send_response(302 if moved else 200)
        if moved:
            self.send_header("Location", "/landing")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def recorder():
    """A server that keeps what it was asked: (method, path, headers, body)."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.seen = True, []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class World:
    """Runs a flow in one dialect; what was sent, and how it ended."""

    def __init__(self, slsart, target, dialect):
        self.slsart, self.target, self.dialect = slsart, target, dialect
        self.seen = []

    def run(self, flow, phases=None, on_target=False, **config):
        (self.slsart.folder / "hooks.js").write_text(HOOKS)
        with recorder() as server:
            url = self.target.url if on_target else f"http://127.0.0.1:{server.server_address[1]}"
            phases = phases or [{"duration": "100ms", "arrivalCount": 1}]
            result = self.slsart.run(rig.make_script(url, flow, phases, **config), "--dialect", self.dialect)
            self.seen = list(server.seen)
        return result

    def dues(self, phases):
        self.run([{"get": {"url": "/?due={{ $arrivalDue }}"}}], phases)
        return sorted(int(path.split("=")[1]) for _, path, _, _ in self.seen)


def get(**attributes):
    return [{"get": {"url": "/", **attributes}}]


def first_arrival(world):
    return "at once" if world.dues([{"duration": 1, "arrivalCount": 2}])[0] == 0 else "after an interval"


def ramp(world):
    early = [due for due in world.dues([{"duration": 2, "arrivalRate": 0, "rampTo": 5}]) if due < 1e9]
    return "integral" if early else "steps"


def redirected_post(world):
    world.run([{"post": {"url": "/moved", "json": {"a": 1}}}])
    return world.seen[-1][0]


def response_time(world):
    """Three users on one connection: with waiting the last takes three times as long as the first."""
    result = world.run([{"get": {"url": "/delay/150"}}], [{"duration": "3ms", "arrivalCount": 3}], on_target=True,
                       http={"pool": 1})
    times = result.summary("http.response_time")
    return "with waiting" if times["max"] > 2 * times["min"] else "sent to first byte"


def query_merge(world):
    world.run(get(url="/p?a=1", qs={"b": 2}))
    return world.seen[0][1]


def think_fraction(world):
    length = world.run([{"think": 0.8}, *get()]).summary("vusers.session_length")["max"]
    return "seconds" if length >= 790 else "milliseconds"


def bad_template(world):
    result = world.run([{"post": {"url": "/", "body": "x{{ a + b }}"}}])
    return world.seen[0][3] if world.seen else result.code


def step_cookie(world):
    world.run([*get(cookie={"a": "1"}), *get()])
    return [headers.get("cookie") for _, _, headers, _ in world.seen]


def falsy_json(world):
    world.run([{"post": {"url": "/", "json": 0}}])
    return world.seen[0][3]


def form_blank(world):
    world.run([{"post": {"url": "/", "qs": {"q": "c d"}, "form": {"a": "b c"}}}])
    return world.seen[0][1] + " " + world.seen[0][3].decode()


def falsy_match(world):
    return "a match" if world.run(get(match={"json": "$.n", "value": 0})).counter("vusers.failed") else "nothing"


def ensure_limit(world):
    text = world.run(get(), ensure={"max": 100000}).text
    return re.search(r"max (<=?) 100000", text)[1]


def condition_quotes(world):
    world.run(get(ifTrue="'x' == 5"), variables={"x": 5})
    return "variable" if world.seen else "text"


def hook_body(world):
    result = world.run([{"post": {"url": "/", "json": {}, "afterResponse": "after"}}], processor="./hooks.js")
    return [name for name in result.counters if name.startswith("body.")]


def unknown_function(world):
    result = world.run([{"function": "nowhere"}, *get()], processor="./hooks.js")
    return result.code if result.code else list(result.errors)


def user_agent_beside_defaults(world):
    world.run(get(), defaults={"headers": {"x-a": "1"}})
    return world.seen[0][2].get("user-agent")


def default_timeout(world):
    result = world.run(get(beforeRequest="before"), processor="./hooks.js")
    return [name for name in result.counters if name.startswith("timeout.")]


def strict_captures(world):
    result = world.run(get(capture={"json": "$.none", "as": "x"}))
    return "fails" if result.counter("vusers.failed") else "goes on"


def failed_expectation_fails_user(world):
    result = world.run(get(expect={"statusCode": 404}), plugins={"expect": {"outputFormat": "silent"}})
    return bool(result.counter("vusers.failed"))


def count_failed_captures(world):
    result = world.run(get(match={"json": "$.name", "value": "bob"}))
    return result.counter("vusers.failed"), list(result.errors)


def decode_by_default(world):
    world.run(get())
    return "accept-encoding" in world.seen[0][2]


def response_time_in_whole_milliseconds(world):
    times = world.run([{"loop": [{"get": {"url": "/delay/3"}}], "count": 30}], on_target=True).summary("http.response_time")
    return all(float(times[name]).is_integer() for name in ("min", "max", "median", "p95"))


# (observation, what is seen in slsart, artillery1, artillery2)
CASES = [
    (first_arrival, "at once", "after an interval", "after an interval"),
    (ramp, "integral", "integral", "steps"),
    (redirected_post, "GET", "GET", "POST"),
    (response_time, "sent to first byte", "with waiting", "sent to first byte"),
    (query_merge, "/p?a=1&b=2", "/p?a=1&b=2", "/p?b=2"),
    (think_fraction, "seconds", "seconds", "milliseconds"),
    (bad_template, 2, b"x{{ a + b }}", b"x{{ a + b }}"),
    (step_cookie, ["a=1", "a=1"], ["a=1", "a=1"], ["a=1", None]),
    (falsy_json, b"0", b"", b"0"),
    (form_blank, "/?q=c+d a=b+c", "/?q=c%20d a=b%20c", "/?q=c+d a=b+c"),
    (falsy_match, "a match", "nothing", "a match"),
    (ensure_limit, "<", "<=", "<"),
    (condition_quotes, "text", "variable", "variable"),
    (hook_body, ["body.object.parses"], ["body.object.throws"], ["body.string.parses"]),
    (unknown_function, 2, ['Undefined function "nowhere"'], ['Undefined function "nowhere"']),
    (user_agent_beside_defaults, "Artillery (https://artillery.io)", None, "got (https://github.com/sindresorhus/got)"),
    (default_timeout, ["timeout.10"], ["timeout.120"], ["timeout.10"]),
    (strict_captures, "fails", "goes on", "fails"),
    (failed_expectation_fails_user, False, True, False),
    (count_failed_captures, (1, ["Failed capture or match"]), (1, []), (1, ["Failed capture or match"])),
    (decode_by_default, True, False, True),
    (response_time_in_whole_milliseconds, False, False, True),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
@pytest.mark.parametrize("number, dialect", list(enumerate(DIALECTS)))
def test_dialect(slsart, target, case, number, dialect):
    observe, *expected = case
    assert observe(World(slsart, target, dialect)) == expected[number]


# Fields that no run on one machine shows; a unit test names them and every dialect.
UNIT_TESTS = {"chunk_rate": "src/script/distribution_test.cpp"}


def fields():
    """{name: type} of the members of struct Dialect but its name."""
    body = re.search(r"struct Dialect \{\n(.*?)\n\};", HEADER.read_text(), re.S)[1]
    found = dict((name, kind) for kind, name in re.findall(r"^  ([\w:]+) (\w+) = ", body, re.M))
    assert len(found) == len(re.findall(r";", re.sub(r"(?<!:)//.*", "", body))), "a member that this test cannot read"
    del found["name"]
    return found


def test_every_field_has_its_test():
    assert {observe.__name__ for observe, *_ in CASES} == set(fields()) - set(UNIT_TESTS)
    for name, path in UNIT_TESTS.items():
        text = (rig.ROOT / path).read_text()
        assert f"->{name}" in text and all(f'"{dialect}"' in text for dialect in DIALECTS), name


def test_every_value_of_a_field_is_seen():
    """Each enumerator belongs to a dialect, so that the tests above come across it; they all tell the dialects apart."""
    text = HEADER.read_text() + (rig.ROOT / "src/expr/condition.h").read_text()
    used = HEADER.read_text() + SOURCE.read_text()
    for kind in set(fields().values()):
        name = kind.split("::")[-1]
        enum = re.search(r"enum class " + name + r"[^{]*\{(.*?)\}", text, re.S)
        if not enum:
            continue
        values = re.findall(r"\bk[A-Z]\w*", re.sub(r"//.*", "", enum[1]))
        missing = [value for value in values if f"{name}::{value}" not in used]
        assert not missing, f"no dialect has {name}::{missing}"
    for observe, *expected in CASES:
        assert len({json.dumps(str(one)) for one in expected}) > 1, observe.__name__


def test_every_field_has_its_row_in_the_manual():
    part = MANUAL.read_text().split("## What the dialects change back")[1]
    rows = re.findall(r"^\|.*\| `(\w+)` \|$", part, re.M)
    assert sorted(rows) == sorted(fields())
