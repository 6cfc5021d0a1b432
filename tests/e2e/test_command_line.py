"""The program's names, its flags for every command, and the commands that only write or check files."""

import json
import pathlib
import re
import subprocess

import pytest

import rig


def call_as(name, slsart, *arguments):
    """The program by its other name: a link beside it, as CMake makes and installs it."""
    link = slsart.folder / name
    link.symlink_to(rig.slsart_program())
    return subprocess.run([link, *arguments], cwd=slsart.folder, text=True, capture_output=True, timeout=60)


def test_the_build_makes_the_other_name():
    link = pathlib.Path(rig.slsart_program()).parent / "serverless-artillery"
    assert link.resolve() == pathlib.Path(rig.slsart_program()).resolve()


def test_both_names_are_one_program(slsart):
    help_text = call_as("serverless-artillery", slsart, "--help")
    assert help_text.returncode == 0 and "Usage: serverless-artillery" in help_text.stdout
    assert "Usage: slsart" in slsart.call("--help").assert_code(0).out


def test_version_is_a_number_alone_on_a_line(slsart):
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", slsart.call("--version").assert_code(0).out)


def test_no_command_shows_the_help_on_standard_error(slsart):
    result = slsart.call().assert_code(1)
    assert result.out == ""
    assert "Usage:" in result.err and "  script " in result.err
    assert result.err.endswith("\nNot enough non-option arguments: got 0, need at least 1\n")


def test_debug_shows_the_options_without_touching_standard_output(slsart):
    for flags in (("-D", "script"), ("script", "--debug")):
        (slsart.folder / "script.yml").unlink(missing_ok=True)
        result = slsart.call(*flags, "-d", "7", "-r=3").assert_code(0)
        assert result.err.startswith("options were:\n"), result.explain()
        shown, rest = result.err[len("options were:\n"):].rsplit("command that will be executed: ", 1)
        assert json.loads(shown) == {"duration": "7", "rate": "3"} and rest == "script\n"
        assert "options were" not in result.out


def test_verbose_is_a_flag_and_not_the_version(slsart):
    assert "Usage" not in slsart.call("script", "-V").assert_code(0).out


def test_script_never_overwrites(slsart):
    (slsart.folder / "script.yml").write_text("mine")
    result = slsart.call("script").assert_code(1)
    assert result.err == "\n\tConflict at path 'script.yml'. File exists.  No script generated.\n\n"
    assert (slsart.folder / "script.yml").read_text() == "mine"


def test_script_says_what_it_wrote(slsart):
    result = slsart.call("script", "-o", "mine.yml").assert_code(0)
    assert result.out.startswith("\n\tYour script 'mine.yml' is created.\n")
    assert result.out.endswith("https://artillery.io/docs\n")
    assert slsart.call("check", "mine.yml").assert_code(0).text == "mine.yml: ok\n"


def test_an_endpoint_without_scheme_is_taken_as_http(slsart):
    result = slsart.call("script", "-e", "example.com/a").assert_code(0)
    assert "the target is http://example.com" in result.err
    assert 'target: "http://example.com"\n' in (slsart.folder / "script.yml").read_text()


@pytest.mark.parametrize("flags, code, words", [
    (("-d", "abc"), 2, "--duration = abc"),
    (("-r", "-3"), 2, "rate"),
    (("-e", "ftp://x"), 2, "ftp"),
    (("-p", "x"), 2, "-p"),
    (("-o", "no/such/folder/x.yml"), 1, "No such file or directory"),
])
def test_script_refuses(slsart, flags, code, words):
    result = slsart.call("script", *flags).assert_code(code)
    assert words in result.err and "hint: " in result.err, result.explain()
    assert not (slsart.folder / "script.yml").exists()


def test_check_tells_every_mistake_of_every_script(slsart):
    slsart.call("script", "-o", "good.yml").assert_code(0)
    slsart.write("config:\n  target: http://x\n  phases: [{duration: ten, arivalRate: 1}]\nscenarios: []\n", "bad.yml")
    result = slsart.call("check", "bad.yml", "good.yml").assert_code(2)
    assert "bad.yml:3:23: error:" in result.err and 'did you mean "arrivalRate"' in result.err, result.explain()
    assert result.out == "good.yml: ok\n"


def test_reference_is_the_manual(slsart):
    page = (rig.ROOT / "docs/script-reference.md").read_text()
    assert slsart.call("reference").assert_code(0).out == page


def test_configure_writes_a_service_of_its_own(slsart):
    result = slsart.call("configure").assert_code(0)
    service = (slsart.folder / "serverless.yml").read_text()
    name = re.search(r"^service: (.+)$", service, re.M).group(1)
    assert re.fullmatch(r"serverless-artillery-[A-Za-z][A-Za-z0-9]{9}", name) and name in result.out
    assert (slsart.folder / "slsart.md").exists()
    slsart.call("check", "script.yml").assert_code(0)
    for path in slsart.folder.iterdir():
        path.unlink()
    slsart.call("configure").assert_code(0)
    assert f"service: {name}\n" not in (slsart.folder / "serverless.yml").read_text()


def test_configure_keeps_a_script_and_refuses_its_own_files(slsart):
    slsart.call("script", "-d", "60").assert_code(0)
    slsart.call("configure").assert_code(0)
    assert "duration: 60\n" in (slsart.folder / "script.yml").read_text()
    before = (slsart.folder / "serverless.yml").read_text()
    (slsart.folder / "slsart.md").unlink()
    result = slsart.call("configure").assert_code(1)
    assert result.err == (f"\n\tConflict with existing files:\n\t\t{slsart.folder.resolve()}/serverless.yml"
                          "\n\tNo files created.\n\n")
    assert (slsart.folder / "serverless.yml").read_text() == before
    assert not (slsart.folder / "slsart.md").exists()


EXAMPLE = re.compile(r"^  slsart ([a-z]+)(?: |$)", re.M)


def test_every_command_has_help_with_examples(slsart):
    commands = re.findall(r"^  ([a-z]+) {2,}\S", slsart.call("--help").assert_code(0).out.split("Subcommands:")[1], re.M)
    assert {"run", "report", "script", "check", "reference"} <= set(commands)
    for command in commands:
        text = slsart.call(command, "--help").assert_code(0).out
        assert command in EXAMPLE.findall(text), f"{command} --help shows no example:\n{text}"
