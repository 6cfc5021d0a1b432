"""Every script that README, docs/ and examples/ show loads without a warning and runs against the practice target.

Nothing leaves the machine: hosts of other scripts are replaced by the target's, long phases by a short one. The examples
of the script reference are run by test_script_reference.py.
"""

import json
import re
import shutil

import pytest

import rig

BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.S | re.M)
PAGES = [rig.ROOT / "README.md", *sorted((rig.ROOT / "docs").glob("*.md"))]
FUNCTIONS = re.compile(r"^```js\n// file: (\S+)\n(.*?)^```", re.S | re.M)
LENGTH = re.compile(r"\b(?:duration|pause)\"?: *\"?([\d.]+) *([a-z]*)")
ADDRESS = re.compile(r"https?://[\w.-]+(:\d+)?")
EXAMPLES = sorted([*(rig.ROOT / "examples").glob("*.yml"), *(rig.ROOT / "examples").glob("*.json")])
PROJECTS = sorted((rig.ROOT / "examples").glob("*/tests/*.yml"))
SHORT = [{"duration": "300ms", "arrivalCount": 5}]
LONGEST_SECONDS = 6
FAILS_ON_PURPOSE = {"errors.yml"}
FLAGS = {"environments.yml": ["-e", "local"]}


def scripts():
    for page in PAGES:
        for number, text in enumerate(BLOCK.findall(page.read_text()), 1):
            yield pytest.param(page, text, id=f"{page.name}-{number}")


def beside(folder, page):
    """What the scripts of a page find next to them."""
    shutil.copy(rig.ROOT / "examples/users.csv", folder)
    for name, text in FUNCTIONS.findall(page.read_text()):
        (folder / name).write_text(text)


def shortening(text):
    """Flags that keep a run within some seconds."""
    units = {"ms": 0.001, "s": 1, "": 1, "m": 60, "h": 3600}
    length = sum(float(number) * units[unit] for number, unit in LENGTH.findall(text))
    return ["--overrides", json.dumps({"config": {"phases": SHORT}})] if length > LONGEST_SECONDS else []


def run_on_loopback(slsart, target, text, *flags, folder=None):
    """Runs a script after its addresses have been replaced by the target's."""
    local = ADDRESS.sub(target.url, text)
    assert "://" not in local.replace(target.url, ""), "an address that the test does not know how to replace"
    path = (folder or slsart.folder) / "script.yml"
    path.write_text(local)
    return slsart.run(path, "-t", target.url, *shortening(local), *flags)


@pytest.mark.parametrize("page, text", scripts())
def test_script_in_a_document_loads_and_runs(slsart, target, page, text):
    beside(slsart.folder, page)
    result = slsart.call("run", slsart.write(text), "--dry-run").assert_code(0)
    assert "warning" not in result.text, result.explain()
    result = run_on_loopback(slsart, target, text).assert_code(0)
    assert not result.errors, result.explain()
    assert result.counter("vusers.completed") == result.counter("vusers.created") > 0, result.explain()
    assert result.counter("http.responses") > 0, result.explain()
    rig.assert_report_adds_up(result)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_example_runs(slsart, target, path):
    shutil.copy(rig.ROOT / "examples/users.csv", slsart.folder)
    flags = FLAGS.get(path.name, [])
    result = slsart.call("run", slsart.write(path.read_text()), *flags, "--dry-run").assert_code(0)
    assert "warning" not in result.text, result.explain()
    result = run_on_loopback(slsart, target, path.read_text(), *flags).assert_code(0)
    rig.assert_report_adds_up(result)
    created = result.counter("vusers.created")
    if path.name in FAILS_ON_PURPOSE:
        assert set(result.errors) == {"ETIMEDOUT", "ECONNRESET", "Failed capture or match"}, result.explain()
    else:
        assert not result.errors and result.counter("vusers.completed") == created > 0, result.explain()


def test_no_script_is_left_out():
    """Blocks of YAML are whole scripts; test_user_projects.py runs the projects under examples/."""
    blocks = [one.values for one in scripts()]
    fences = sum(len(re.findall(r"^```(?:ya?ml|json)\b", page.read_text(), re.M)) for page in PAGES
                 if page.name not in ("architecture.md", "reports.md", "document-format.md"))
    assert len(blocks) == fences >= 10
    assert all("scenarios:" in text for _, text in blocks)
    assert {page.name for page, _ in blocks} >= {"README.md", "scripts.md", "processors.md"}
    assert len(EXAMPLES) == len([path for path in (rig.ROOT / "examples").iterdir()
                                 if path.suffix in (".yml", ".yaml", ".json")]) >= 6
    projects = (rig.ROOT / "tests/e2e/test_user_projects.py").read_text()
    assert [path.name for path in PROJECTS if path.name not in projects] == []
