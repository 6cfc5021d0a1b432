"""The 90 scripts of the corpus against the practice target; verdicts.py says what each must do.

    python3 -m pytest tests/compat [-k 46] [--table]

Runs take place two at a time in the background; each test waits for its own.
"""

import dataclasses

import pytest

import corpus_run
import rig
from verdicts import VERDICTS


@pytest.fixture(scope="module")
def runs(request):
    if rig.slsart_program() is None:
        pytest.fail("there is no slsart binary: build it or set SLSART_BIN")
    wanted = [item.callspec.params["key"] for item in request.session.items
              if "key" in getattr(getattr(item, "callspec", None), "params", {})]
    wanted.append(("62-environment", "slsart"))
    started = corpus_run.Runs(wanted)
    yield started
    started.close()


def test_every_script_has_a_verdict():
    assert [path.stem for path in sorted(corpus_run.CORPUS.glob("*.yml"))] == sorted(VERDICTS)
    assert len(VERDICTS) == 90


# What is changed in a verdict that holds, so that it must not hold any more.
CHANGES = {
    "users": {"users": 6}, "codes": {"codes": {200: 2, 404: 1}}, "path": {"paths": {"/echo?env=none&v=staged": 2}},
    "count of a path": {"paths": {"/echo?env=staging&v=staged": 1}}, "exit code": {"code": 4},
    "completed": {"completed": 1}, "errors": {"errors": {"ETIMEDOUT": 1}}, "skipped": {"skipped": 1},
    "requests": {"requests": 3}, "connections": {"connections": 1}, "in flight": {"in_flight": (3, None)},
    "methods": {"methods": {"POST": 2}}, "session": {"session_ms": (60_000, None)}, "seconds": {"seconds": (50, 60)},
    "counter": {"counters": {"vusers.created_by_name.0": 1}}, "histogram": {"summaries": ("http.none",)},
    "console": {"printed": {"no such text": 1}}, "checks": {"checks": 1},
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_judge_sees_a_difference_in(runs, change):
    key = ("62-environment", "slsart")
    case, outcome = corpus_run.find_case(key), runs.wait(key)
    assert not corpus_run.judge_case(case, *outcome)
    assert len(corpus_run.judge_case(dataclasses.replace(case, **CHANGES[change]), *outcome)) >= 1


@pytest.mark.parametrize("key", corpus_run.keys(), ids=lambda key: "-".join(key))
def test_script(runs, key):
    result, stats, target = runs.wait(key)
    wrong = corpus_run.judge(key, result, stats, target)
    assert not wrong, "\n".join(wrong) + "\n" + result.explain()
