"""Every script that the documents show: all of them load, those of docs/scripts.md run against the target."""

import re
import shutil

import pytest

import rig

BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.S | re.M)
PAGES = [rig.ROOT / "README.md", *sorted((rig.ROOT / "docs").glob("*.md"))]
FUNCTIONS = re.compile(r"^```js\n// file: (\S+)\n(.*?)^```", re.S | re.M)
RUNNABLE = rig.ROOT / "docs/scripts.md"


def scripts():
    for page in PAGES:
        for number, text in enumerate(BLOCK.findall(page.read_text()), 1):
            if "scenarios:" in text:
                yield pytest.param(page, text, id=f"{page.name}-{number}")


def beside(folder, page):
    """What the scripts of a page find next to them."""
    shutil.copy(rig.ROOT / "examples/users.csv", folder)
    for name, text in FUNCTIONS.findall(page.read_text()):
        (folder / name).write_text(text)


@pytest.mark.parametrize("page, text", scripts())
def test_script_in_a_document_loads(slsart, page, text):
    beside(slsart.folder, page)
    result = slsart.call("run", slsart.write(text), "--dry-run").assert_code(0)
    assert "warning" not in result.text, result.explain()


@pytest.mark.parametrize("page, text", [one for one in scripts() if one.values[0] == RUNNABLE])
def test_script_of_the_guide_runs(slsart, target, page, text):
    beside(slsart.folder, page)
    result = slsart.run(text, "-t", target.url).assert_code(0)
    assert not result.errors, result.explain()
    assert result.counter("vusers.completed") == result.counter("vusers.created") > 0, result.explain()
    rig.assert_report_adds_up(result)


def test_there_are_scripts_to_look_at():
    assert len([one for one in scripts() if one.values[0] == RUNNABLE]) >= 6
    assert any(one.values[0].name == "README.md" for one in scripts())
