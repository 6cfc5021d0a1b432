"""The emulated Lambda as its callers and its functions see it (docs/emulated.md)."""

import base64
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

import rig
from emulated import FUNCTION, Emulated, await_that, is_running

NAME = f"/2015-03-31/functions/{FUNCTION}"


@pytest.fixture
def start(tmp_path):
    started = []

    def start_service(**options):
        started.append(Emulated(tmp_path / str(len(started)), **options))
        return started[-1]

    yield start_service
    for service in started:
        service.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    service = Emulated(tmp_path_factory.mktemp("emulated"))
    yield service
    service.stop()


# -- Invoke

def test_invoke_returns_what_the_function_answers(shared):
    status, headers, body = shared.invoke({"a": [1, "ü"]})
    assert status == 200 and json.loads(body) == {"a": [1, "ü"]}
    assert headers["X-Amz-Executed-Version"] == "$LATEST" and headers["x-amzn-RequestId"]
    assert "X-Amz-Function-Error" not in headers


def test_log_tail_and_logs(shared):
    status, headers, _ = shared.invoke({"do": "echo"}, headers={"X-Amz-Log-Type": "Tail"})
    tail = base64.b64decode(headers["X-Amz-Log-Result"]).decode()
    request = headers["x-amzn-RequestId"]
    lines = tail.splitlines()
    assert lines[0] == f"START RequestId: {request} Version: $LATEST"
    assert lines[1] == f"serving {request} echo"
    assert lines[2] == f"END RequestId: {request}"
    assert lines[3].startswith(f"REPORT RequestId: {request}\tDuration: ") and "Memory Size: 128 MB" in lines[3]
    for line in lines:
        assert line in shared.logs()


def test_errors_of_the_function_are_answers_with_a_mark(shared):
    status, headers, body = shared.invoke({"do": "fail", "message": "broken"})
    assert (status, headers["X-Amz-Function-Error"]) == (200, "Unhandled")
    assert json.loads(body) == {"errorMessage": "broken", "errorType": "Own.Error", "stackTrace": []}


def test_a_process_that_ends_is_an_error_and_the_next_event_finds_a_new_one(shared):
    status, headers, body = shared.invoke({"do": "exit", "status": 3})
    assert (status, headers["X-Amz-Function-Error"]) == (200, "Unhandled")
    error = json.loads(body)
    assert error["errorType"] == "Runtime.ExitError" and "exit status 3" in error["errorMessage"]
    assert shared.call("next") == "next"


def test_requests_that_are_wrong(shared):
    assert shared.invoke(b"{no json")[0] == 400
    assert shared.invoke({}, kind="Later")[0] == 400
    assert shared.invoke({}, kind="DryRun")[0] == 204
    status, headers, _ = shared.request("POST", "/2015-03-31/functions/other/invocations", b"{}")
    assert (status, headers["x-amzn-ErrorType"]) == (404, "ResourceNotFoundException")
    assert shared.request("POST", f"/2015-03-31/functions/arn:aws:lambda:us-east-1:0:function:{FUNCTION}:$LATEST"
                          "/invocations", b"1")[2] == b"1"
    assert shared.request("GET", "/else")[0] == 404


def test_payloads_are_limited(shared):
    large = json.dumps("x" * 6_291_455).encode()
    assert len(large) == 6_291_457
    status, headers, _ = shared.invoke(large)
    assert (status, headers["x-amzn-ErrorType"]) == (413, "RequestTooLargeException")
    assert shared.invoke(json.dumps("x" * 2_000_000).encode())[0] == 200
    assert shared.invoke(json.dumps("x" * 2_000_000).encode(), kind="Event")[0] == 413
    assert shared.invoke(b'"' + b"x" * 9_000_000 + b'"')[0] == 413
    status, headers, body = shared.invoke({"do": "large"})
    assert headers["X-Amz-Function-Error"] == "Unhandled"
    assert json.loads(body)["errorType"] == "Function.ResponseSizeTooLarge"


def test_only_who_knows_the_key_is_served(shared):
    for headers in ({"Authorization": "Bearer AKIAWRONG"}, {"Authorization": ""},
                    {"Authorization": f"AWS4-HMAC-SHA256 Credential=AKIA/{shared.key}/x"}):
        status, answer, _ = shared.request("GET", "/slsart/status", headers=headers)
        assert (status, answer["x-amzn-ErrorType"]) == (403, "UnrecognizedClientException")


def test_it_listens_on_loopback_only(shared):
    addresses = set()
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and int(fields[1].split(":")[1], 16) == int(shared.url.rsplit(":", 1)[1]):
            addresses.add(fields[1].split(":")[0])
    assert addresses == {"0100007F"}
    assert (shared.folder / "service.json").stat().st_mode & 0o077 == 0


# -- sandboxes

def test_the_environment_is_lambdas(shared):
    os.environ["SLSART_TEST_LEAK"] = "1"
    try:
        seen = shared.call({"do": "environment"})
    finally:
        del os.environ["SLSART_TEST_LEAK"]
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == FUNCTION and seen["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128"
    assert seen["OWN"] == "1" and seen["SLSART_DEPLOYMENT_TOKEN"] == "token-1" and seen["TZ"] == ":UTC"
    assert seen["cwd"] == seen["LAMBDA_TASK_ROOT"] == shared.deployed["code"]
    assert seen["SLSART_STORE"] == f"folder:{shared.folder}/store"
    assert "SLSART_TEST_LEAK" not in seen and "HOME" not in seen
    assert seen["TMPDIR"].startswith(str(shared.folder))


def test_sandboxes_are_used_again_and_frozen_between_events(shared, tmp_path):
    first = shared.call({"do": "count", "file": str(tmp_path / "events")})
    second = shared.call({"do": "count", "file": str(tmp_path / "events")})
    assert second["pid"] == first["pid"] and second["served"] == first["served"] + 1
    await_that(lambda: "T" in pathlib.Path(f"/proc/{first['pid']}/stat").read_text().split()[2])


def test_events_at_the_same_time_get_sandboxes_of_their_own(shared):
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(shared.call({"do": "sleep", "seconds": 0.5})))
               for _ in range(4)]
    for thread in threads:
        thread.start()
    await_that(lambda: shared.status()["active"] == 4)
    for thread in threads:
        thread.join()
    assert len(seen) == 4 and shared.status()["active"] == 0


def test_the_deadline_is_told(shared):
    seen = shared.call({"do": "deadline"})
    assert 28 < seen["left"] <= 30.01
    assert seen["arn"] == f"arn:aws:lambda:us-east-1:000000000000:function:{FUNCTION}"


def test_an_event_is_answered_once_and_by_its_id(shared):
    status, _, body = shared.invoke({"do": "twice"})
    assert (status, body) == (200, b"{}")
    await_that(lambda: "answers: 400 403" in shared.logs())


def test_over_time_it_is_killed(start):
    service = start(spec={"timeoutMs": 700})
    status, headers, body = service.invoke({"do": "sleep", "seconds": 30})
    assert (status, headers["X-Amz-Function-Error"]) == (200, "Unhandled")
    assert "Task timed out after 0.70 seconds" in json.loads(body)["errorMessage"]
    assert "Task timed out after 0.70 seconds" in service.logs()
    assert service.call("next") == "next"


def test_over_memory_it_is_killed(start):
    service = start()
    status, headers, body = service.invoke({"do": "memory", "mb": 200})
    assert headers["X-Amz-Function-Error"] == "Unhandled" and json.loads(body)["errorType"] == "Runtime.OutOfMemory"


@pytest.mark.parametrize("boot, kind, message", [("exit", "Runtime.ExitError", "exit status 9"),
                                                 ("error", "Boot.Failed", "no start")])
def test_a_start_that_fails_fails_the_event(start, boot, kind, message):
    service = start(boot=boot)
    status, headers, body = service.invoke({})
    assert (status, headers["X-Amz-Function-Error"]) == (200, "Unhandled")
    error = json.loads(body)
    assert error["errorType"] == kind and message in error["errorMessage"]
    assert service.status()["active"] == 0


def test_a_bootstrap_that_cannot_be_executed(start):
    service = start(bootstrap=lambda code: (code / "bootstrap").write_text("no program"))
    error = json.loads(service.invoke({})[2])
    assert error["errorType"] == "Runtime.InvalidEntrypoint"
    assert "cannot be executed" in service.logs()


# -- concurrency

def test_reserved_concurrency_throttles(start):
    service = start(spec={"reservedConcurrency": 1})
    slow = threading.Thread(target=service.invoke, args=({"do": "sleep", "seconds": 1},))
    slow.start()
    await_that(lambda: service.status()["active"] == 1)
    status, headers, body = service.invoke({})
    assert (status, headers["x-amzn-ErrorType"], headers["Retry-After"]) == (429, "TooManyRequestsException", "1")
    assert json.loads(body)["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    slow.join()
    assert service.invoke({})[0] == 200


def test_the_accounts_concurrency_throttles(start):
    service = start()
    service.faults(accountConcurrency=1)
    await_that(lambda: service.status()["atOnce"] == 1)
    slow = threading.Thread(target=service.invoke, args=({"do": "sleep", "seconds": 1},))
    slow.start()
    await_that(lambda: service.status()["active"] == 1)
    assert json.loads(service.invoke({})[2])["Reason"] == "ConcurrentInvocationLimitExceeded"
    slow.join()


def test_a_fence_lets_nothing_start_and_gives_back_what_was(start):
    service = start(spec={"reservedConcurrency": 5})
    assert service.request("POST", "/slsart/fence", b'{"closed":true}')[0] == 200
    assert service.invoke({})[0] == 429
    assert json.loads(service.request("GET", NAME.replace("2015-03-31", "2019-09-30") + "/concurrency")[2]) == {
        "ReservedConcurrentExecutions": 0}
    assert service.request("POST", "/slsart/fence", b'{"closed":false}')[0] == 200
    assert service.status()["atOnce"] == 5 and service.invoke({})[0] == 200


# -- asynchronous events

def lines_of(path):
    return path.read_text().split() if path.exists() else []


def test_events_run_once_each(start, tmp_path):
    service, file = start(), tmp_path / "events"
    for i in range(5):
        status, _, body = service.invoke({"do": "count", "file": str(file), "mark": f"m{i}"}, kind="Event")
        assert (status, body) == (202, b"")
    await_that(lambda: len(lines_of(file)) == 5)
    await_that(lambda: service.status()["active"] == 0)
    assert sorted(lines_of(file)) == [f"m{i}" for i in range(5)]


def test_faults_are_made_on_demand(start, tmp_path):
    service, file = start(), tmp_path / "events"
    service.faults(duplicateEvery=2, loseEvery=5)
    for i in range(1, 6):
        assert service.invoke({"do": "count", "file": str(file), "mark": f"m{i}"}, kind="Event")[0] == 202
    await_that(lambda: len(lines_of(file)) == 6)
    assert sorted(lines_of(file)) == ["m1", "m2", "m2", "m3", "m4", "m4"]
    service.faults(delayEvery=1, delayMs=1500)
    began = time.monotonic()
    service.invoke({"do": "count", "file": str(file), "mark": "late"}, kind="Event")
    await_that(lambda: "late" in lines_of(file))
    assert time.monotonic() - began > 1.4
    service.faults(loseAnswerEvery=1)
    with pytest.raises((ConnectionError, OSError)):
        service.invoke({"do": "count", "file": str(file), "mark": "unanswered"}, kind="Event")
    await_that(lambda: "unanswered" in lines_of(file))


def test_failed_events_are_tried_again_as_configured(start, tmp_path):
    service, file = start(maxRetries=2), tmp_path / "events"
    service.faults(minuteMs=100)
    service.invoke({"do": "fail", "message": "m", "file": str(file)}, kind="Event")
    await_that(lambda: "failed" in service.service_log())
    assert lines_of(file) == ["failed"] * 3
    # Not at all, as deployed.
    service.request("PUT", NAME.replace("2015-03-31", "2019-09-25") + "/event-invoke-config",
                    b'{"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}')
    file.unlink()
    service.invoke({"do": "fail", "message": "m", "file": str(file)}, kind="Event")
    await_that(lambda: service.service_log().count("failed:") == 2)
    assert lines_of(file) == ["failed"]


def test_throttled_events_wait_and_old_ones_are_dropped(start, tmp_path):
    service, file = start(spec={"reservedConcurrency": 0}, maxAgeMs=1200), tmp_path / "events"
    service.invoke({"do": "count", "file": str(file), "mark": "dropped"}, kind="Event")
    assert service.status()["queued"] == 1
    await_that(lambda: "was dropped" in service.service_log())
    service.invoke({"do": "count", "file": str(file), "mark": "waited"}, kind="Event")
    service.request("DELETE", NAME.replace("2015-03-31", "2017-10-31") + "/concurrency")
    await_that(lambda: lines_of(file) == ["waited"])


# -- the service's own life

def test_its_end_is_the_end_of_its_sandboxes_and_their_children(start):
    for stop in (lambda service: service.request("POST", "/slsart/end"),
                 lambda service: service.process.terminate(),
                 lambda service: service.process.kill(),
                 lambda service: shutil.rmtree(service.folder)):
        service = start()
        sandbox = service.call({"do": "count", "file": os.devnull})["pid"]
        busy = threading.Thread(target=lambda: pytest.raises(OSError, service.invoke, {"do": "sleep", "seconds": 60}))
        busy.start()
        await_that(lambda: service.status()["active"] == 1)
        stop(service)
        service.process.wait(10)
        await_that(lambda: not is_running(sandbox))
        busy.join()


def test_a_service_that_was_replaced_ends(start):
    service = start()
    record = json.loads((service.folder / "service.json").read_text())
    (service.folder / "service.json").write_text(json.dumps({**record, "keyId": "AKIAOTHER"}))
    service.process.wait(10)


def test_a_child_of_the_function_ends_with_it(start):
    service = start(spec={"timeoutMs": 1500})
    child = service.call({"do": "child"})["child"]
    assert is_running(child)
    service.invoke({"do": "sleep", "seconds": 30})
    await_that(lambda: not is_running(child))


def test_a_new_deployment_gets_new_sandboxes(start, tmp_path):
    service = start()
    old = service.call({"do": "environment"})
    service.deployed["token"] = "token-2"
    service.write_deployment()
    service.request("POST", "/slsart/reload")
    new = service.call({"do": "environment"})
    assert new["SLSART_DEPLOYMENT_TOKEN"] == "token-2" and new["served"] == 1
    assert old["SLSART_DEPLOYMENT_TOKEN"] == "token-1"


def test_garbage_does_not_harm_it(shared):
    port = int(shared.url.rsplit(":", 1)[1])
    for garbage in (b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 1000, b"A" * 100_000):
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.settimeout(10)
            try:
                client.sendall(garbage)
                client.shutdown(socket.SHUT_WR)
                client.recv(1000)
            except OSError:
                pass
    assert shared.call("fine") == "fine"


# -- our own executor

def test_our_own_bootstrap_serves_events(start):
    service = start(bootstrap=lambda code: (code / "bootstrap").symlink_to(rig.slsart_program()),
                    spec={"memoryMb": 512})
    status, headers, body = service.invoke({"nothing": "we know"})
    assert status == 200 and json.loads(body) is not None
