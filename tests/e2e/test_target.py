"""The practice target itself (tests/target): it must be right before it may judge."""

import gzip
import http.client
import json
import signal
import socket
import ssl
import struct
import subprocess
import time
import urllib.request
import zlib

import pytest

import rig


def raw_exchange(target, request, limit_seconds=5):
    """Everything the server sends after `request`, and how the connection ended."""
    with socket.create_connection(("127.0.0.1", target.http_port), timeout=limit_seconds) as connection:
        connection.sendall(request)
        received = b""
        while True:
            try:
                piece = connection.recv(65536)
            except ConnectionResetError:
                return received, "reset"
            except socket.timeout:
                return received, "open"
            if not piece:
                return received, "closed"
            received += piece


def get_raw(target, path, **options):
    return raw_exchange(target, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), **options)


@pytest.mark.parametrize("path, status, body", [
    ("/", 200, b"ok"),
    ("/landing", 200, b"landed GET"),
    ("/text", 200, b"hello world; code=ABC-42; code=DEF-43"),
    ("/status/503", 503, b"status 503"),
    ("/bytes/5", 200, b"xxxxx"),
    ("/delay/20", 200, b"waited 20"),
    ("/nowhere", 404, b"not found"),
    ("/need-header/host/x", 400, b"no"),
    ("/need-cookie/a/1", 403, b"no"),
    ("/basic/u/p", 401, b"out"),
    ("/chunked/2", 200, b"chunk 0\nchunk 1\n"),
    ("/close-delimited/4", 200, b"xxxx"),
    ("/http10", 200, b"old ok"),
    ("/record?index=1", 200, b"ok"),
])
def test_answers_of_paths(target, path, status, body):
    assert target.get(path) == (status, body)


def test_echo_shows_the_request(target):
    connection = http.client.HTTPConnection("127.0.0.1", target.http_port)
    connection.request("POST", "/echo?a=x+y&b=%41", body='q"\n', headers={"X-One": "1", "Cookie": "k=v; l=w"})
    first = json.loads(connection.getresponse().read())
    connection.request("GET", "/echo")
    second = json.loads(connection.getresponse().read())
    connection.close()
    assert first["method"] == "POST" and first["url"] == "/echo?a=x+y&b=%41" and first["path"] == "/echo"
    assert first["query"] == {"a": "x y", "b": "A"} and first["body"] == 'q"\n'
    assert first["headers"]["x-one"] == "1" and "X-One" in first["rawHeaders"]
    assert first["cookies"] == {"k": "v", "l": "w"}
    assert (second["conn"], second["nth"]) == (first["conn"], first["nth"] + 1)


def test_compressed_documents_are_the_json_document(target):
    plain = target.get("/json")[1]
    assert gzip.decompress(target.get("/gzip")[1]) == plain
    assert zlib.decompress(target.get("/deflate")[1]) == plain
    assert json.loads(plain)["nested"]["deep"]["value"] == "treasure"


def test_login_and_need_body(target):
    request = urllib.request.Request(target.url + "/login", data=b'{"x":[1,{"user":0}],"user":"a\\"n","pass":"p"}')
    with urllib.request.urlopen(request) as response:
        assert response.status == 201 and json.loads(response.read()) == {"token": 't-a"n', "user": 'a"n'}
        assert response.headers["x-auth"] == 'h-a"n' and response.headers["set-cookie"].startswith("sid=s-")
    with urllib.request.urlopen(target.url + "/need-body/k%3D7", data=b"k=7") as response:
        assert response.read() == b"yes"


def test_request_in_pieces_and_pipelined(target):
    request = b"POST /mirror HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", target.http_port), timeout=5) as connection:
        for byte in request:
            connection.send(bytes([byte]))
        connection.sendall(b"GET / HTTP/1.1\r\n\r\nHEAD / HTTP/1.1\r\nConnection: close\r\n\r\n")
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.count(b"HTTP/1.1 200") == 3 and b"\r\n\r\nabcHTTP" in received
    assert received.endswith(b"Content-Length: 2\r\nConnection: close\r\n\r\n")


def test_continue_comes_before_the_body(target):
    with socket.create_connection(("127.0.0.1", target.http_port), timeout=5) as connection:
        connection.sendall(b"POST /mirror HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"hi")
        assert connection.recv(1000).endswith(b"\r\n\r\nhi")


def test_interim_answers_come_first(target):
    received, _ = get_raw(target, "/interim/3", limit_seconds=0.5)
    assert received.count(b"HTTP/1.1 103 ") == 3 and received.endswith(b"\r\n\r\nok")


@pytest.mark.parametrize("path, begins, ends", [
    ("/close", b"", "closed"),
    ("/fault/reset", b"", "reset"),
    ("/fault/reset-mid-body", b"HTTP/1.1 200 OK", "reset"),
    ("/fault/bad-status-line", b"HTTP/1.1 2x0", "closed"),
    ("/fault/not-http", b"SSH-", "closed"),
    ("/fault/bad-content-length", b"HTTP/1.1 200 OK", "closed"),
    ("/fault/two-content-lengths", b"HTTP/1.1 200 OK", "closed"),
    ("/fault/bad-chunk", b"HTTP/1.1 200 OK", "closed"),
    ("/fault/early-close-keepalive", b"HTTP/1.1 200 OK", "closed"),
    ("/fault/gzip-lie", b"HTTP/1.1 200 OK", "open"),
    ("/fault/never", b"", "open"),
    ("/hang", b"", "open"),
])
def test_faults_are_what_they_say(target, path, begins, ends):
    received, ended = get_raw(target, path, limit_seconds=0.6)
    assert received.startswith(begins) and ended == ends


def test_what_is_no_http_is_refused_at_once(target):
    assert raw_exchange(target, b"\x16\x03\x01\x00\x05hello")[0].startswith(b"HTTP/1.1 400 ")


def test_slow_body_comes_a_byte_a_second(target):
    started = time.monotonic()
    assert target.get("/fault/slow/2") == (200, b"xx")
    assert time.monotonic() - started > 1.5


def test_endless_headers_do_not_end(target):
    with socket.create_connection(("127.0.0.1", target.http_port), timeout=5) as connection:
        connection.sendall(b"GET /fault/endless-headers HTTP/1.1\r\n\r\n")
        received = 0
        while received < 2_000_000:
            piece = connection.recv(65536)
            assert piece and b"\r\n\r\n" not in piece
            received += len(piece)
    assert target.get("/")[0] == 200


def test_stats_count_what_came(target):
    target.get("/status/404")
    target.get("/echo?x=1")
    target.get("/echo?x=1")
    stats = target.stats()
    assert stats["requests"] == 3 and stats["connections"] == 3 and stats["methods"] == {"GET": 3}
    assert stats["paths"] == {"/status/404": 1, "/echo?x=1": 2} and stats["codes"] == {"404": 1, "200": 2}
    assert stats["sequence"] == ["GET /status/404", "GET /echo?x=1", "GET /echo?x=1"]
    assert stats["max_in_flight"] == 1 and stats["in_flight"] == 0


def test_in_flight_counts_waiting_requests(target):
    waiting = [socket.create_connection(("127.0.0.1", target.http_port)) for _ in range(3)]
    for connection in waiting:
        connection.sendall(b"GET /hang HTTP/1.1\r\n\r\n")
    deadline = time.monotonic() + 10
    while target.stats()["in_flight"] < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert target.stats()["max_in_flight"] == 3
    for connection in waiting:
        connection.close()
    while target.stats()["in_flight"] and time.monotonic() < deadline:
        time.sleep(0.02)
    assert target.stats()["in_flight"] == 0


def test_records_keep_what_requests_say(target):
    target.get("/record?x-index=7&x-due=1500&x-row=ann&x-rand=42")
    request = urllib.request.Request(target.url + "/text", headers={"X-Index": "8", "X-Due": "2500"})
    urllib.request.urlopen(request).read()
    assert [record[:4] for record in target.records()] == [(7, "ann", "42", 1500), (8, None, None, 2500)]
    assert sum(target.get_json("/__records")["seconds"]) == 2


def test_tls_modes(start_target, tmp_path):
    certificate = tmp_path / "cert.pem"
    target = start_target("--write-cert", str(certificate), https=True)
    context = ssl.create_default_context(cafile=certificate)
    with urllib.request.urlopen(target.https_url + "/landing", context=context) as response:
        assert response.read() == b"landed GET"
    for flags, reason in ((("--tls-name", "other.example"), "mismatch"), (("--tls-expired",), "expired")):
        target = start_target(*flags, "--write-cert", str(certificate), https=True)
        context = ssl.create_default_context(cafile=certificate)
        with pytest.raises(Exception, match=reason):
            urllib.request.urlopen(target.https_url + "/", context=context)


def test_fixed_delay_and_one_stall(start_target):
    target = start_target("--delay-ms", "30", "--stall-at", "0.2", "--stall-for", "0.8")
    times = []
    for _ in range(3):
        started = time.monotonic()
        target.get("/")
        times.append(time.monotonic() - started)
        time.sleep(0.25)
    assert min(times) >= 0.03 and times[1] > 0.4 and times[2] < 0.4


def test_threads_share_the_port_and_the_counts(start_target):
    target = start_target("--threads", "2")
    for _ in range(20):
        target.get("/")
    assert target.stats()["requests"] == 20


@pytest.mark.parametrize("flags", [("--bind", "0.0.0.0"), ("--bind", "192.0.2.1"), ("--what",), ("--http", "x"),
                                   ("--cert", "only-this.pem")])
def test_wrong_command_lines_are_refused(flags):
    ended = subprocess.run([rig.target_program(), *flags], capture_output=True, text=True, timeout=10)
    assert ended.returncode == 2 and "--help" in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_on_signals(number):
    target = rig.Target()
    target.process.send_signal(number)
    assert target.process.wait(10) == 0
    target.stop()


def test_ends_by_itself():
    ended = subprocess.run([rig.target_program(), "--http", "0", "--exit-after", "0.2"], capture_output=True,
                           text=True, timeout=30)
    assert ended.returncode == 0 and json.loads(ended.stdout)["http"] > 0


def test_dns_server_answers(dns):
    def ask(name, kind):
        labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
        packet = struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", kind, 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as question:
            question.settimeout(5)
            question.sendto(packet, (dns.address, dns.port))
            answer = question.recv(512)
        return struct.unpack_from("!H", answer, 2)[0] & 15, struct.unpack_from("!H", answer, 6)[0], answer
    assert ask("App.test", 1)[:2] == (0, 1) and ask("app.test", 1)[2].endswith(socket.inet_aton("127.0.0.1"))
    assert ask("app.test", 28)[:2] == (0, 0)
    assert ask("no.such.test", 1)[:2] == (3, 0)
    assert dns.asked == ["app.test", "app.test", "app.test", "no.such.test"]
