"""The 90 scripts of the corpus against the practice target; verdicts.py says what each must do.

    python3 -m pytest tests/compat [-k 46] [--table]

Runs take place two at a time in the background; each test waits for its own.
"""

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
    started = corpus_run.Runs(wanted)
    yield started
    started.close()


def test_every_script_has_a_verdict():
    assert [path.stem for path in sorted(corpus_run.CORPUS.glob("*.yml"))] == sorted(VERDICTS)
    assert len(VERDICTS) == 90


@pytest.mark.parametrize("key", corpus_run.keys(), ids=lambda key: "-".join(key))
def test_script(runs, key):
    result, stats, target = runs.wait(key)
    wrong = corpus_run.judge(key, result, stats, target)
    assert not wrong, "\n".join(wrong) + "\n" + result.explain()
