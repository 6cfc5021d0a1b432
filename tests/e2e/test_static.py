"""The release binary needs nothing: it runs in a chroot that holds only itself, a resolv.conf and a CA bundle."""

import os
import shutil
import subprocess

import pytest

import rig
from dns_server import DnsServer

HOST = "shop.test"
# c-ares takes no port from resolv.conf, so the name server has an address of its own with port 53.
NAME_SERVER = "127.0.53.53"
BUNDLES = {"debian": "etc/ssl/certs/ca-certificates.crt", "amazon": "etc/pki/tls/certs/ca-bundle.crt",
           "fedora": "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "alpine": "etc/ssl/cert.pem"}

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="chroot needs root"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is needed to make a test CA"),
]


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """A folder with ca.pem and a chain.pem and key.pem for HOST signed by it."""
    folder = tmp_path_factory.mktemp("ca")
    (folder / "names").write_text(f"subjectAltName=DNS:{HOST}\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", folder / "ca.key", "-out", folder / "ca.pem", "-subj", "/CN=test ca",
            "-days", "2", "-addext", "keyUsage=critical,keyCertSign")
    openssl("req", *key, "-keyout", folder / "key.pem", "-out", folder / "request.pem", "-subj", f"/CN={HOST}")
    openssl("x509", "-req", "-in", folder / "request.pem", "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key",
            "-out", folder / "chain.pem", "-days", "2", "-set_serial", "7", "-extfile", folder / "names")
    return folder


@pytest.fixture(scope="module")
def server(certificates):
    try:
        dns = DnsServer({HOST: ["127.0.0.1"]}, NAME_SERVER, 53)
    except OSError as reason:
        pytest.skip(f"cannot serve names on {NAME_SERVER}:53: {reason}")
    flags = ("--cert", str(certificates / "chain.pem"), "--key", str(certificates / "key.pem"))
    with dns, rig.Target(*flags, https=True) as target:
        yield target


@pytest.fixture
def jail(tmp_path, server):
    """A folder with the binary, a resolv.conf and a script, and nothing else."""
    program = rig.slsart_program()
    if "statically linked" not in subprocess.run(["ldd", program], capture_output=True, text=True).stdout:
        pytest.skip(f"{program} is not the static release binary")
    shutil.copy(program, tmp_path / "slsart")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/resolv.conf").write_text(f"nameserver {NAME_SERVER}\n")
    slsart = rig.Slsart(tmp_path)
    slsart.write(rig.make_script(f"https://{HOST}:{server.https_port}", [{"get": {"url": "/"}}]))
    return tmp_path


def run_in(jail, env=None):
    command = ["chroot", str(jail), "/slsart", "run", "/script.yml", "-o", "/report.json"]
    clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **(env or {})}
    ended = subprocess.run(command, env=clean, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    report = jail / "report.json"
    loaded = rig.json.loads(report.read_text()) if report.exists() else None
    return rig.Result(command, ended.returncode, ended.stdout, ended.stderr, 0, loaded)


@pytest.mark.parametrize("system", BUNDLES)
def test_verifies_with_the_bundle_of(jail, certificates, system):
    bundle = jail / BUNDLES[system]
    bundle.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(certificates / "ca.pem", bundle)
    result = run_in(jail).assert_code(0)
    assert result.counter("vusers.completed") == 3 and result.errors == {}, result.explain()


def test_verifies_with_the_bundle_that_the_environment_names(jail, certificates):
    shutil.copy(certificates / "ca.pem", jail / "own.pem")
    result = run_in(jail, {"SSL_CERT_FILE": "/own.pem"}).assert_code(0)
    assert result.counter("vusers.completed") == 3, result.explain()


def test_without_a_bundle_nothing_is_sent(jail, server):
    connections = server.stats()["connections"]
    result = run_in(jail).assert_code(1)
    assert "CA certificates" in result.err and "SSL_CERT_FILE" in result.err, result.explain()
    assert server.stats()["connections"] == connections
