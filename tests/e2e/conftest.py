import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import rig  # noqa: E402
from dns_server import DnsServer  # noqa: E402


@pytest.fixture(scope="session")
def shared_target():
    """One target with HTTP and HTTPS for tests that only look at what they sent themselves."""
    with rig.Target(https=True) as target:
        yield target


@pytest.fixture
def target(shared_target):
    """The shared target with nothing counted."""
    shared_target.reset()
    return shared_target


@pytest.fixture
def start_target():
    """Starts targets with flags of their own, ends them after the test."""
    started = []

    def start(*flags, **options):
        started.append(rig.Target(*flags, **options))
        return started[-1]

    yield start
    for target in started:
        target.stop()


@pytest.fixture
def dns():
    names = {"app.test": ["127.0.0.1"], "both.test": ["127.0.0.1", "::1"], "six.test": ["::1"]}
    with DnsServer(names) as server:
        yield server


@pytest.fixture
def slsart(tmp_path):
    if rig.slsart_program() is None:
        pytest.fail("there is no slsart binary: build it or set SLSART_BIN")
    return rig.Slsart(tmp_path)
