"""Every example of docs/script-reference.md is put where its key stands and run against the practice target."""

import collections
import concurrent.futures
import json
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

import rig

PAGE = rig.ROOT / "docs/script-reference.md"
SPLIT_CELLS = re.compile(r"(?<!\\)\|")
ONE_USER = [{"duration": "50ms", "arrivalCount": 1}]
FUNCTIONS = ["addHeader", "readToken", "logIn", "saveResult", "countStatus", "noteError", "makeName"]
# Durations that would make a run long are read as thousandths; shape and unit stay.
SHORTER = {("phase", "duration"): 0.06, ("phase", "pause"): "30ms", ("steps", "think"): 0.15}
MIRROR = {"id": 1, "ok": True, "items": [{"id": 42, "price": 20}, {"id": 2, "price": 30}], "text": "code=ABC total: 7"}

Example = collections.namedtuple("Example", "section key value")


def examples():
    """(section, key, example) of every row that has one; keys beside a step are of the section "beside think"."""
    section = None
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif beside := re.match(r"Beside `(\w+)`:", line):
            section = f"beside {beside[1]}"
        elif line.startswith("| `"):
            cells = [cell.strip().replace("\\|", "|") for cell in SPLIT_CELLS.split(line)[1:-1]]
            if len(cells) == 5 and cells[4]:
                yield Example(section, cells[0].strip("`"), yaml.safe_load(cells[4][1:-1]))


def request(**attributes):
    return {"post": {"url": "/mirror", "json": MIRROR, **attributes}}


def captured(key, value, rest):
    """A capture or match with the key, on a page that has what it looks for; what it does not find may be missing."""
    page = {"regexp": "/text", "flags": "/text", "group": "/text", "header": "/text", "xpath": "/xml",
            "selector": "/html", "attr": "/html", "index": "/html"}.get(key)
    looks = {"/text": {"regexp": "code=([A-Z]+)"}, "/html": {"selector": "input[name='csrf']"}}.get(page, {})
    if key in ("json", "regexp", "header", "xpath", "selector") or not looks:
        looks = {} if key in ("regexp", "header", "xpath", "selector", "json") else {"json": "$.items[0].id"}
    entry = {"strict": False, **looks, **rest, key: value}
    return {"get": {"url": page}} if page else request(), entry


def step_with(section, example):
    name, key, value = section[len("beside "):], example.key, example.value
    inner = [{"get": {"url": "/"}}]
    step = {"think": {"think": 0.01}, "log": {"log": "hello"}, "loop": {"loop": inner, "count": 2},
            "parallel": {"parallel": inner}, "function": {"function": "makeName"}}[name]
    if key in ("over", "whileTrue"):
        step.pop("count", None)
    return {**step, key: value}


def config_of(example):
    """What `config` gets, and which steps the users take."""
    section, key, value = example
    flow = [request(expect={"statusCode": 200})] if section in ("expect", "config") else [request()]
    if (section, key) == ("config", "mode"):
        return {key: value, "phases": [{"duration": "200ms", "arrivalRate": 100}]}, flow
    if section == "config":
        return {key: value}, flow
    if section == "phase":
        base = {"duration": "1s" if key == "arrivalRate" else "200ms", "arrivalRate": 50}
        if key in ("arrivalCount", "requestRate"):
            base.pop("arrivalRate")
        return {"phases": [{"pause": value}, ONE_USER[0]] if key == "pause" else [{**base, key: value}]}, flow
    if section == "payload":
        base = {"path": "users.csv", "fields": ["user", "pass"]}
        companions = {"loadAll": {"name": "people"}, "name": {"loadAll": True}, "atEnd": {"order": "sequence"}}
        return {"payload": {**base, **companions.get(key, {}), key: value}}, flow
    if section == "payload-options":
        return {"payload": {"path": "users.csv", "fields": ["user", "pass"], "options": {key: value}}}, flow
    if section == "tls":
        companions = {"cert": {"key": "./client.key"}, "key": {"cert": "./client.pem"},
                      "pfx": {"passphrase": "secret"},
                      "passphrase": {"pfx": "./client.p12"}, "servername": {"rejectUnauthorized": False}}
        trust = {} if key == "rejectUnauthorized" else {"rejectUnauthorized": False}
        return {"tls": {**trust, **companions.get(key, {}), key: value}}, flow
    nested = {"http": ["http"], "defaults": ["defaults"], "defaults-think": ["defaults", "think"],
              "distributedTracing": ["http", "distributedTracing"], "plugins": ["plugins"],
              "ensure": ["ensure"], "expect": ["plugins", "expect"], "apdex": ["apdex"],
              "metrics-by-endpoint": ["plugins", "metrics-by-endpoint"]}
    if section in nested:
        config = {key: value}
        for name in reversed(nested[section]):
            config = {name: config}
        return config, [*flow, {"think": 0.01}]
    if section == "ensure-condition":
        return {"ensure": {"conditions": [{"expression": "vusers.failed == 0", key: value}]}}, flow
    if section == "fake-data":
        return {"fake-data": {key: value}}, [{"log": "{{ $" + key + "() }}"}, *flow]
    return {}, None


def flow_of(example):
    section, key, value = example
    if section == "steps":
        return [{key: value, **({"count": 2} if key == "loop" else {})}, request()]
    if section.startswith("beside "):
        return [step_with(section, example), request()]
    if section == "request":
        bodies = ("json", "body", "form", "formData")
        base = {"url": "/mirror"} if key in bodies else {"url": "/mirror", "json": MIRROR}
        if key in ("url", "uri"):
            return [{"get": {key: value}}]
        return [{"post": {**base, key: value}}]
    if section == "auth":
        rest = {} if key in ("user", "username") else {"user": "ann"}
        return [request(auth={**rest, key: value})]
    if section in ("capture", "match"):
        rest = {"as": "found"} if section == "capture" else {"value": "x"}
        step, entry = captured(key, value, rest)
        next(iter(step.values()))[section] = entry
        return [step]
    if section == "expectation":
        beside = {"description": {"jmespath": "id"}}.get(key, {})
        return [request(expect={**beside, key: value})]
    raise AssertionError(f"no place is known for the keys of {section}")


def script_of(example):
    """A whole script in which the example stands where its key belongs, for one user or a few."""
    section, key, value = example
    value = SHORTER.get((section, key), value)
    example = Example(section, key, value)
    config = {"target": "http://example.com", "phases": ONE_USER, "processor": "./functions.js",
              "plugins": {"expect": {}}}
    if not section.startswith("payload") and key != "payload":
        config["variables"] = {"id": "1", "user": "ann", "pass": "x"}
    more, flow = config_of(example)
    config = {**config, **more}
    scenario = {"flow": flow or []}
    script = {"config": config, "scenarios": [scenario]}
    if section == "script":
        script[key] = {**config, **value} if key == "config" else value
        scenario["flow"] = [request()]
    elif section == "scenario":
        scenario.update({"flow": [request()], key: value})
    elif section in ("split", "sampling"):
        scenario["flow"] = [request()]
        script["_split" if section == "split" else section] = {key: value}
    elif section == "once":
        scenario["flow"] = [request()]
        script["before"] = {"flow": [request()], key: value}
        script["after"] = {"flow": [request()], key: value}
    elif flow is None:
        scenario["flow"] = flow_of(example)
    return script


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What the examples name: data, functions, certificates."""
    path = tmp_path_factory.mktemp("reference")
    shutil.copy(rig.ROOT / "examples/users.csv", path)
    names = "".join(f"exports.{name} = async () => {{}};\n" for name in FUNCTIONS)
    (path / "functions.js").write_text(names)
    (path / "processor.js").write_text(names)

    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)

    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=client",
            "-keyout", path / "client.key", "-out", path / "client.pem", "-days", "2")
    openssl("pkcs12", "-export", "-inkey", path / "client.key", "-in", path / "client.pem", "-out",
            path / "client.p12", "-passout", "pass:secret")
    shutil.copy(path / "client.pem", path / "ca.pem")
    return path


def run_one(folder, target, number, example):
    """What is wrong with the example; nothing if it ran and its users completed."""
    own = folder / f"run-{example.section.replace(' ', '-')}-{number}"
    own.mkdir()
    for path in folder.iterdir():
        if path.is_file():
            shutil.copy(path, own)
    slsart = rig.Slsart(own)
    text = json.dumps(script_of(example)).replace("https://staging.example.com", target.url)
    flags = ["-t", target.https_url if example.section == "tls" else target.url]
    if (example.section, example.key) in (("script", "config"), ("config", "phases")):
        flags += ["--overrides", json.dumps({"config": {"phases": ONE_USER}})]
    path = slsart.write(text)
    result = slsart.run(path, *flags)
    # The figures of a busy machine may break a limit; expectations of the examples are not of this target.
    allowed = {"ensure": (0, 4), "ensure-condition": (0, 4), "config": (0, 4), "plugins": (0, 4),
               "expectation": (0, 3), "request": (0, 3)}
    if result.code not in allowed.get(example.section, (0,)):
        return result.explain()
    created = result.counter("vusers.created")
    starts = example.key != "_simulation"
    if result.errors or result.counter("vusers.completed") != created or (starts and created == 0):
        return result.explain()
    if "warning" in result.text and not (example.section == "beside loop" and "endless" not in result.text):
        return result.explain()
    rig.assert_report_adds_up(result)
    return None


SECTIONS = sorted({example.section for example in examples()})


@pytest.mark.parametrize("section", SECTIONS)
def test_examples_of_a_section_run(folder, shared_target, section):
    rows = [example for example in examples() if example.section == section]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        faults = list(pool.map(lambda one: run_one(folder, shared_target, *one), enumerate(rows)))
    wrong = [f"{row.section}.{row.key}: {row.value}\n{fault}" for row, fault in zip(rows, faults) if fault]
    assert not wrong, "\n\n".join(wrong[:5])
    assert len(faults) == len(rows) > 0


def test_every_row_has_an_example_or_says_that_it_has_no_effect():
    text = PAGE.read_text()
    rows = [line for line in text.splitlines() if line.startswith("| `") and len(SPLIT_CELLS.split(line)) == 7]
    without = [line for line in rows if not SPLIT_CELLS.split(line)[-2].strip()]
    assert [line for line in without if "Not available yet" not in line and "Not supported yet" not in line] == []
    assert len(list(examples())) == len(rows) - len(without) > 150
