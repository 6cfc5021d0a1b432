"""Processors that go wrong: a clear message or a counted error, and the run always ends."""

import os
import pathlib
import signal
import time

import pytest

import rig
from test_processor import ONE, THREE, run, write_processor

SCRIPT_ERROR = 2
INTERRUPTED = 130


def script_with(slsart, target, source, flow, **more):
    return rig.make_script(target.url, flow, ONE, processor=write_processor(slsart, source), **more)


def assert_refused(result, target, *words):
    assert result.code == SCRIPT_ERROR and result.report is None, result.explain()
    for word in words:
        assert word in result.err, result.explain()
    assert target.stats()["requests"] == 0


def test_missing_file_is_a_script_error(slsart, target):
    script = """
config:
  target: "http://127.0.0.1:1"
  processor: ./nope.js
  phases: [{ duration: 1, arrivalRate: 1 }]
scenarios: [{ flow: [{ function: f }] }]
"""
    assert_refused(slsart.run(script), target, ":4:14: error: there is no file \"./nope.js\"")


def test_missing_node_is_a_script_error(slsart, target):
    script = script_with(slsart, target, "exports.f = () => {};", [{"function": "f"}])
    assert_refused(slsart.run(script, env={"PATH": "/nonexistent"}), target, "Node.js is needed", "SLSART_NODE")
    assert_refused(slsart.run(script, env={"SLSART_NODE": "/nonexistent/node"}), target, "/nonexistent/node")


def test_script_without_functions_needs_no_node(slsart, target):
    script = rig.make_script(target.url, [{"get": {"url": "/"}}], ONE)
    slsart.run(script, env={"PATH": "/nonexistent"}).assert_code(0)
    script["config"]["processor"] = write_processor(slsart, "throw new Error('loaded');")
    slsart.run(script, env={"PATH": "/nonexistent"}).assert_code(0)


BROKEN = {
    "syntax": ("exports.f = () => {\n  let = ;\n};\n", ("SyntaxError", "processor.js:2:9")),
    "throw": ("const a = 1;\nthrow new Error('no env');\n", ("no env", "processor.js:2:7")),
    "require": ("require('not-there');\n", ("Cannot find module 'not-there'", "processor.js:1")),
    "exit": ("process.exit(3);\n", ("exit code 3",)),
    "nothing": ("", ("no function \"f\"", "no functions at all")),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_processor_that_cannot_be_loaded(slsart, target, kind):
    source, words = BROKEN[kind]
    assert_refused(slsart.run(script_with(slsart, target, source, [{"function": "f"}])), target, *words)


def test_unknown_functions_have_their_place_and_a_guess(slsart, target):
    write_processor(slsart, "exports.addHeader = () => {};")
    script = f"""
config:
  target: "{target.url}"
  processor: ./processor.js
  phases: [{{ duration: 1, arrivalRate: 1 }}]
scenarios:
  - beforeRequest: addHeadr
    flow:
      - get: {{ url: /, afterResponse: [addHeader, other] }}
      - loop: [{{ function: nope }}]
        whileTrue: never
"""
    result = slsart.run(script)
    assert_refused(result, target, ":7:20: error: the processor has no function \"addHeadr\"",
                   "did you mean \"addHeader\"?", ":9:51: error", ":10:28: error")


def test_function_without_processor_is_a_script_error(slsart, target):
    script = rig.make_script(target.url, [{"function": "f"}], ONE)
    assert_refused(slsart.run(script), target, "the script has no config.processor")


FAILING = {
    "throw": ("f() { throw new Error('thrown here'); }", "thrown here"),
    "callback": ("f(context, events, done) { done(new Error('called back')); }", "called back"),
    "text": ("f(context, events, done) { done('just a text'); }", "just a text"),
    "code": ("f(context, events, done) { done(Object.assign(new Error('long'), { code: 'EMINE' })); }", "EMINE"),
    "rejected": ("async f() { await null; throw new Error('rejected'); }", "rejected"),
    "rejected with nothing": ("f() { return Promise.reject(); }", "a promise was rejected without a reason"),
    "stray": ("f(context, events, done) { setTimeout(() => { throw new Error('stray'); }); setTimeout(done, 20); }",
              "stray"),
}


@pytest.mark.parametrize("kind", FAILING)
def test_failing_functions_are_counted(slsart, target, kind):
    source, error = FAILING[kind]
    result = run(slsart, target, f"module.exports = {{ {source} }};", [{"function": "f"}, {"get": {"url": "/"}}],
                 phases=THREE)
    result.assert_code(0)
    assert result.errors == {error: 3}, result.explain()
    assert result.counter("vusers.failed") == (0 if kind == "stray" else 3)
    rig.assert_report_adds_up(result)


@pytest.mark.parametrize("place", ["function", "beforeRequest", "afterResponse"])
def test_call_that_never_returns_has_its_time(slsart, target, place):
    source = "exports.f = (...all) => {};"
    flow = [{"function": "f"}] if place == "function" else [{"get": {"url": "/", place: "f"}}]
    result = run(slsart, target, source, flow, phases=THREE, hookTimeout=1)
    assert result.errors == {"ERR_HOOK_TIMEOUT": 3} and result.counter("vusers.failed") == 3, result.explain()
    assert result.seconds < 30


def test_endless_loop_is_killed_and_others_go_on(slsart, target):
    source = """
        exports.f = (context, events, done) => { if (context.slsart.arrivalIndex === 1) for (;;); done(); };"""
    result = run(slsart, target, source, [{"function": "f"}, {"get": {"url": "/"}}], "--workers", "1",
                 phases=[{"duration": 6, "arrivalCount": 4}], hookTimeout=1)
    lost = result.errors.get("ERR_HOOK_PROCESS_LOST", 0) + result.errors.get("ERR_HOOK_TIMEOUT", 0)
    assert lost >= 1 and result.counter("vusers.completed") >= 1, result.explain()
    assert lost + result.counter("vusers.completed") == 4
    assert "endless loop" in result.text
    rig.assert_report_adds_up(result)


ENDING = {"exit": ("process.exit(7)", "exit code 7"), "kill": ("process.kill(process.pid, 'SIGKILL')", "signal 9"),
          "garbage": ("require('fs').writeSync(3, '\\xff\\xff\\xff\\x7f')", "wrote to the descriptor")}


@pytest.mark.parametrize("kind", ENDING)
def test_process_that_dies_is_started_again(slsart, target, kind):
    code, word = ENDING[kind]
    source = f"""
        exports.f = (context, events, done) => {{ if (context.slsart.arrivalIndex === 1) {code}; setTimeout(done, 5); }};"""
    result = run(slsart, target, source, [{"function": "f"}, {"get": {"url": "/"}}], "--workers", "1",
                 phases=[{"duration": 4, "arrivalCount": 4}])
    assert result.errors == {"ERR_HOOK_PROCESS_LOST": 1}, result.explain()
    assert result.counter("vusers.completed") == 3 and word in result.text
    rig.assert_report_adds_up(result)


def test_user_whose_context_was_lost_fails(slsart, target):
    source = """
        exports.f = (context, events, done) => { context.vars.mine = 1; done(); };
        exports.die = (context, events, done) => {
          if (context.slsart.arrivalIndex === 1) process.exit(1); done(); };"""
    flow = [{"function": "f"}, {"think": "1.5s"}, {"function": "die"}]
    result = run(slsart, target, source, flow, "--workers", "1", phases=[{"duration": 1, "arrivalCount": 3}])
    assert result.errors.get("ERR_HOOK_CONTEXT_LOST") == 1, result.explain()
    assert result.errors.get("ERR_HOOK_PROCESS_LOST") == 1 and result.counter("vusers.completed") == 1


def test_results_above_the_bound_fail_their_user(slsart, target):
    source = "exports.f = (req, c, e, next) => { req.body = 'x'.repeat(40 << 20); next(); };"
    result = run(slsart, target, source, [{"post": {"url": "/", "beforeRequest": "f"}}])
    assert result.errors == {"ERR_HOOK_RESULT_TOO_LARGE": 1}, result.explain()


def test_large_bodies_travel_whole(slsart, target):
    source = """
        exports.f = (req, c, e, next) => { req.body = 'y'.repeat(3 << 20); next(); };
        exports.g = (req, res, c, e, next) => { e.emit('counter', 'bytes', res.body.length); next(); };"""
    flow = [{"post": {"url": "/mirror", "beforeRequest": "f", "afterResponse": "g"}}]
    result = run(slsart, target, source, flow, phases=THREE)
    assert result.errors == {} and result.counter("bytes") == 3 * (3 << 20), result.explain()


def test_line_ends_in_headers_are_refused(slsart, target):
    source = "exports.f = (req, c, e, next) => { req.headers.x = 'a\\r\\nevil: 1'; next(); };"
    result = run(slsart, target, source, [{"get": {"url": "/", "beforeRequest": "f"}}])
    assert result.errors == {"ERR_INVALID_CHAR": 1} and target.stats()["requests"] == 0, result.explain()


def node_children(pid):
    """Pids of all processes whose parent is `pid`."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_until(holds, seconds=30):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_node_ends_with_us(slsart, target, number):
    source = "exports.f = (c, e, done) => { if (c.slsart.arrivalIndex === 5) for (;;); done(); };"
    script = rig.make_script(target.url, [{"function": "f"}, {"get": {"url": "/"}}],
                             [{"duration": 60, "arrivalRate": 10}], processor=write_processor(slsart, source))
    running = slsart.start(script, "--workers", "2")
    wait_until(lambda: target.stats()["requests"] > 7)
    children = node_children(running.process.pid)
    assert len(children) == 2
    running.signal(number)
    result = running.finish(60)
    assert result.code == (INTERRUPTED if number == signal.SIGINT else -number), result.explain()
    wait_until(lambda: not any(is_alive(child) for child in children))


def test_ctrl_c_of_a_terminal_lets_hooks_of_ending_users_run(slsart, target):
    source = "exports.end = (c, e, done) => { e.emit('counter', 'ended', 1); done(); };"
    script = rig.make_script(target.url, [{"get": {"url": "/delay/600"}}], [{"duration": 60, "arrivalRate": 10}],
                             processor=write_processor(slsart, source))
    script["scenarios"][0]["afterScenario"] = "end"
    running = slsart.start(script)
    wait_until(lambda: target.stats()["requests"] > 9)
    for pid in [*node_children(running.process.pid), running.process.pid]:
        os.kill(pid, signal.SIGINT)  # as a terminal does, to every process of the group
    result = running.finish(60)
    assert result.code == INTERRUPTED, result.explain()
    assert 0 < result.counter("vusers.completed") == result.counter("ended") and result.errors == {}
    rig.assert_report_adds_up(result)
