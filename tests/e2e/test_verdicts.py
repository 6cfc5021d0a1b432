"""What decides whether a run passed: `ensure`, `expect`, and what is printed and written about them."""

import pathlib
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree as xml

import pytest

from rig import make_script

GET = [{"get": {"url": "/"}}]
MISSING = [{"get": {"url": "/status/404"}}]
CLOSED = [{"get": {"url": "/close"}}]
ENSURE = 4
INTERRUPTED = 130


def check_of(result, text):
    return next(check for check in result.report["slsart"]["checks"] if check["text"] == text)


# --- ensure ----------------------------------------------------------------------------------------
def test_conditions_that_hold_leave_the_exit_code_alone(slsart, target):
    result = slsart.run(make_script(target.url, GET, plugins={"ensure": {
        "thresholds": [{"http.response_time.p99.9": 5000}],
        "conditions": [{"expression": "http.codes.200 == 3 and errors.ECONNRESET == 0"}]}})).assert_code(0)
    assert "ok: http.codes.200 == 3 and errors.ECONNRESET == 0 " \
           "(measured: http.codes.200 = 3, errors.ECONNRESET = 0)" in result.out
    assert check_of(result, "http.response_time.p99.9 < 5000")["passed"]


def test_a_strict_condition_that_does_not_hold_is_the_verdict(slsart, target):
    result = slsart.run(make_script(target.url, MISSING, ensure={"conditions": [
        {"expression": "http.codes.404 < 3"}]})).assert_code(ENSURE)
    assert "fail: http.codes.404 < 3 (measured: 3)" in result.out
    assert check_of(result, "http.codes.404 < 3") == {
        "text": "http.codes.404 < 3", "passed": False, "strict": True, "measured": "3"}


def test_an_optional_condition_is_only_shown(slsart, target):
    result = slsart.run(make_script(target.url, MISSING, ensure={"conditions": [
        {"expression": "http.codes.404 < 3", "strict": False}]})).assert_code(0)
    assert "fail: http.codes.404 < 3 (optional) (measured: 3)" in result.out


def test_the_error_rate_counts_users_that_did_not_complete(slsart, target):
    result = slsart.run(make_script(target.url, CLOSED, ensure={"maxErrorRate": 99})).assert_code(ENSURE)
    assert "fail: maxErrorRate <= 99 (measured: vusers.created = 3, vusers.completed = 0)" in result.out


def test_a_metric_without_samples_fails_and_is_named(slsart, target):
    result = slsart.run(make_script(target.url, CLOSED, ensure={"p95": 5000})).assert_code(ENSURE)
    assert "fail: p95 < 5000 (measured: nothing was measured as http.response_time.p95)" in result.out


def test_a_slip_in_a_metrics_name_is_told_before_the_run(slsart, target):
    result = slsart.run(make_script(target.url, GET, ensure={"thresholds": [{"http.respons_time.p95": 5}]}))
    result.assert_code(ENSURE)
    assert 'no part of this script records a metric "http.respons_time.p95"' in result.err
    assert 'did you mean "http.response_time.p95"?' in result.err


def test_conditions_can_be_switched_off_by_the_environment(slsart, target):
    script = make_script(target.url, GET, ensure={"p95": 0})
    result = slsart.run(script, env={"ARTILLERY_DISABLE_ENSURE": "1"}).assert_code(0)
    assert "The conditions of `ensure` were not judged." in result.out
    assert result.report["slsart"]["checks"] == []


def test_a_breach_ends_the_run(slsart, target):
    script = make_script(target.url, MISSING, phases=[{"duration": 60, "arrivalRate": 20}], ensure={
        "conditions": [{"expression": "http.codes.404 < 5", "abort": True}], "abortAfter": 0})
    result = slsart.run(script).assert_code(ENSURE)
    assert result.seconds < 30, result.explain()
    assert "Ending the run: http.codes.404 < 5 does not hold" in result.out
    assert any("was ended early" in note for note in result.report["slsart"]["notes"])
    assert result.report["slsart"]["ending"] == "stopped"


def test_users_under_way_do_not_end_the_run(slsart, target):
    flow = [{"get": {"url": "/"}}, {"think": 2.5}]
    script = make_script(target.url, flow, phases=[{"duration": 1, "arrivalRate": 20}], ensure={
        "maxErrorRate": 0, "abort": True, "abortAfter": 0})
    result = slsart.run(script).assert_code(0)
    assert result.counter("vusers.completed") == 20


def test_ctrl_c_is_told_by_the_exit_code_whatever_the_conditions_say(slsart, target):
    script = make_script(target.url, MISSING, phases=[{"duration": 60, "arrivalRate": 10}],
                         ensure={"conditions": [{"expression": "http.codes.404 == 0"}]})
    running = slsart.start(script)
    time.sleep(1.5)
    running.signal(signal.SIGINT)
    result = running.finish().assert_code(INTERRUPTED)
    assert not check_of(result, "http.codes.404 == 0")["passed"]


# --- expect ----------------------------------------------------------------------------------------
VERDICT = 3


def expecting(target, expect, settings=None, url="/json", **config):
    return make_script(target.url, [{"get": {"url": url, "name": "thing", "expect": expect}}],
                       plugins={"expect": settings or {}}, **config)


def test_expectations_are_counted_and_named(slsart, target):
    result = slsart.run(expecting(target, [{"statusCode": 200}, {"hasProperty": "nope"}])).assert_code(VERDICT)
    counters = result.report["aggregate"]["counters"]
    assert {name: count for name, count in counters.items() if name.startswith("plugins.")} == {
        "plugins.expect.ok": 3, "plugins.expect.ok.statusCode": 3,
        "plugins.expect.failed": 3, "plugins.expect.failed.hasProperty": 3}
    assert "ok: GET /json (thing): statusCode 200 (3)" in result.out
    assert "fail: GET /json (thing): hasProperty nope (3 of 3 failed)" in result.out
    assert result.counter("vusers.completed") == 3


def test_failures_are_shown_with_the_exchange_but_without_secrets(slsart, target):
    flow = [{"get": {"url": "/set-cookie/a/hidden", "expect": {"statusCode": 404},
                     "capture": {"header": "content-type", "as": "seen"}}}]
    result = slsart.run(make_script(target.url, flow, plugins={"expect": {}},
                                    variables={"password": ["hidden"], "plain": ["open"]})).assert_code(VERDICT)
    for line in ("* GET /set-cookie/a/hidden", "  not ok statusCode 200", "    expected: 404", "    plain: open",
                 "    password: ***", "    set-cookie: ***", "    seen: text/plain"):
        assert line in result.out, result.explain()


def test_only_the_first_failures_are_shown(slsart, target):
    script = expecting(target, {"statusCode": 404}, phases=[{"duration": "500ms", "arrivalCount": 40}])
    result = slsart.run(script, "--workers", "1").assert_code(VERDICT)
    assert result.out.count("not ok statusCode 200") == 10
    assert result.out.count("from here on they are only counted") == 1
    assert result.counter("plugins.expect.failed") == 40


def test_formats_are_those_of_the_reference(slsart, target):
    both = [{"statusCode": 200}, {"contentType": "text/plain"}]
    out = slsart.run(expecting(target, both, {"outputFormat": "json"})).assert_code(VERDICT).out
    assert ('{"name":"thing","url":"/json","results":[{"ok":true,"expected":200,"type":"statusCode","got":200},'
            '{"ok":false,"expected":"text/plain","type":"contentType","got":"application/json"}]}') in out
    out = slsart.run(expecting(target, both[:1], {"outputFormat": "pretty"})).assert_code(0).out
    assert out.count("* GET /json - thing\n  ok statusCode 200\n") == 3
    out = slsart.run(expecting(target, both, {"outputFormat": "silent"})).assert_code(VERDICT).out
    assert "not ok" not in out


def test_failures_may_end_the_user(slsart, target):
    flow = [{"get": {"url": "/json", "expect": {"statusCode": 404}}}, {"get": {"url": "/never"}}]
    script = make_script(target.url, flow, plugins={"expect": {"reportFailuresAsErrors": True}})
    result = slsart.run(script).assert_code(VERDICT)
    assert result.errors == {f"Failed expectations for request {target.url}/json": 3}
    assert result.counter("http.requests") == 3 and result.counter("vusers.failed") == 3
    old = slsart.run(make_script(target.url, flow, plugins={"expect": {}}), "--dialect", "artillery1")
    assert old.assert_code(VERDICT).errors == result.errors


def test_without_the_plugin_nothing_is_judged(slsart, target):
    script = make_script(target.url, [{"get": {"url": "/json", "expect": {"statusCode": 404}}}])
    result = slsart.run(script).assert_code(0)
    assert "expectations are judged only with config.plugins.expect" in result.err


def test_a_condition_that_does_not_hold_wins_over_expectations(slsart, target):
    script = expecting(target, {"statusCode": 404}, ensure={"conditions": [
        {"expression": "plugins.expect.failed == 0"}]})
    slsart.run(script).assert_code(ENSURE)


# --- metrics-by-endpoint, apdex --------------------------------------------------------------------
def of_endpoints(result):
    aggregate = result.report["aggregate"]
    begin = "plugins.metrics-by-endpoint."
    return ({name[len(begin):]: count for name, count in aggregate["counters"].items() if name.startswith(begin)} |
            {name[len(begin):]: figures["count"] for name, figures in aggregate["summaries"].items()
             if name.startswith(begin)})


def test_endpoints_have_figures_of_their_own(slsart, target, start_target):
    other = start_target()
    flow = [{"get": {"url": "/echo?a={{ $randomString() }}", "name": "any"}}, {"get": {"url": "/redirect/1"}},
            {"get": {"url": f"{other.url}/text"}}, {"get": {"url": "/close"}}]
    result = slsart.run(make_script(target.url, flow, plugins={"metrics-by-endpoint": {}})).assert_code(0)
    echo = "/echo?a={{ $randomString() }} (any)"
    assert of_endpoints(result) == {
        f"{echo}.codes.200": 3, f"response_time.{echo}": 3,
        "/redirect/1.codes.200": 3, "response_time./redirect/1": 3,
        f":{other.http_port}/text.codes.200": 3, f"response_time.:{other.http_port}/text": 3,
        "/close.errors.ECONNRESET": 3}


def test_dynamic_urls_may_be_told_apart_up_to_a_bound(slsart, target):
    flow = [{"get": {"url": "/echo?a={{ $randomString(20) }}"}}]
    script = make_script(target.url, flow, phases=[{"duration": 1, "arrivalCount": 600}],
                         plugins={"metrics-by-endpoint": {"groupDynamicURLs": False}})
    result = slsart.run(script, "--workers", "1", "-q").assert_code(0)
    endpoints = of_endpoints(result)
    assert endpoints["_other.codes.200"] == 100
    assert sum(count for name, count in endpoints.items() if name.endswith(".codes.200")) == 600


def test_apdex_counts_fast_and_slow_answers(slsart, target):
    flow = [{"get": {"url": "/"}}, {"get": {"url": "/delay/150"}}, {"get": {"url": "/delay/450"}}]
    script = make_script(target.url, flow, plugins={"apdex": {"threshold": 100}},
                         ensure={"conditions": [{"expression": "apdex >= 0.5 and apdex < 0.51"}]})
    result = slsart.run(script).assert_code(0)
    counters = result.report["aggregate"]["counters"]
    assert [counters[f"apdex.{word}"] for word in ("satisfied", "tolerated", "frustrated")] == [3, 3, 3]
    assert "Apdex score: 0.5 (poor)" in result.out


# --- JUnit -----------------------------------------------------------------------------------------
SCHEMA = pathlib.Path(__file__).parent / "junit-10.xsd"


def cases_of(path):
    """Outcome and message by (classname behind the script, name), of a file that follows the schema."""
    checked = subprocess.run(["xmllint", "--noout", "--schema", SCHEMA, path], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    cases = {}
    for case in xml.parse(path).getroot().iter("testcase"):
        word = next((child.tag for child in case if child.tag != "system-out"), "passed")
        cases[(case.get("classname").rsplit(".", 1)[1], case.get("name"))] = word
    return cases


@pytest.mark.skipif(shutil.which("xmllint") is None, reason="xmllint is not installed")
def test_junit_has_a_case_for_everything_that_is_judged(slsart, target, tmp_path):
    script = {"config": {"target": target.url, "phases": [{"duration": "200ms", "arrivalCount": 20}],
                         "plugins": {"expect": {}},
                         "ensure": {"conditions": [{"expression": "http.codes.200 > 1"},
                                                   {"expression": "http.codes.200 > 1000"},
                                                   {"expression": "vusers.failed < 0", "strict": False}]}},
              "scenarios": [{"name": 'good & <"fine">', "flow": [
                  {"get": {"url": "/echo?a=1&b=<2>", "expect": [{"statusCode": 200}, {"hasHeader": "x-no"}]}}]},
                  {"name": "bad", "flow": [{"get": {"url": "/close"}}]}]}
    junit = tmp_path / "junit.xml"
    slsart.run(script, "--junit", junit, "--seed", "3").assert_code(ENSURE)
    assert cases_of(junit) == {
        ("scenarios", 'good & <"fine">'): "passed", ("scenarios", "bad"): "failure",
        ("expectations", "GET /echo?a=1&b=<2>: statusCode 200"): "passed",
        ("expectations", "GET /echo?a=1&b=<2>: hasHeader x-no"): "failure",
        ("ensure", "http.codes.200 > 1"): "passed", ("ensure", "http.codes.200 > 1000"): "failure",
        ("ensure", "vusers.failed < 0"): "skipped", ("run", "ending"): "passed"}


@pytest.mark.skipif(shutil.which("xmllint") is None, reason="xmllint is not installed")
def test_junit_is_written_when_the_run_is_stopped(slsart, target, tmp_path):
    junit = tmp_path / "junit.xml"
    running = slsart.start(make_script(target.url, GET, phases=[{"duration": 60, "arrivalRate": 10}]),
                           "--junit", junit)
    time.sleep(1.5)
    running.signal(signal.SIGINT)
    running.finish().assert_code(INTERRUPTED)
    assert cases_of(junit)[("run", "ending")] == "error"
