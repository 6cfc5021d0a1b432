"""`slsart script` writes what the original's writes (split-vectors/generated-script.json: captured, content only)."""

import json
import pathlib

import pytest
import rig
import yaml

VECTORS = json.loads((pathlib.Path(__file__).parent / "split-vectors/generated-script.json").read_text())["cases"]

# What ours does differently, and why (docs/differences.md, row 45).
ON_PURPOSE = {
    "example.com": ("http://example.com", "/"),  # there: target null//null
    "localhost:3000/x": ("http://localhost:3000", "/x"),  # there: target localhost://3000
}


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: json.dumps(case["options"]))
def test_content_is_the_originals(tmp_path, case):
    slsart = rig.Slsart(tmp_path)
    flags = [word for name, value in case["options"].items() for word in ("--" + name, value)]
    slsart.call("script", *flags).assert_code(0)
    written = yaml.safe_load((slsart.folder / "script.yml").read_text())
    expected = case["script"]
    if case["options"].get("endpoint") in ON_PURPOSE:
        target, url = ON_PURPOSE[case["options"]["endpoint"]]
        expected["config"]["target"] = target
        expected["scenarios"][0]["flow"][0]["get"]["url"] = url
    assert written == expected


def test_the_vectors_are_all_there():
    assert len(VECTORS) == 15
