"""The projects under examples/ that are laid out as users lay them out: tests/, processor/, helpers, npm packages."""

import json
import shutil

import pytest

import rig

EXAMPLES = rig.ROOT / "examples"


@pytest.fixture
def project(slsart, target):
    """Copies a project into the run's folder, which is the working directory, and runs one of its tests."""
    def run(folder, name, *flags, **options):
        if not (slsart.folder / "tests").exists():
            shutil.copytree(EXAMPLES / folder, slsart.folder, dirs_exist_ok=True, symlinks=True)
        result = slsart.run(slsart.folder / "tests" / name, "-t", target.url, *flags, **options)
        result.assert_code(0)
        created = result.counter("vusers.created")
        assert result.errors == {} and result.counter("vusers.completed") == created > 0, result.explain()
        return result
    return run


@pytest.mark.parametrize("workers", ["1", "4"])
def test_login_service(project, target, workers):
    # A name that is used twice would be answered with 409.
    result = project("login-service", "sign-up.yml", "--workers", workers)
    assert result.counter("http.codes.201") == 40 and result.counter("idp.answers.200") == 40
    result = project("login-service", "login.yml", "--workers", workers)
    assert result.counter("idp.answers.200") == result.counter("vusers.created")
    project("login-service", "password-reset.yml", "--workers", workers)


def test_second_sign_up_is_refused(project, slsart):
    project("login-service", "sign-up.yml")
    result = slsart.run(slsart.folder / "tests/sign-up.yml", "-t", json.loads(
        (slsart.folder / "report.json").read_text())["slsart"]["target"])
    assert result.errors == {"no user code: 409": 40}, result.explain()


def test_event_platform_without_requests(project, slsart):
    result = project("event-platform", "dial-in.yml", "--workers", "1")
    assert result.counter("dial.completed") == 6 and result.counter("http.requests") == 0
    assert result.summary("dial.setup_time")["count"] == 6
    lines = [json.loads(line) for line in (slsart.folder / "results.jsonl").read_text().splitlines()]
    assert sorted(line["participant"] for line in lines) == ["ann", "bob", "cid", "dea", "eve", "fay"]


@pytest.mark.skipif(not (EXAMPLES / "event-platform/node_modules").exists(),
                    reason="its packages are installed by scripts/test (npm ci in examples/event-platform)")
def test_event_platform_with_packages(project):
    result = project("event-platform", "attendee-journey.yml", "--workers", "4")
    assert result.counter("attendees.registered.201") == 24
    assert result.counter("http.codes.200") == 24 * 7


def test_wrong_settings_are_noticed_before_the_load(slsart, target):
    shutil.copytree(EXAMPLES / "event-platform", slsart.folder, dirs_exist_ok=True, symlinks=True)
    result = slsart.run(slsart.folder / "tests/attendee-journey.yml", env={"EVENT_ID": "production"})
    assert result.code == 2 and target.stats()["requests"] == 0, result.explain()
