"""What is asked: nginx, the practice target, the delay server; each on loopback, on a free port, on the server's
core, for the length of a `with`, ended by its process id."""

import json
import os
import pathlib
import re
import socket
import subprocess
import time
import urllib.request

from measure import BENCH, Failed, pinned, tool

TEXT = "hello from the server of the benches\n"


def json_body():
    """1,024 bytes of JSON as an interface might answer; `$.token` and `$.items[7].id` are in it."""
    items = [{"id": f"item-{i:04d}", "name": "a thing to buy", "price": 19.5 + i, "stock": i * 3} for i in range(12)]
    document = {"token": "b7c1f0d2e4a84f1f", "status": "ok", "items": items, "pad": ""}
    document["pad"] = "p" * (1024 - len(json.dumps(document)))
    return json.dumps(document)


def big_json():
    """About 90 KB: 900 things to buy."""
    return json.dumps({"items": [{"id": f"item-{i:04d}", "name": f"thing {i}", "price": 19.5 + i, "stock": i * 3,
                                  "tags": ["a", "b", "c"]} for i in range(900)]})


def big_page():
    """About 90 KB of HTML that is XML as well."""
    rows = "\n".join(f'<li id="item-{i:04d}" class="item"><h2>thing {i}</h2><a class="buy" href="/buy/{i}">buy now'
                     f"</a></li>" for i in range(950))
    return f'<html><head><title>shop</title></head><body><ul class="items">\n{rows}\n</ul></body></html>\n'


def free_ports(count):
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def make_certificate(folder):
    """cert.pem and key.pem, P-256, unless they are there."""
    if not (folder / "cert.pem").exists():
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True)
    return [folder / "cert.pem", folder / "key.pem"]


class Server:
    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Nginx(Server):
    def __init__(self, context):
        self.context = context

    def __enter__(self):
        folder = self.context.folder / "nginx"
        (folder / "www").mkdir(parents=True, exist_ok=True)
        (folder / "www/index.html").write_text(TEXT)
        (folder / "www/1k.json").write_text(json_body())
        (folder / "www/90k.json").write_text(big_json())
        (folder / "www/90k.html").write_text(big_page())
        make_certificate(folder)
        port, tls_port = free_ports(2)
        text = (BENCH / "nginx.conf").read_text().replace("TLS_PORT", str(tls_port)).replace("PORT", str(port))
        (folder / "nginx.conf").write_text(text)
        self.log = open(folder / "nginx.log", "wb")
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf"],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        preexec_fn=pinned(self.context.server_core))
        self.url, self.tls_url = f"http://127.0.0.1:{port}", f"https://127.0.0.1:{tls_port}"
        for _ in range(100):
            try:
                self.answered()
                return self
            except OSError:
                time.sleep(0.02)
        self.__exit__()
        raise Failed("nginx did not start: " + (folder / "nginx.log").read_text(errors="replace")[-500:])

    def answered(self):
        """Requests nginx has answered so far, this question included."""
        with urllib.request.urlopen(self.url + "/__status", timeout=5) as answer:
            return int(re.search(r"^ *(\d+) +(\d+) +(\d+) *$", answer.read().decode(), re.M).group(3))


class Target(Server):
    """The practice target of the tests."""

    def __init__(self, context, *arguments):
        self.context, self.arguments = context, arguments

    def __enter__(self):
        self.process = subprocess.Popen([self.context.target, "--http", "0", "--with-parent", *self.arguments],
                                        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                                        preexec_fn=pinned(self.context.server_core))
        self.url = f"http://127.0.0.1:{json.loads(self.process.stdout.readline())['http']}"
        return self


class DelayServer(Server):
    """bench/delay_server.cpp: answers after delays of a known distribution and keeps its own record. The same
    seed gives the same delays. With `tls` it speaks TLS, with a certificate nobody knows."""

    def __init__(self, context, delay, seed=1, tls=False):
        self.context, self.file = context, context.folder / "delays.bin"
        self.words = [delay, self.file, str(seed), *(make_certificate(context.folder) if tls else [])]
        self.scheme = "https" if tls else "http"

    def __enter__(self):
        self.file.unlink(missing_ok=True)
        self.process = subprocess.Popen([tool("delay_server"), *self.words],
                                        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                                        preexec_fn=pinned(self.context.server_core))
        self.url = f"{self.scheme}://127.0.0.1:{self.process.stdout.readline().strip()}"
        return self

    def cpu_seconds(self):
        """What the server has used until now."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def record(self):
        """Ends the server and reads what it saw: [(due, arrived, answered)] in nanoseconds; due is -1 where a
        request had no header x-due. It arrived when it reached the kernel (under TLS: when it was read)."""
        self.__exit__()
        import array
        numbers = array.array("q")
        numbers.frombytes(self.file.read_bytes())
        return list(zip(numbers[0::3], numbers[1::3], numbers[2::3]))
