"""Ctrl-C: the first ends the run and still writes the report of what was, the second quits at once."""

import signal
import time

import pytest

import rig

INTERRUPTED = 130
ENDS_WITHIN_SECONDS = 2
ATTEMPTS = 3  # of a bound that a busy machine may break


def wait_for_requests(target, count):
    deadline = time.monotonic() + 30
    while target.stats()["requests"] < count:
        assert time.monotonic() < deadline, "the run did not start"
        time.sleep(0.02)


def stop_after_three_seconds(slsart, target, number):
    target.reset()
    script = rig.make_script(target.url, [{"get": {"url": "/"}}, {"think": 30}, {"get": {"url": "/landing"}}],
                             [{"duration": 60, "arrivalRate": 20}])
    running = slsart.start(script)
    wait_for_requests(target, 1)
    time.sleep(3)
    asked = time.monotonic()
    running.signal(number)
    result = running.finish(60)
    return result, time.monotonic() - asked


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_writes_a_complete_report_in_time(slsart, target, number):
    for _ in range(ATTEMPTS):
        result, seconds = stop_after_three_seconds(slsart, target, number)
        assert result.code in (INTERRUPTED, 128 + number), result.explain()
        created = result.counter("vusers.created")
        assert 40 <= created <= 20 * 10 and created == target.stats()["requests"]
        assert result.counter("http.codes.200") == created and result.counter("vusers.completed") == 0
        assert result.counter("slsart.users_unfinished") == created
        assert result.report["slsart"]["ending"] == "stopped"
        rig.assert_report_adds_up(result)
        assert "vusers.created" in result.out, "the summary is missing"
        if seconds < ENDS_WITHIN_SECONDS:
            return
    pytest.fail(f"took {seconds:.1f} s in the last of {ATTEMPTS} attempts")


def test_requests_in_flight_get_a_moment(slsart, target):
    script = rig.make_script(target.url, [{"get": {"url": "/delay/700"}}], [{"duration": 60, "arrivalRate": 10}])
    running = slsart.start(script)
    wait_for_requests(target, 12)
    running.signal(signal.SIGINT)
    result = running.finish(60)
    assert result.code == INTERRUPTED, result.explain()
    assert result.errors == {} and result.counter("vusers.completed") > 0
    rig.assert_report_adds_up(result)


def test_second_signal_quits(slsart, target):
    script = rig.make_script(target.url, [{"get": {"url": "/hang"}}], [{"duration": 60, "arrivalRate": 10}],
                             http={"timeout": 50})
    running = slsart.start(script)
    wait_for_requests(target, 5)
    running.signal(signal.SIGINT)
    time.sleep(0.2)
    asked = time.monotonic()
    running.signal(signal.SIGINT)
    result = running.finish(60)
    assert result.code == INTERRUPTED, result.explain()
    assert time.monotonic() - asked < 5


def test_stop_in_the_tail_after_the_last_phase(slsart, target):
    script = rig.make_script(target.url, [{"get": {"url": "/"}}, {"think": 30}])
    running = slsart.start(script)
    wait_for_requests(target, 3)
    time.sleep(0.5)
    running.signal(signal.SIGINT)
    result = running.finish(60)
    assert result.code == INTERRUPTED and result.counter("slsart.users_unfinished") == 3, result.explain()
