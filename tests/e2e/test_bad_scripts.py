"""Wrong scripts: each ends with exit code 2 before anything is sent, and says where and how to mend it."""

import re

import pytest

GOOD_HEAD = """config:
  target: http://127.0.0.1:9
  phases:
    - duration: 1
      arrivalRate: 1
"""
GOOD_FLOW = """scenarios:
  - flow:
      - get:
          url: /
"""


def errors_of(result, path):
    """(line, column, message) of every error, as printed."""
    found = re.findall(rf"^{re.escape(str(path))}:(\d+):(\d+): error: (.*)$", result.text, re.M)
    return [(int(line), int(column), message) for line, column, message in found]


def warnings_of(result, path):
    found = re.findall(rf"^{re.escape(str(path))}:(\d+):(\d+): warning: (.*)$", result.text, re.M)
    return [(int(line), int(column), message) for line, column, message in found]


def assert_shows_the_place(result, path, line, column):
    """The source line stands below the message, and a caret under the column."""
    source = path.read_text().splitlines()[line - 1]
    lines = result.text.splitlines()
    message = next(i for i, text in enumerate(lines) if text.startswith(f"{path}:{line}:{column}: "))
    shown = [(i, text.find(source.strip())) for i, text in enumerate(lines[message + 1:message + 4], message + 1)]
    at, indent = next((i, found) for i, found in shown if found >= 0)
    offset = column - 1 - (len(source) - len(source.lstrip()))
    assert lines[at + 1].find("^") == indent + offset, "\n".join(lines[message:at + 2])


# name, script, (line, column) of the first error or None for any, words of which all must be said
WRONG = {
    "bad indentation": (GOOD_HEAD + "scenarios:\n  - flow:\n      - get:\n          url: /\n       - get:\n", (10, None),
                        []),
    "wrong type": ("config:\n  target: http://127.0.0.1:9\n  phases:\n    - duration: 1\n      arrivalRate: twenty\n"
                   + GOOD_FLOW, (5, 20), ["number", "twenty"]),
    "negative rate": ("config:\n  target: http://127.0.0.1:9\n  phases:\n    - {duration: 1, arrivalRate: -5}\n"
                      + GOOD_FLOW, (4, 34), ["arrivalRate"]),
    "unknown step": (GOOD_HEAD + "scenarios:\n  - flow:\n      - gett:\n          url: /\n", (8, 9), ["gett", "get"]),
    "missing payload file": (GOOD_HEAD + "  payload:\n    path: nowhere.csv\n    fields: [a]\n" + GOOD_FLOW, (7, 11),
                             ["nowhere.csv"]),
    "duplicate key": (GOOD_HEAD + "  target: http://127.0.0.1:10\n" + GOOD_FLOW, (6, 3), ["target"]),
    "unterminated quote": ('config:\n  target: "http://127.0.0.1:9\n  phases:\n    - duration: 1\n', (2, 11), []),
    "empty file": ("", (1, 1), ["empty"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_script(slsart, name):
    script, (line, column), words = WRONG[name]
    path = slsart.write(script)
    result = slsart.call("run", path).assert_code(2)
    errors = errors_of(result, path)
    assert errors, result.explain()
    assert errors[0][0] == line and column in (None, errors[0][1]), result.explain()
    for word in words:
        assert word in result.text, result.explain()
    if script:
        assert_shows_the_place(result, path, *errors[0][:2])


def test_misspelt_key_is_named_with_its_neighbour(slsart):
    path = slsart.write("config:\n  target: http://127.0.0.1:9\n  phases:\n    - duration: 1\n      arivalRate: 5\n"
                        + GOOD_FLOW)
    result = slsart.call("run", path).assert_code(2)
    place = (5, 7)
    said = [message for line, column, message in warnings_of(result, path) + errors_of(result, path)
            if (line, column) == place]
    assert said and "arivalRate" in said[0], result.explain()
    assert "arrivalRate" in result.text.replace("arivalRate", ""), result.explain()


def test_undefined_environment_names_the_known_ones(slsart):
    path = slsart.write(GOOD_HEAD + "  environments:\n    staging:\n      variables: {a: 1}\n" + GOOD_FLOW)
    result = slsart.call("run", path, "-e", "stagin").assert_code(2)
    assert "stagin" in result.text.replace("staging", "") and "staging" in result.text, result.explain()


def test_a_directory_is_no_script(slsart):
    folder = slsart.folder / "scripts"
    folder.mkdir()
    result = slsart.call("run", folder).assert_code(2)
    assert str(folder) in result.text and "directory" in result.text, result.explain()


def test_all_mistakes_are_reported_in_source_order(slsart):
    path = slsart.write("""config:
  target: http://127.0.0.1:9
  phases:
    - {duration: soon, arrivalRate: 1}
    - {duration: 1, arrivalRate: -1}
  payload:
    path: nowhere.csv
    fields: [a]
scenarios:
  - weight: heavy
    flow:
      - gett: {url: /}
      - get: {url: "/{{ a + }}"}
      - get: {url: /, capture: {json: "$.a[", as: b}}
      - think: long
""")
    result = slsart.call("run", path).assert_code(2)
    places = [(line, column) for line, column, _ in errors_of(result, path)]
    assert places == sorted(places), result.explain()
    assert {line for line, _ in places} >= {4, 5, 7, 10, 12, 13, 14, 15}, result.explain()


def test_nothing_is_sent_before_the_script_is_right(slsart, target):
    path = slsart.write(f"config:\n  target: {target.url}\n  phases:\n    - {{duration: 1, arrivalRate: 5}}\n"
                        "scenarios:\n  - flow:\n      - get: {url: /}\n      - gett: {url: /}\n")
    slsart.call("run", path).assert_code(2)
    assert target.stats()["requests"] == 0


def test_unknown_keys_are_warnings(slsart, target):
    path = slsart.write(f"config:\n  target: {target.url}\n  fases: []\n  phases:\n    - {{duration: 1, arrivalCount: 2}}\n"
                        "scenarios:\n  - flow:\n      - get: {url: /, heders: {a: b}}\nx-mine: anything\n")
    result = slsart.run(path).assert_code(0)
    assert result.counter("vusers.completed") == 2
    warnings = warnings_of(result, path)
    assert [(line, column) for line, column, _ in warnings] == [(3, 3), (8, 23)], result.explain()
    assert "phases" in result.text and "headers" in result.text


def test_json_scripts_have_places_too(slsart):
    path = slsart.write('{\n "config": {\n  "target": "http://127.0.0.1:9",\n  "phases": [{"duration": 1, '
                        '"arrivalRate": true}]\n },\n "scenarios": [{"flow": [{"get": {"url": "/"}}]}]\n}\n',
                        "script.json")
    result = slsart.call("run", path).assert_code(2)
    assert errors_of(result, path)[0][:2] == (4, 45), result.explain()


def test_nobody_run_is_an_error(slsart):
    path = slsart.write("config:\n  target: http://127.0.0.1:9\n  phases:\n    - {pause: 1}\n" + GOOD_FLOW)
    assert errors_of(slsart.call("run", path).assert_code(2), path)
