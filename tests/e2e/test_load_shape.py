"""Exact load: every arrival is fired once, when it is due, whatever the number of workers.

A request carries its due instant, arrival index, payload row and random value in headers; the target keeps them
with the instant of its own clock at which they came.
"""

import collections
import math
import signal
import time

import pytest

import rig

SECOND = 1_000_000_000
RECORD = [{"get": {"url": "/record", "headers": {
    "x-index": "{{ $arrivalIndex }}", "x-due": "{{ $arrivalDue }}",
    "x-row": "{{ user }}", "x-rand": "{{ $randomNumber(1, 1000000000) }}"}}}]


@pytest.fixture
def load(slsart, start_target):
    """Runs phases that record every arrival on a target of its own; (result or running, target)."""
    target = start_target()
    (slsart.folder / "users.csv").write_text("".join(f"user-{i}\n" for i in range(1000)))

    def start(phases, *flags):
        target.reset()
        script = rig.make_script(target.url, RECORD, phases,
                                 payload={"path": "users.csv", "fields": ["user"], "order": "sequence"})
        return slsart.start(script, *flags), target

    return start


def per_second(instants):
    """Second -> how many of the instants (ns) lie in it."""
    return dict(sorted(collections.Counter(instant // SECOND for instant in instants).items()))


def arrival_instants(records):
    """When each came by the target's clock, in ns since the start of the run: the one that came soonest after its
    due time is taken to have come exactly then."""
    start = min(at - due for _, _, _, due, at in records)
    return [at - start for _, _, _, _, at in records]


def assert_complete(result, records, total):
    assert result.counter("vusers.created") + result.counter("slsart.arrivals_missed") == total, result.explain()
    assert result.errors == {}, result.errors
    assert len(records) == result.counter("vusers.created") == result.counter("vusers.completed")
    indices = [record[0] for record in records]
    assert len(set(indices)) == len(indices) and max(indices) < total


def assert_on_time(result, records, rate):
    """The target's own count of a second differs from the plan by no more than the arrivals the report calls late."""
    worst_ms = result.generator["sendDelay"]["max"]
    # One arrival may cross a border by the time on the way, which the report cannot know; 20 ms of it are allowed.
    late = math.ceil(rate * (worst_ms + 20) / 1000)
    due = per_second(record[3] for record in records)
    came = per_second(arrival_instants(records))
    for second, count in due.items():
        assert abs(came.get(second, 0) - count) <= late, f"second {second}: {came} against {due}, late {late}"


def test_constant_rate_has_every_arrival_in_its_second(load):
    running, target = load([{"duration": 20, "arrivalRate": 500}])
    result = running.finish().assert_code(0)
    records = target.records()
    assert_complete(result, records, 10_000)
    if not result.counter("slsart.arrivals_missed"):
        assert result.counter("vusers.completed") == 10_000
        assert per_second(record[3] for record in records) == {second: 500 for second in range(20)}
        assert_on_time(result, records, 500)
    assert result.counter("slsart.arrivals_missed") == 0, "the machine could not keep up with 500/s"


def test_ramp_has_the_exact_number_in_every_second(load):
    running, target = load([{"duration": 10, "arrivalRate": 0, "rampTo": 400}])
    result = running.finish().assert_code(0)
    records = target.records()
    assert_complete(result, records, 2_000)
    # The integral of 40 t from second s to s + 1: 20 (2 s + 1).
    assert per_second(record[3] for record in records) == {second: 20 * (2 * second + 1) for second in range(10)}
    assert_on_time(result, records, 400)


def test_phases_follow_each_other_without_a_gap(load):
    phases = [{"duration": 2, "arrivalRate": 100}, {"pause": 1}, {"duration": 2, "arrivalRate": 50, "rampTo": 150},
              {"duration": 1, "arrivalCount": 40}]
    running, target = load(phases)
    running.finish().assert_code(0)
    assert per_second(record[3] for record in target.records()) == {0: 100, 1: 100, 3: 75, 4: 125, 5: 40}


def test_workers_change_nothing(load):
    seen = {}
    for workers in (1, 4):
        running, target = load([{"duration": 3, "arrivalRate": 400}, {"duration": 2, "arrivalRate": 0, "rampTo": 300}],
                               "--seed", 7, "--workers", workers)
        result = running.finish().assert_code(0)
        records = target.records()
        assert_complete(result, records, 1_500)
        seen[workers] = {record[:4] for record in records}
    assert len(seen[1]) == 1_500
    assert seen[1] == seen[4], sorted(seen[1] ^ seen[4])[:10]


def test_payload_in_sequence_gives_every_row_once_across_workers(load):
    running, target = load([{"duration": 2, "arrivalRate": 500}], "--workers", 4)
    running.finish().assert_code(0)
    assert {(index, row) for index, row, *_ in target.records()} == {(i, f"user-{i}") for i in range(1000)}


def test_seed_decides_the_random_values(load):
    def random_values(seed):
        running, target = load([{"duration": 1, "arrivalRate": 200}], "--seed", seed)
        running.finish().assert_code(0)
        return {index: value for index, _, value, _, _ in target.records()}

    first = random_values(1)
    assert len(set(first.values())) > 190
    assert random_values(1) == first
    assert random_values(2) != first


def test_a_slow_target_delays_no_arrival(slsart, start_target):
    target = start_target("--delay-ms", "1500")
    flow = [{"get": {"url": "/record", "headers": {"x-index": "{{ $arrivalIndex }}", "x-due": "{{ $arrivalDue }}"}}}]
    result = slsart.run(rig.make_script(target.url, flow, [{"duration": 3, "arrivalRate": 100}])).assert_code(0)
    records = target.records()
    assert_complete(result, records, 300)
    assert target.stats()["max_in_flight"] >= 140
    assert_on_time(result, records, 100)


def test_after_a_stall_no_second_repays_what_was_missed(load):
    rate, seconds, total = 500, 10, 5_000
    running, target = load([{"duration": seconds, "arrivalRate": rate}])
    deadline = time.monotonic() + 30
    while target.stats()["requests"] < 2 * rate and time.monotonic() < deadline:
        time.sleep(0.02)
    running.signal(signal.SIGSTOP)
    time.sleep(3)
    running.signal(signal.SIGCONT)
    result = running.finish().assert_code(0)
    records = target.records()
    assert_complete(result, records, total)
    # Three seconds of 500, less the one second that may be late.
    assert result.counter("slsart.arrivals_missed") >= 1.5 * rate, result.explain()
    by_worker = [worker["missed"] for worker in result.report["slsart"]["generator"]["workers"]]
    assert sum(by_worker) == result.counter("slsart.arrivals_missed"), result.explain()
    came = per_second(arrival_instants(records))
    # Planned plus what became due in the second before; a second of the target's clock may take in a few more that
    # were on their way.
    assert max(came.values()) <= 2 * rate + rate // 10, came
    # No user was started more than a second late.
    assert result.report["slsart"]["generator"]["startDelay"]["max"] <= 1000, result.explain()
    # So what comes later than that (and its way) had been started, but not sent, when the generator was stopped.
    late = [at - due for at, (_, _, _, due, _) in zip(arrival_instants(records), records)]
    on_their_way = [lateness for lateness in late if lateness >= 1.5 * SECOND]
    assert len(on_their_way) <= rate // 10 and max(late) < 5 * SECOND, on_their_way
