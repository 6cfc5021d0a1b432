"""`slsart run --save` and `slsart report`, end to end."""

import json
import signal
import time

import pytest

from rig import make_script

ONE_GET = [{"get": {"url": "/"}}]


@pytest.fixture
def stored(slsart, target):
    """Fires a small run and stores it: (result of the run, path of the document)."""
    def store(name="run.slsart", *flags, flow=ONE_GET, phases=None):
        path = slsart.folder / name
        script = make_script(target.url, flow, phases or [{"duration": 2, "arrivalCount": 20}])
        result = slsart.run(script, "--save", path, *flags).assert_code(0)
        assert path.exists() and "Stored run: " in result.out, result.explain()
        return result, path
    return store


def report(slsart, *arguments):
    """`slsart report` of them: (result, the JSON it wrote)."""
    out = slsart.folder / "again.json"
    out.unlink(missing_ok=True)
    result = slsart.call("report", *arguments, "-o", out)
    return result, json.loads(out.read_text()) if out.exists() else None


def summary_of(text):
    """The part of the console's text that is the same at any time: from the summary on."""
    return text[text.index("All VUs finished" if "All VUs finished" in text else "Stopped after"):]


@pytest.mark.parametrize("format", ["artillery2", "artillery1"])
def test_the_report_of_a_stored_run_is_the_one_of_the_run(slsart, stored, format):
    flow = [{"get": {"url": "/"}}, {"get": {"url": "/status/503"}}, {"think": 0.05}]
    run, path = stored("run.slsart", "--format", format, "--workers", "2", flow=flow,
                       phases=[{"duration": 2, "arrivalCount": 40, "name": "warm up"}])
    again, document = report(slsart, path, "--format", format)
    again.assert_code(0)
    assert document == run.report
    assert summary_of(again.out) == summary_of(run.out)


def test_a_folder_gets_a_file_named_after_the_run(slsart, target):
    folder = slsart.folder / "stored"
    folder.mkdir()
    run = slsart.run(make_script(target.url, ONE_GET), "--save", folder).assert_code(0)
    (path,) = folder.iterdir()
    assert path.name == run.report["slsart"]["runId"] + ".slsart"
    again, document = report(slsart, folder)
    again.assert_code(0)
    assert document == run.report


def test_a_stopped_run_is_stored_and_ends_as_it_did(slsart, target):
    path = slsart.folder / "stopped.slsart"
    running = slsart.start(make_script(target.url, ONE_GET, [{"duration": 60, "arrivalRate": 20}]), "--save", path)
    time.sleep(1.5)
    running.signal(signal.SIGINT)
    run = running.finish().assert_code(130)
    again, document = report(slsart, path)
    again.assert_code(130)
    assert document == run.report and document["slsart"]["ending"] == "stopped"


def test_several_runs_are_one_report_when_asked_for(slsart, stored):
    one, first = stored("one.slsart")
    two, second = stored("two.slsart", flow=[{"get": {"url": "/"}}, {"get": {"url": "/status/404"}}])
    refused, nothing = report(slsart, first, second)
    refused.assert_code(2)
    assert nothing is None and "two.slsart: it is of another run" in refused.err, refused.explain()
    assert "--several-runs" in refused.err
    merged, document = report(slsart, "--several-runs", second, first)
    merged.assert_code(0)
    both = [run.counters for run in (one, two)]
    counters = document["aggregate"]["counters"] | document["slsart"]["counters"]
    for name in set().union(*both):
        assert counters[name] == sum(run.get(name, 0) for run in both), name
    assert document["slsart"]["arrivals"]["planned"] == 40
    assert document["aggregate"]["summaries"]["http.response_time"]["count"] == 60
    assert [worker["index"] for worker in document["slsart"]["generator"]["workers"]] == list(
        range(sum(len(run.generator["workers"]) for run in (one, two))))
    assert any("Put together from 2 runs" in note for note in document["slsart"]["notes"])


def test_conditions_are_judged_by_the_whole(slsart, target):
    """Two requests are too many for neither run; four are for both together."""
    def store(name, limit):
        path = slsart.folder / name
        script = make_script(target.url, ONE_GET, [{"duration": 1, "arrivalCount": 2}],
                             ensure={"conditions": [{"expression": f"http.requests < {limit}"}]},
                             plugins={"ensure": {}})
        return slsart.run(script, "--save", path), path
    failed, path = store("failed.slsart", 2)
    failed.assert_code(4)
    alone, document = report(slsart, path)
    alone.assert_code(4)
    assert document == failed.report
    paths = [store(name, 3)[1] for name in ("a.slsart", "b.slsart")]
    for one in paths:
        report(slsart, one)[0].assert_code(0)
    merged, document = report(slsart, "--several-runs", *paths)
    merged.assert_code(4)
    (check,) = document["slsart"]["checks"]
    assert check["measured"] == "4" and not check["passed"], check


def test_what_comes_twice_counts_once(slsart, stored):
    run, path = stored()
    (slsart.folder / "list.txt").write_text(f"{path}\n\n{path}\n")
    again, document = report(slsart, "@list.txt", path)
    again.assert_code(0)
    assert document == run.report
    assert again.err.count("was there already; it counts once") == 2, again.explain()


def test_files_that_are_no_stored_runs_are_named(slsart, stored):
    _, path = stored()
    whole = path.read_bytes()
    (slsart.folder / "cut.slsart").write_bytes(whole[:-9])
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 4
    (slsart.folder / "flipped.slsart").write_bytes(flipped)
    (slsart.folder / "later.slsart").write_bytes(whole[:4] + b"\x02" + whole[5:])
    result, document = report(slsart, path, "cut.slsart", "flipped.slsart", "later.slsart", "script.yml", "none.slsart")
    result.assert_code(2)
    assert document is None
    for words in ("cut.slsart: the document is damaged: it is cut short",
                  "flipped.slsart: the document is damaged: its checksum is wrong",
                  "later.slsart: the document was stored in a format that this version does not know",
                  "script.yml: this is not a stored run of slsart", "none.slsart", "5 of 6 stored runs cannot be used"):
        assert words in result.err, result.explain()


@pytest.mark.parametrize("arguments, words", [
    ([], "file is required"),
    (["."], "holds no stored runs"),
    (["@missing.txt"], "missing.txt"),
    (["x.slsart", "-o", "no/such/folder.json"], "there is no such directory"),
])
def test_mistakes_on_the_command_line(slsart, arguments, words):
    result = slsart.call("report", *arguments).assert_code(2)
    assert words in result.err, result.explain()


def test_a_place_that_cannot_be_written_to_is_told_before_the_run(slsart, target):
    target_before = target.stats()["requests"]
    result = slsart.run(make_script(target.url, ONE_GET), "--save", "no/such/run.slsart").assert_code(2)
    assert "there is no such directory" in result.err and "--save" in result.err, result.explain()
    assert target.stats()["requests"] == target_before


def test_report_and_stored_run_need_a_file_each(slsart, target):
    result = slsart.run(make_script(target.url, ONE_GET), "--save", slsart.folder / "report.json").assert_code(2)
    assert "-o and --save name the same file" in result.err, result.explain()


def test_quiet_prints_nothing(slsart, stored):
    _, path = stored()
    result, document = report(slsart, path, "-q")
    result.assert_code(0)
    assert result.text == "" and document is not None


def test_help_has_examples(slsart):
    result = slsart.call("report", "--help").assert_code(0)
    assert "Examples:" in result.out and "--several-runs" in result.out
