"""A service of the emulated Lambda in a folder of the test's own, without a deploy: for tests of the service."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

import rig

FUNCTION = "load-dev-loadGenerator"

# A function in Python: a runtime client written down from the documentation of the Runtime API, so that the service is
# not only tested by our own. What it does is said by the event; "boot" files say how it starts.
BOOTSTRAP = r'''#!PYTHON
import http.client, json, os, sys, time, subprocess
host = os.environ["AWS_LAMBDA_RUNTIME_API"]
base = "/2018-06-01/runtime"
def call(method, path, body=None, headers={}):
    connection = http.client.HTTPConnection(host)
    connection.request(method, base + path, body, headers)
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()
def error(kind, message):
    return json.dumps({"errorMessage": message, "errorType": kind, "stackTrace": []})
boot = open("boot").read().strip() if os.path.exists("boot") else ""
if boot == "exit": sys.exit(9)
if boot == "error":
    call("POST", "/init/error", error("Boot.Failed", "no start"), {"Lambda-Runtime-Function-Error-Type": "Boot.Failed"})
    sys.exit(1)
if boot == "slow-once":
    mark = os.path.join(os.environ["TMPDIR"], "started")
    if not os.path.exists(mark):
        open(mark, "w").close()
        time.sleep(60)
served = 0
while True:
    status, headers, body = call("GET", "/invocation/next")
    if status != 200: sys.exit(3)
    event, request = json.loads(body), headers["Lambda-Runtime-Aws-Request-Id"]
    what = event.get("do", "echo") if isinstance(event, dict) else "echo"
    served += 1
    print("serving", request, what, flush=True)
    result = event
    if what == "sleep": time.sleep(event["seconds"])
    if what == "exit": sys.exit(event["status"])
    if what == "environment": result = dict(os.environ, cwd=os.getcwd(), served=served)
    if what == "count":
        with open(event["file"], "a") as file: file.write(event.get("mark", request) + "\n")
        result = {"served": served, "pid": os.getpid()}
    if what == "deadline": result = {"left": int(headers["Lambda-Runtime-Deadline-Ms"]) / 1000 - time.time(),
                                     "arn": headers["Lambda-Runtime-Invoked-Function-Arn"]}
    if what == "memory":
        hoard = b"x" * (event["mb"] << 20)
        time.sleep(20)
    if what == "large":
        status, _, answer = call("POST", f"/invocation/{request}/response", "x" * 6_300_000)
        print("large:", status, flush=True)
        continue
    if what == "twice":
        wrong = call("POST", "/invocation/none/response", "{}")[0]
        call("POST", f"/invocation/{request}/response", "{}")
        print("answers:", wrong, call("POST", f"/invocation/{request}/response", "{}")[0], flush=True)
        continue
    if what == "child":
        child = subprocess.Popen(["sleep", "300"])
        result = {"child": child.pid}
    if what == "fail":
        call("POST", f"/invocation/{request}/error", error("Own.Error", event["message"]),
             {"Lambda-Runtime-Function-Error-Type": "Own.Error"})
        if event.get("file"): open(event["file"], "a").write("failed\n")
        continue
    call("POST", f"/invocation/{request}/response", json.dumps(result))
'''


class Emulated:
    """The service, its files and its API."""

    def __init__(self, folder, boot="", bootstrap=None, **members):
        self.folder = pathlib.Path(folder) / "state"
        code = self.folder / "code" / "1"
        code.mkdir(parents=True)
        if bootstrap is None:
            (code / "bootstrap").write_text(BOOTSTRAP.replace("PYTHON", sys.executable))
            (code / "bootstrap").chmod(0o755)
        else:
            bootstrap(code)
        if boot:
            (code / "boot").write_text(boot)
        spec = {"service": "load", "stage": "dev", "region": "us-east-1", "function": FUNCTION, "memoryMb": 128,
                "timeoutMs": 30_000, "environment": {"OWN": "1"}, "schedules": [], "topics": []}
        spec.update(members.pop("spec", {}))
        self.deployed = {"spec": spec, "token": "token-1", "code": str(code), "changedMs": 1_700_000_000_000,
                         "maxRetries": 0, "maxAgeMs": 60_000, "isFenced": False, "accountConcurrency": 1000,
                         "inherited": {"PATH": os.environ["PATH"]}, **members}
        self.write_deployment()
        self.start()

    def write_deployment(self):
        (self.folder / "deployment.json").write_text(json.dumps(self.deployed))

    def start(self):
        self.process = subprocess.Popen([rig.slsart_program(), "emulated-lambda", "--state", str(self.folder)],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        assert line == "ready\n", line
        record = json.loads((self.folder / "service.json").read_text())
        self.url, self.key, self.pid = f"http://127.0.0.1:{record['port']}", record["keyId"], record["pid"]

    def faults(self, **faults):
        (self.folder / "faults.json").write_text(json.dumps(faults))

    def request(self, method, path, body=None, headers=(), key=None):
        """(status, headers, body as bytes)."""
        sent = {"Authorization": f"Bearer {key or self.key}", **dict(headers)}
        request = urllib.request.Request(self.url + path, body, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def invoke(self, event, kind="RequestResponse", headers=()):
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        return self.request("POST", f"/2015-03-31/functions/{FUNCTION}/invocations", body,
                            {"X-Amz-Invocation-Type": kind, **dict(headers)})

    def call(self, event):
        status, headers, body = self.invoke(event)
        assert status == 200 and "X-Amz-Function-Error" not in headers, (status, body)
        return json.loads(body)

    def status(self):
        return json.loads(self.request("GET", "/slsart/status")[2])

    def logs(self):
        return "".join(path.read_text() for path in sorted((self.folder / "logs").glob("2*.log")))

    def service_log(self):
        return (self.folder / "logs" / "service.log").read_text()

    def aws(self, *arguments, check=True):
        """The real command line of AWS, talking to the service; its answer."""
        environment = {"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": "x",
                       "AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": "/nonexistent", "HOME": str(self.folder),
                       "AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true"}
        done = subprocess.run(["/usr/bin/aws", "--endpoint-url", self.url, "--output", "json", *map(str, arguments)],
                              capture_output=True, text=True, env=environment, timeout=60)
        if check:
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout) if done.stdout.strip() else None
        return done

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def await_that(condition, seconds=20, every=0.02):
    """What the condition says when it holds; an AssertionError when it does not in time."""
    latest = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < latest, condition
        time.sleep(every)


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
