"""The control plane's HTTP client against nginx, plain and over TLS."""

import json
import os
import pathlib
import socket
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROBE = os.environ.get("SLSART_HTTP_PROBE", ROOT / "build/debug/http_probe")

CONFIGURATION = """
USER daemon off; worker_processes 1; pid nginx.pid; error_log stderr;
events { worker_connections 256; }
http {
  access_log off; gzip on; gzip_types text/plain; gzip_min_length 1;
  client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  client_max_body_size 1m; default_type text/plain;
  server {
    listen 127.0.0.1:PLAIN; listen 127.0.0.1:TLS ssl;
    ssl_certificate cert.pem; ssl_certificate_key key.pem;
    location /hello { add_header X-Kind greeting; return 200 "hello"; }
    location /missing { return 404 "not here"; }
    location /cut { return 444; }
    location /file { root .; }
    location /slow { root .; limit_rate 1k; }
  }
}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nginx:
    def __init__(self, folder):
        self.folder = folder
        self.plain, self.tls = free_port(), free_port()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
                       cwd=folder, check=True, capture_output=True)
        (folder / "file").write_text("0123456789" * 20_000)
        (folder / "slow").write_text("x" * 100_000)
        text = CONFIGURATION.replace("PLAIN", str(self.plain)).replace("TLS", str(self.tls))
        text = text.replace("USER", "user root;" if os.geteuid() == 0 else "")
        (folder / "nginx.conf").write_text(text)
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf"],
                                        stderr=subprocess.DEVNULL)
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.plain)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError("nginx did not start")

    def ask(self, method, *paths, flags=(), scheme="http"):
        port = self.plain if scheme == "http" else self.tls
        urls = [path if "://" in path else f"{scheme}://localhost:{port}{path}" for path in paths]
        done = subprocess.run([PROBE, *map(str, flags), method, *urls], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def nginx(tmp_path_factory):
    server = Nginx(tmp_path_factory.mktemp("nginx"))
    yield server
    server.process.terminate()
    server.process.wait(10)


def test_answers_plain_and_over_tls(nginx):
    ca = ["--ca", nginx.folder / "cert.pem"]
    for reply in nginx.ask("GET", "/hello") + nginx.ask("GET", "/hello", scheme="https", flags=ca):
        assert (reply["status"], reply["body"], reply["kind"], reply["problem"]) == (200, "hello", "greeting", "")


def test_errors_are_answers_and_many_go_at_a_time(nginx):
    replies = nginx.ask("GET", *["/hello", "/missing", "/file"] * 50)
    assert [reply["status"] for reply in replies] == [200, 404, 200] * 50
    assert replies[1]["body"] == "not here"
    assert all(reply["body"] == "0123456789" * 20_000 for reply in replies[2::3])


def test_a_certificate_that_nobody_vouches_for_sends_nothing(nginx):
    (reply,) = nginx.ask("POST", "/hello", scheme="https", flags=["--body-bytes", 10])
    assert "not trusted" in reply["problem"] and not reply["arrived"]


def test_a_closed_port_certainly_saw_nothing(nginx):
    (reply,) = nginx.ask("POST", f"http://127.0.0.1:{free_port()}/x")
    assert "refused" in reply["problem"] and not reply["arrived"]


def test_a_cut_connection_may_have_seen_it(nginx):
    (reply,) = nginx.ask("GET", "/cut")
    assert reply["problem"] and reply["arrived"] and reply["status"] == 0


def test_slow_answers_end_at_the_time_limit(nginx):
    (reply,) = nginx.ask("GET", "/slow", flags=["--timeout", 300])
    assert "in time" in reply["problem"] and reply["arrived"]


def test_answers_are_bounded(nginx):
    (reply,) = nginx.ask("GET", "/file", flags=["--limit", 1000])
    assert "too large" in reply["problem"] and reply["body"] == ""


def test_a_body_that_is_refused_half_way_is_an_answer_or_a_failure(nginx):
    (reply,) = nginx.ask("POST", "/hello", flags=["--body-bytes", 3_000_000])
    assert reply["status"] == 413 or reply["problem"]


def test_a_handshake_that_is_over_at_once_is_noticed(nginx):
    """A server on the same machine may answer so quickly that no event follows."""
    for _ in range(15):
        (reply,) = nginx.ask("GET", "/hello", scheme="https", flags=["--ca", nginx.folder / "cert.pem", "--timeout", 3000])
        assert (reply["status"], reply["problem"]) == (200, "")
