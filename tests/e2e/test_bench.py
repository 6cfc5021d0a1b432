"""The arithmetic of the benches (bench/): what turns samples into the figures of docs/benchmarks.md."""

import importlib
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
measure = importlib.import_module("measure")
known_delays = importlib.import_module("cases.known_delays")
lambda_rate = importlib.import_module("cases.lambda_rate")
soak = importlib.import_module("cases.soak")


def test_truth_of_known_delays_has_the_servers_wake_up_once():
    # 5 ms, woken 60 us late; the control: woken 50 us late, 7 us of it outside of the server.
    row = {"report_us": 5067, "server_us": 5060, "control_us": 57, "control_server_us": 50}
    assert known_delays.truth(row) == 5067
    assert known_delays.truth_and_wake_up(row) == 5117
    # The buckets of the histogram may make the control look shorter than the server's own part.
    assert known_delays.truth(row | {"control_us": 49}) == 5060


def search_with(limit, stalls=()):
    """A search for a worker that holds up to `limit`; the runs numbered in `stalls` fail whatever the rate."""
    search = lambda_rate.Search(None, (1024, 20_000), "keep-alive")

    def once(rate, seconds):
        seen = {"rate": rate, "failed": ["too much"] if rate > limit or len(search.runs) in stalls else []}
        search.runs.append(seen)
        return seen
    search.once = once
    return search


@pytest.mark.parametrize("limit", [45, 700, 1000, 5321, 60_000])
def test_lambda_rate_is_found_from_below(limit):
    rate, why = search_with(limit).best(1000, 2, False)
    assert limit / 1.1 <= rate <= limit
    assert why == "too much"


def test_one_stall_does_not_lower_the_rate():
    rate, _ = search_with(5000, stalls=(0, 5)).best(1000, 2, False)
    assert 5000 / 1.1 <= rate <= 5000


def test_machine_that_holds_nothing_fails_the_case():
    with pytest.raises(measure.Failed, match="too busy"):
        search_with(0).best(1000, 2, False)


def test_price_of_the_original_is_a_gigabyte_for_a_25th_of_a_second_each():
    assert lambda_rate.price(25, 1024)["x86_64"] == pytest.approx(0.66670, abs=1e-5)


def test_growth_counts_from_the_settled_second_to_the_highest():
    looks = [(second, 8_000 if second < 60 else 9_000 + second) for second in range(120)]
    assert soak.growth(looks, 60, 120) == pytest.approx(59 * 1024 / 1e6)
    looks.append((120, 50_000))  # the report is being made
    assert soak.growth(looks, 60, 120) == pytest.approx(59 * 1024 / 1e6)
    with pytest.raises(measure.Failed):
        soak.growth(looks[:60], 60, 120)
