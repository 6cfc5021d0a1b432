"""From exec to the first request on the wire: plain http, literal address, first arrival due at 0. The listener
here stamps the moment the request can be read; curl's is shown beside it."""

import json
import socket
import subprocess
import time

import peers
from measure import Failed, figure, pinned

NAME = "first-request"
ACCEPTANCE = "13"
VERSIONS = []
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


def once(context, listener, command):
    started = time.monotonic()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, env=peers.environment(context),
                             preexec_fn=pinned(context.client_core))
    try:
        connection, _ = listener.accept()
        with connection:
            head = connection.recv(65536)
            seen = time.monotonic()
            if not head.startswith(b"GET / HTTP/1.1\r\n"):
                raise Failed(f"the first bytes were {head!r}")
            connection.sendall(ANSWER)
        if child.wait(10) != 0:
            raise Failed(f"{command[0]} ended with {child.returncode}")
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
    return (seen - started) * 1e3


def run(context):
    script = context.folder / "first.json"
    script.write_text(json.dumps(peers.arriving(1, 1, [{"get": {"url": "/"}}])))
    ours, curl = [], []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        listener.settimeout(10)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        for _ in range(max(7, 3 * context.rounds)):
            ours.append(once(context, listener, [str(context.slsart), "run", "-q", str(script), "-t", url]))
            curl.append(once(context, listener, ["curl", "-s", "-o", "/dev/null", url + "/"]))
    print(f"  slsart {sorted(ours)[len(ours) // 2]:.2f} ms, curl {sorted(curl)[len(curl) // 2]:.2f} ms "
          f"({len(ours)} starts each)")
    return {"results": {"slsart_ms": [round(x, 2) for x in ours], "curl_ms": [round(x, 2) for x in curl]},
            "figures": [figure(13, "exec to first request on the wire", "–", ours, 10, False, "ms"),
                        figure(0, "the same of curl", "–", curl, None, False, "ms")]}
