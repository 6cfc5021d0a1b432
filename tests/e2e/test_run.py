"""`slsart run` and its flags, end to end."""

import json
import re
import shutil
import subprocess

import pytest

import rig
from rig import make_script

EXAMPLES = rig.ROOT / "examples"
# What every whole number of the report's histograms is made of (reference/artillery-report.md).
SUMMARY_KEYS = {"min", "max", "count", "mean", "p50", "median", "p75", "p90", "p95", "p99", "p999"}

ONE_GET = [{"get": {"url": "/"}}]


# --- the examples ----------------------------------------------------------------------------------
@pytest.fixture
def run_example(slsart, target):
    def run(name, *flags, **options):
        return slsart.run(EXAMPLES / name, "-t", target.url, *flags, **options)
    return run


def test_quickstart_completes_every_user_with_200(run_example, target):
    result = run_example("quickstart.yml").assert_code(0)
    planned = (5 + 50) * 3 // 2 + 50 * 4
    assert abs(result.counter("vusers.created") - planned) <= 1
    assert result.counter("vusers.completed") == result.counter("vusers.created"), result.explain()
    assert result.errors == {} and result.counter("http.codes.200") == result.counter("http.responses")
    stats = target.stats()
    assert stats["requests"] == result.counter("http.requests") and set(stats["codes"]) == {"200"}
    assert "/echo?user=ann&tag=b" in stats["paths"]
    rig.assert_report_adds_up(result)
    assert re.search(r"[Tt]he generator (kept up|did not keep up)", result.text), result.explain()
    assert result.generator["sentence"] in result.text
    assert result.generator["startDelay"]["count"] == result.counter("vusers.created")


def test_login_example(run_example):
    result = run_example("login.yml").assert_code(0)
    assert result.counter("vusers.completed") == 20 and result.errors == {}, result.explain()
    assert result.counter("http.codes.201") == 20 and result.counter("http.codes.200") == 60


def test_phases_example(run_example):
    result = run_example("phases.yml").assert_code(0)
    arrivals = result.counter("vusers.created") + result.counter("vusers.skipped")
    # Ramp 10, constant 20, slow 0.5 (one user: the first is due at once), counted 25, capped 20, random 5..45.
    assert 75 + 5 <= arrivals <= 76 + 45, result.explain()
    assert result.counter("vusers.failed") == 0


def test_environments_example(run_example, slsart, target):
    result = run_example("environments.yml", "-e", "local").assert_code(0)
    assert result.counter("vusers.completed") == 3
    assert target.stats()["paths"] == {"/echo?say=hello&where=local": 3}
    target.reset()
    slsart.run(EXAMPLES / "environments.yml", "-e", "staging", env={"STAGING_URL": target.url}).assert_code(0)
    (path, count), = target.stats()["paths"].items()
    assert count == 5 and re.fullmatch(r"/echo\?say=good(\+|%20)day&where=staging", path)


def test_errors_example(run_example):
    result = run_example("errors.yml").assert_code(0)
    assert set(result.errors) == {"ETIMEDOUT", "ECONNRESET", "Failed capture or match"}, result.explain()
    assert sum(result.errors.values()) == result.counter("vusers.failed") > 0
    assert result.counter("vusers.completed") == result.counter("http.codes.500") > 0
    rig.assert_report_adds_up(result)


def test_json_example(run_example):
    result = run_example("hello.json").assert_code(0)
    assert result.counter("vusers.completed") == 5
    assert len(set(re.findall(r"hello ([0-9a-f-]{36})", result.text))) == 5, result.explain()


# --- requests --------------------------------------------------------------------------------------
def test_files_named_by_variables(slsart, target):
    """Each user sends a file of its own; a missing one fails that user under a name that does not grow with the data."""
    for name in ("ann", "bob"):
        (slsart.folder / f"{name}.txt").write_text(f"file of {name}")
    (slsart.folder / "users.csv").write_text("ann\nbob\ncid\n")
    flow = [{"post": {"url": "/mirror", "formData": {"avatar": {"fromFile": "./{{ user }}.txt"}},
                      "capture": {"regexp": "file of (ann|bob)", "group": 1, "as": "seen"},
                      "match": {"regexp": 'filename="(.*).txt"', "group": 1, "value": "{{ user }}"}}},
            {"get": {"url": "/echo?seen={{ seen }}"}}]
    script = make_script(target.url, flow, [{"duration": 1, "arrivalCount": 6}],
                         payload={"path": "users.csv", "fields": ["user"], "order": "sequence"})
    result = slsart.run(script).assert_code(0)
    assert result.errors == {"there is no file ./{{ user }}.txt": 2}, result.explain()
    assert result.counter("vusers.completed") == 4
    assert target.stats()["paths"] == {"/mirror": 4, "/echo?seen=ann": 2, "/echo?seen=bob": 2}


# --- the report ------------------------------------------------------------------------------------
def test_report_has_the_layout_of_artillery_2(slsart, target):
    result = slsart.run(make_script(target.url, ONE_GET, [{"duration": 1, "arrivalCount": 5}])).assert_code(0)
    aggregate = result.report["aggregate"]
    assert {"counters", "rates", "summaries", "histograms", "firstMetricAt", "lastMetricAt"} <= set(aggregate)
    assert aggregate["counters"]["vusers.created"] == 5 and aggregate["counters"]["vusers.failed"] == 0
    assert aggregate["counters"]["http.downloaded_bytes"] == 10
    assert "http.request_rate" in aggregate["rates"]
    for name in ("http.response_time", "http.response_time.2xx", "vusers.session_length"):
        assert SUMMARY_KEYS <= set(aggregate["summaries"][name]) and aggregate["summaries"][name]["count"] == 5
    windows = result.report["intermediate"]
    assert windows and all(isinstance(window["period"], str) for window in windows)
    rig.assert_report_adds_up(result)


def test_report_in_the_layout_of_artillery_1(slsart, target):
    flow = [{"get": {"url": "/"}}, {"get": {"url": "/status/404"}}]
    result = slsart.run(make_script(target.url, flow), "--format", "artillery1").assert_code(0)
    aggregate = result.report["aggregate"]
    assert aggregate["scenariosCreated"] == 3 and aggregate["scenariosCompleted"] == 3
    assert aggregate["requestsCompleted"] == 6 and aggregate["codes"] == {"200": 3, "404": 3}
    assert aggregate["errors"] == {} and aggregate["scenarioCounts"] == {"0": 3}
    assert {"min", "max", "median", "p95", "p99"} <= set(aggregate["latency"])
    assert aggregate["rps"]["count"] == 6 and aggregate["scenarioDuration"]["max"] >= 0
    assert sum(window["scenariosCreated"] for window in result.report["intermediate"]) == 3


def test_no_report_is_written_without_o(slsart, target):
    slsart.call("run", slsart.write(make_script(target.url, ONE_GET))).assert_code(0)
    assert [path.name for path in slsart.folder.iterdir()] == ["script.yml"]


def test_o_of_a_missing_folder_is_refused_before_the_run(slsart, target):
    script = slsart.write(make_script(target.url, ONE_GET))
    result = slsart.call("run", script, "-o", slsart.folder / "no" / "such" / "report.json")
    assert result.code in (1, 2) and "no/such" in result.text, result.explain()
    assert target.stats()["requests"] == 0


def test_o_of_a_folder_writes_a_named_report_into_it(slsart, target):
    folder = slsart.folder / "reports"
    folder.mkdir()
    slsart.call("run", slsart.write(make_script(target.url, ONE_GET)), "-o", folder).assert_code(0)
    (report,) = folder.iterdir()
    assert re.fullmatch(r"artillery_report_\d{8}_\d{6}\.json", report.name) and json.loads(report.read_text())


def test_response_times_show_the_delay_of_the_target(slsart, target):
    phases = [{"duration": 1, "arrivalRate": 50}]
    result = slsart.run(make_script(target.url, [{"get": {"url": "/delay/100"}}], phases)).assert_code(0)
    times = result.summary("http.response_time")
    assert times["count"] == 50 and times["min"] >= 99 and times["p50"] < 1000, times


# --- flags -----------------------------------------------------------------------------------------
def test_quiet_prints_nothing_while_it_runs(slsart, target):
    loud = slsart.run(make_script(target.url, ONE_GET)).assert_code(0)
    quiet = slsart.run(make_script(target.url, ONE_GET), "-q").assert_code(0)
    assert "vusers.created" in loud.out and quiet.out.strip() == "" and quiet.counter("vusers.completed") == 3


def test_target_flag_wins(slsart, target):
    script = make_script("http://127.0.0.1:9", ONE_GET)
    assert slsart.run(script, "-t", target.url).assert_code(0).counter("vusers.completed") == 3


def test_variables_flag(slsart, target):
    script = make_script(target.url, [{"get": {"url": "/echo?v={{ v }}"}}], variables={"v": "script"})
    slsart.run(script, "-v", '{"v": "flag"}').assert_code(0)
    assert target.stats()["paths"] == {"/echo?v=flag": 3}


def test_overrides_replace_lists_and_merge_objects(slsart, target):
    script = make_script(target.url, [{"get": {"url": "/echo?a={{ a }}&b={{ b }}"}}], variables={"a": 1, "b": 1})
    override = {"config": {"phases": [{"duration": "100ms", "arrivalCount": 2}], "variables": {"b": 2}}}
    slsart.run(script, "--overrides", json.dumps(override)).assert_code(0)
    assert target.stats()["paths"] == {"/echo?a=1&b=2": 2}


def test_solo_runs_one_user(slsart, target):
    script = make_script(target.url, ONE_GET, [{"duration": 600, "arrivalRate": 100}])
    result = slsart.run(script, "--solo").assert_code(0)
    assert result.counter("vusers.completed") == 1 and result.seconds < 60


def test_payload_flag(slsart, target):
    (slsart.folder / "other.csv").write_text("zoe\nyan\n")
    script = make_script(target.url, [{"get": {"url": "/echo?u={{ u }}"}}],
                         payload={"path": "missing.csv", "fields": ["u"], "order": "sequence"})
    slsart.run(script, "-p", slsart.folder / "other.csv").assert_code(0)
    assert target.stats()["paths"] == {"/echo?u=zoe": 2, "/echo?u=yan": 1}


def test_scenario_name_chooses_one(slsart, target):
    script = {"config": {"target": target.url, "phases": [{"duration": "200ms", "arrivalCount": 6}]},
              "scenarios": [{"name": name, "flow": [{"get": {"url": f"/echo?{name}"}}]} for name in ("one", "two")]}
    slsart.run(script, "--scenario-name", "two").assert_code(0)
    assert target.stats()["paths"] == {"/echo?two": 6}


def test_config_file_is_merged(slsart, target):
    config = slsart.write({"config": {"target": target.url, "phases": [{"duration": "100ms", "arrivalCount": 2}]}},
                          "config.yml")
    scenarios = slsart.write({"scenarios": [{"flow": ONE_GET}]}, "scenarios.yml")
    assert slsart.run(scenarios, "-c", config).assert_code(0).counter("vusers.completed") == 2


def test_config_file_wins_over_script_and_input(slsart, target):
    def part(name, value):
        return slsart.write({"config": {"variables": {"who": value}}}, name)
    script = slsart.write({"config": {"target": target.url, "variables": {"who": "script"}},
                           "scenarios": [{"flow": [{"get": {"url": "/echo?{{ who }}"}}]}]}, "script.yml")
    slsart.run(script, "-c", part("c.yml", "config"), "-i", part("i.yml", "input")).assert_code(0)
    assert target.stats()["paths"] == {"/echo?config": 1}


def test_insecure_flag(slsart, target):
    script = make_script(target.https_url, ONE_GET)
    assert slsart.run(script).assert_code(0).errors == {"DEPTH_ZERO_SELF_SIGNED_CERT": 3}
    assert slsart.run(script, "-k").assert_code(0).counter("vusers.completed") == 3


def test_names_are_looked_up_where_the_environment_says(slsart, target, dns):
    script = make_script(f"http://app.test:{target.http_port}", [{"get": {"url": "/echo"}}])
    result = slsart.run(script, env={"SLSART_DNS_SERVERS": dns.endpoint}).assert_code(0)
    assert result.counter("vusers.completed") == 3 and "app.test" in dns.asked


def test_ipv6_targets(slsart, start_target):
    target = start_target("--bind", "::1")
    script = make_script(f"http://[::1]:{target.http_port}", ONE_GET)
    assert slsart.run(script).assert_code(0).counter("vusers.completed") == 3


def test_client_certificates(slsart, start_target, tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is needed to make a client certificate")
    key, certificate = tmp_path / "client.key", tmp_path / "client.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", certificate, "-subj", "/CN=client", "-days", "2"], check=True,
                   capture_output=True)
    server = rig.Target("--client-ca", str(certificate), https=True)
    try:
        tls = {"rejectUnauthorized": False}
        refused = slsart.run(make_script(server.https_url, ONE_GET, tls=tls)).assert_code(0)
        assert refused.counter("vusers.failed") == 3, refused.explain()
        tls |= {"cert": "client.pem", "key": "client.key"}
        accepted = slsart.run(make_script(server.https_url, ONE_GET, tls=tls)).assert_code(0)
        assert accepted.counter("vusers.completed") == 3, accepted.explain()
    finally:
        server.stop()


@pytest.mark.parametrize("path, bytes_received", [
    ("/chunked/3", 24), ("/close-delimited/1000", 1000), ("/http10", 6), ("/interim/3", 2), ("/status/204", 0),
    ("/status/304", 0), ("/bytes/3000000", 3_000_000),
])
def test_bodies_of_every_framing(slsart, target, path, bytes_received):
    result = slsart.run(make_script(target.url, [{"get": {"url": path}}, {"get": {"url": "/"}}])).assert_code(0)
    assert result.counter("vusers.completed") == 3 and result.errors == {}, result.explain()
    assert result.counter("http.downloaded_bytes") == 3 * (bytes_received + 2)


@pytest.mark.parametrize("path", ["/gzip", "/deflate", "/brotli"])
def test_compressed_answers_are_read(slsart, target, path):
    flow = [{"get": {"url": path, "match": {"json": "$.token", "value": "tok-123"}}}]
    result = slsart.run(make_script(target.url, flow)).assert_code(0)
    assert result.counter("vusers.completed") == 3, result.explain()


# --- the rest of the command line ------------------------------------------------------------------
def test_dry_run_sends_nothing_and_shows_the_plan(slsart, target):
    phases = [{"duration": 20, "arrivalRate": 500, "name": "steady"}]
    result = slsart.call("run", slsart.write(make_script(target.url, ONE_GET, phases)), "--dry-run").assert_code(0)
    assert re.search(r"10[,.' ]?000", result.out) and "steady" in result.out, result.explain()
    assert target.stats()["requests"] == 0


@pytest.mark.parametrize("step, line, column", [
    ('{url: "/a/{{ b + }}"}', 7, 21),
    ('{url: "/", capture: {json: "$.a[", as: a}}', 7, 37),
    ('{url: "/", capture: {regexp: "(a", as: a}}', 7, 39),
])
def test_dry_run_finds_bad_expressions_with_their_column(slsart, target, step, line, column):
    script = (f"config:\n  target: {target.url}\n  phases:\n    - {{duration: 1, arrivalRate: 1}}\nscenarios:\n"
              f"  - flow:\n      - get: {step}\n")
    path = slsart.write(script)
    result = slsart.call("run", path, "--dry-run").assert_code(2)
    places = re.findall(rf"{re.escape(str(path))}:(\d+):(\d+): error: ", result.text)
    # Anywhere from the start of the text to the end of its line.
    assert places and int(places[0][0]) == line and column <= int(places[0][1]) <= 60, result.explain()


def test_version_and_help(slsart):
    version = slsart.call("--version").assert_code(0)
    assert re.search(r"\d+\.\d+\.\d+", version.out)
    general = slsart.call("--help").assert_code(0)
    assert "run" in general.out and "slsart run " in general.out
    run = slsart.call("run", "--help").assert_code(0)
    for flag in ("--target", "--output", "--environment", "--overrides", "--seed", "--workers", "--dialect",
                 "--dry-run", "--insecure", "--solo", "--format"):
        assert flag in run.out
    assert len(re.findall(r"^\s+slsart run \S", run.out, re.M)) >= 2, "examples are missing:\n" + run.out


@pytest.mark.parametrize("arguments", [("what",), ("run", "--what"), ("run",), ("run", "x.yml", "--workers", "many"),
                                       ("run", "x.yml", "--dialect", "artillery9")])
def test_wrong_command_lines_exit_2(slsart, arguments):
    slsart.write(make_script("http://127.0.0.1:9", ONE_GET), "x.yml")
    result = slsart.call(*arguments).assert_code(2)
    wanted = {"--what": "--what", "run": "slsart run test.yml", "many": "--workers", "artillery9": "artillery2"}
    assert wanted.get(arguments[-1], "--help") in result.text, result.explain()


def test_words_of_artillery_without_meaning_here_are_taken(slsart, target):
    words = ("--count", "2", "--platform", "local", "--tags", "a:b", "--name", "n", "--note", "n", "--record", "--key", "k")
    assert slsart.run(make_script(target.url, ONE_GET), *words).assert_code(0).counter("vusers.completed") == 3


def test_schema_is_a_json_schema(slsart):
    schema = json.loads(slsart.call("reference", "--schema").assert_code(0).out)
    assert "json-schema.org" in schema["$schema"]
    script = schema["$defs"]["script"]
    assert schema["$ref"] == "#/$defs/script" and {"config", "scenarios", "before"} <= set(script["properties"])


def test_a_missing_script_exits_2(slsart):
    result = slsart.call("run", "no-such-script.yml").assert_code(2)
    assert "no-such-script.yml" in result.text
