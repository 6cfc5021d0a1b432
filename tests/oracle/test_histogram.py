"""Our histograms beside npm's hdr-histogram-js on random data: what one encodes the other reads, bucket for bucket."""

import json
import math
import os
import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OURS = os.environ.get("SLSART_HISTOGRAM_SAMPLES", ROOT / "build/debug/histogram_samples")
SEEDS = [1, 2, 3, 4, 5]
COUNT = 200


def run(*command, text=None):
    words = [str(word) for word in command]
    return subprocess.run(words, input=text, text=True, capture_output=True, check=True, timeout=120).stdout


def node(*arguments, text=None):
    return [json.loads(line) for line in run("node", HERE / "histogram.js", *arguments, text=text).splitlines()]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_we_encode_is_read_bucket_for_bucket(seed):
    lines = run(OURS, "write", seed, COUNT)
    faults = node("check", text=lines)
    assert len(faults) == COUNT
    assert [(number, one[:5]) for number, one in enumerate(faults) if one] == []
    samples = [sum(times for _, times in json.loads(line)["values"]) for line in lines.splitlines()]
    assert min(samples) == 0 and max(samples) > 2**32, "shapes are missing"


def test_a_changed_encoding_would_be_noticed():
    """The oracle can fail: one sample more, one value elsewhere."""
    lines = [json.loads(line) for line in run(OURS, "write", 9, 40).splitlines()]
    full = [line for line in lines if line["count"] > 0]
    full[0]["values"].append([full[0]["values"][0][0], 1])
    value, times = full[1]["values"][0]
    full[1]["values"][0] = [value // 2 + 300, times]
    full[2]["quantiles"][4]["value"] *= 1.01
    faults = node("check", text="\n".join(map(json.dumps, full[:3])))
    assert all(faults)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_it_encodes_we_read_within_its_resolution(seed):
    made = node("make", seed, COUNT)
    read = [json.loads(line) for line in
            run(OURS, "read", text="\n".join(one["hex"] for one in made) + "\n").splitlines()]
    assert len(read) == COUNT
    for theirs, ours in zip(made, read):
        exact = theirs["sorted"]
        assert ours.get("count") == len(exact), (ours, theirs)
        if not exact:
            continue
        for one in ours["quantiles"]:
            wanted = exact[math.floor(one["q"] * (len(exact) - 1))]
            # A bucket of either side, half a bucket away at most; the smallest is `lowest` wide.
            allowed = wanted * (10.0 ** -theirs["digits"] / 2 + 1 / 256) + theirs["lowest"]
            assert abs(one["value"] - wanted) <= allowed, (one, wanted, theirs["digits"], theirs["lowest"])
