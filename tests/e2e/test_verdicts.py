"""What decides whether a run passed: `ensure`, `expect`, and what is printed and written about them."""

import signal
import time

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
