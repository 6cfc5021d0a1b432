"""Faulty targets: every failure is counted under its right name, the run ends on time, nothing crashes."""

import socket

import pytest

import rig
from rig import make_script

TIMEOUT_SECONDS = 2
USERS = 3


def run_fault(slsart, url, flow=None, **config):
    script = make_script(url, flow or [{"get": {"url": "/"}}], http={"timeout": TIMEOUT_SECONDS}, **config)
    result = slsart.run(script, limit_seconds=60).assert_code(0)
    assert result.counter("vusers.created") == USERS
    # "On time": a run that waits for what never comes is ten times as long.
    assert result.seconds < 10 * TIMEOUT_SECONDS, result.explain()
    rig.assert_report_adds_up(result)
    return result


def assert_all_fail(result, name):
    assert result.errors == {name: USERS}, result.explain()
    assert result.counter("vusers.failed") == USERS and result.counter("vusers.completed") == 0


@pytest.mark.parametrize("path, name", [
    ("/close", "ECONNRESET"),
    ("/fault/reset", "ECONNRESET"),
    ("/fault/reset-mid-body", "ECONNRESET"),
    ("/fault/never", "ETIMEDOUT"),
    ("/fault/slow/60", "ETIMEDOUT"),
    ("/fault/endless-headers", "HPE_HEADER_OVERFLOW"),
    ("/fault/bad-status-line", "HPE_INVALID_STATUS"),
    ("/fault/not-http", "HPE_INVALID_CONSTANT"),
    ("/fault/bad-header", "HPE_INVALID_HEADER_TOKEN"),
    ("/fault/bad-content-length", "ECONNRESET"),
    ("/fault/cut-chunk", "ECONNRESET"),
    ("/fault/content-length-text", "HPE_INVALID_CONTENT_LENGTH"),
    ("/fault/two-content-lengths", "HPE_UNEXPECTED_CONTENT_LENGTH"),
    ("/fault/bad-chunk", "HPE_INVALID_CHUNK_SIZE"),
    ("/fault/gzip-lie", "Z_DATA_ERROR"),
])
def test_fault_has_its_name(slsart, target, path, name):
    # A body is only unpacked for someone who reads it.
    get = {"url": path, "capture": {"regexp": "x", "as": "x", "strict": False}}
    assert_all_fail(run_fault(slsart, target.url, [{"get": get}]), name)


def test_an_endless_redirect_stops_after_eleven_answers(slsart, target):
    result = run_fault(slsart, target.url, [{"get": {"url": "/fault/redirect-loop"}}])
    assert_all_fail(result, "ERR_TOO_MANY_REDIRECTS")
    assert result.counter("http.codes.302") == 11 * USERS


def test_a_body_cut_short_is_an_answer_and_an_error(slsart, target):
    result = run_fault(slsart, target.url, [{"get": {"url": "/fault/bad-content-length"}}])
    assert result.counter("http.codes.200") == USERS
    assert_all_fail(result, "ECONNRESET")


def test_a_connection_closed_while_idle_is_opened_again(slsart, target):
    flow = [{"get": {"url": "/fault/early-close-keepalive"}}, {"think": "300ms"}, {"get": {"url": "/"}}]
    result = run_fault(slsart, target.url, flow)
    assert result.errors == {} and result.counter("vusers.completed") == USERS
    assert target.stats()["connections"] == 2 * USERS


def test_connection_refused(slsart):
    assert_all_fail(run_fault(slsart, f"http://127.0.0.1:{rig.free_port()}"), "ECONNREFUSED")


def test_a_connection_that_is_never_accepted_times_out(slsart):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        full = [socket.socket() for _ in range(8)]  # fills the backlog, so that later ones wait
        for waiting in full:
            waiting.setblocking(False)
            waiting.connect_ex(silent.getsockname())
        result = run_fault(slsart, f"http://127.0.0.1:{silent.getsockname()[1]}")
        for waiting in full:
            waiting.close()
    assert_all_fail(result, "ETIMEDOUT")


def test_a_name_that_does_not_exist(slsart, dns):
    script = make_script("http://no-such-host.test", [{"get": {"url": "/"}}])
    result = slsart.run(script, env={"SLSART_DNS_SERVERS": dns.endpoint}, limit_seconds=60).assert_code(0)
    assert_all_fail(result, "ENOTFOUND")
    assert "no-such-host.test" in dns.asked


def test_a_name_server_that_is_silent(slsart):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        script = make_script("http://app.test", [{"get": {"url": "/"}}], http={"timeout": TIMEOUT_SECONDS})
        env = {"SLSART_DNS_SERVERS": f"127.0.0.1:{silent.getsockname()[1]}"}
        result = slsart.run(script, env=env, limit_seconds=60).assert_code(0)
    assert sum(result.errors.values()) == USERS and set(result.errors) <= {"ETIMEDOUT", "EAI_AGAIN"}, result.explain()
    assert result.seconds < 10 * TIMEOUT_SECONDS


def test_self_signed_certificate(slsart, target):
    assert_all_fail(run_fault(slsart, target.https_url), "DEPTH_ZERO_SELF_SIGNED_CERT")


@pytest.mark.parametrize("flags, name", [
    (("--tls-name", "other.example"), "ERR_TLS_CERT_ALTNAME_INVALID"),
    (("--tls-expired",), "CERT_HAS_EXPIRED"),
    ((), None),
])
def test_trusted_certificate_that_is_wrong(slsart, start_target, flags, name):
    certificate = slsart.folder / "cert.pem"
    target = start_target(*flags, "--write-cert", str(certificate), https=True)
    result = run_fault(slsart, target.https_url, tls={"ca": "cert.pem"})
    if name:
        assert_all_fail(result, name)
    else:
        assert result.counter("vusers.completed") == USERS, result.explain()


def test_tls_to_a_plain_port(slsart, target):
    assert_all_fail(run_fault(slsart, f"https://127.0.0.1:{target.http_port}"), "EPROTO")


def test_faults_and_good_answers_do_not_disturb_each_other(slsart, target):
    paths = ["/", "/close", "/fault/never", "/fault/not-http", "/fault/reset-mid-body", "/status/500"]
    script = {"config": {"target": target.url, "phases": [{"duration": 2, "arrivalRate": 60}],
                         "http": {"timeout": TIMEOUT_SECONDS}},
              "scenarios": [{"name": path, "flow": [{"get": {"url": path}}]} for path in paths]}
    result = slsart.run(script, limit_seconds=60).assert_code(0)
    rig.assert_report_adds_up(result)
    by_path = {path: result.counter(f"vusers.created_by_name.{path}") for path in paths}
    assert sum(by_path.values()) == 120
    assert result.counter("vusers.completed") == by_path["/"] + by_path["/status/500"], result.explain()
    assert result.errors == {name: count for name, count in {
        "ECONNRESET": by_path["/close"] + by_path["/fault/reset-mid-body"], "ETIMEDOUT": by_path["/fault/never"],
        "HPE_INVALID_CONSTANT": by_path["/fault/not-http"]}.items() if count}


def test_no_certificates_to_check_with_is_said_before_the_load(slsart, target):
    path = slsart.write(make_script(f"https://127.0.0.1:{target.https_port}", [{"get": {"url": "/"}}]))
    result = slsart.call("run", path, env={"SSL_CERT_FILE": "/no/such/bundle.pem"}).assert_code(1)
    assert "/no/such/bundle.pem" in result.err and "hint" in result.err, result.explain()
    assert target.stats()["connections"] == 0
