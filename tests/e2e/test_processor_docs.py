"""The examples of docs/processors.md do what they say."""

import re

import pytest

import rig

PAGE = (rig.ROOT / "docs/processors.md").read_text()
FILES = {name: text for name, text in re.findall(r"```\w+\n(?:#|//) file: (\S+)\n(.*?)```", PAGE, re.S)}
SCRIPTS = [name for name in FILES if name.endswith(".yml")]


@pytest.mark.parametrize("name", SCRIPTS)
def test_examples_of_the_page_run(slsart, target, name):
    for path, text in FILES.items():
        (slsart.folder / path).write_text(text)
    result = slsart.run(slsart.folder / name, "-t", target.url, "--workers", "2")
    result.assert_code(0)
    users = result.counter("vusers.created")
    assert result.errors == {} and result.counter("vusers.completed") == users > 0, result.explain()
    if name == "hello.yml":
        assert result.counter("logins.201") == users, result.explain()
        names = [path for path in target.stats()["paths"] if path.startswith("/echo")]
        assert sorted(names) == [f"/echo?token=t-user-{i}" for i in range(users)]
    else:
        assert result.summary("waits.passes")["count"] == users
        assert target.stats()["paths"]["/landing"] == users


def test_every_script_of_the_page_is_run():
    assert SCRIPTS == ["hello.yml", "wait.yml"]
