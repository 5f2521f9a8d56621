"""`jobmock serve` as a process: real sockets, signals, stdout and stderr."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import httpx
import pytest
from tests.support import HANGS, JOBS, STARTS, Served, call, served

import jobmock
from jobmock.server import serving

TERMINAL = {"completed", "failed", "error", "cancelled"}
SCENARIO = "version: 1\napi: clado\nsummary: {}\nprogression: [{{status: completed}}]\n"
HELD = SCENARIO.format("Held.") + "faults: [{operation: status, when: {every: 1}, delay: 60s}]\n"
SECRETS = {"clado": "lk_topsecretkey", "orbit": "sk_orb_topsecretkey"}
TOKEN = {"X-Jobmock-Token": "t0ken"}


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def client(server: Served, key: str, **more: Any) -> httpx.Client:
    return httpx.Client(base_url=server.url, headers=bearer(key), timeout=HANGS, **more)


def started(http: httpx.Client, api: str) -> str:
    """Start a job of the API and return its path."""
    answer = http.post(JOBS[api], json=STARTS[api]).raise_for_status().json()
    return f"{JOBS[api]}/{answer.get('job_id') or answer['request_id']}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files for the flags that take one."""
    place = tmp_path_factory.mktemp("serve")
    (place / "held.yaml").write_text(HELD)
    (place / "limits.yaml").write_text("clado:\n  start: {requests: 2, seconds: 60}\n")
    (place / "bad-limits.yaml").write_text("clado:\n  start: {requests: 2, seconds: 60}\n  strat: {requests: 1}\n")
    (place / "unknown-api.yaml").write_text("orbit: {}\nclaod:\n  start: {requests: 2, seconds: 60}\n")
    (place / "list.yaml").write_text("- 1\n")
    (place / "link").symlink_to(place / "held.yaml")
    (place / "own").mkdir()
    (place / "own" / "fine.yaml").write_text(SCENARIO.format("Fine."))
    (place / "own" / "failing.yaml").write_text("version: 1\napi: clado\nprogression: [{status: error}]\n")
    (place / "own" / "broken.yaml").write_text(SCENARIO.format("Broken.") + "bogus: 1\n")
    return place


@pytest.fixture(scope="module")
def plain(folder: Path) -> Iterator[Served]:
    """A server with default settings and all logs as JSON; it must exit with 0 and print one line only."""
    flags = ("--port-file", folder / "port", "--log-format", "json", "--log-requests")
    with served(*flags) as server:
        yield server
        assert server.end(signal.SIGTERM) == 0
        assert len(server.out.until_end()) == 1, "Nothing but the ready line may be on stdout."


@pytest.fixture(scope="module")
def chosen(folder: Path) -> Iterator[Served]:
    """A server with scenarios by name and by file, a broken file, limits and switches, at 60 times the speed."""
    flags: tuple[object, ...] = (
        "--scenario", folder / "own" / "fine.yaml", "--scenario", "orbit/failure-absent", "--scenarios", folder / "own",
        "--limits", folder / "limits.yaml", "--switch", "clado.error_as=object", "--switch", "clado.tier=free",
        "--speed", 60,
    )  # fmt: skip
    with served(*flags) as server:
        yield server


def test_the_ready_line(plain: Served, folder: Path) -> None:
    """The line on stdout is JSON with the address, the process and the version; `--port 0` takes a free port."""
    ready = plain.ready
    assert ready == {
        "event": "ready", "url": plain.url, "control_url": plain.url, "host": "127.0.0.1", "port": ready["port"],
        "pid": plain.process.pid, "version": jobmock.__version__,
    }  # fmt: skip
    assert ready["port"] > 0 and plain.url == f"http://127.0.0.1:{ready['port']}"
    assert httpx.get(f"{plain.url}/__jobmock/ready").json()["status"] == "ok"


def test_port_file_holds_the_port(plain: Served, folder: Path) -> None:
    """The file of `--port-file` has the port when the server is ready, and no temporary file is left."""
    assert (folder / "port").read_text() == f"{plain.ready['port']}\n"
    assert list(folder.glob("port?*")) == []


@pytest.mark.parametrize("api", ["clado", "orbit"])
def test_job_is_polled_to_its_end_with_httpx(plain: Served, api: str) -> None:
    """A job is started over a socket and polled to its end, without naming a scenario."""
    with client(plain, SECRETS[api]) as http:
        path = started(http, api)
        seen = [http.get(path).raise_for_status().json()["status"] for _ in range(10)]
    assert seen[0] not in TERMINAL
    assert seen[-1] == "completed"


def by_curl(url: str, key: str, body: Any = None) -> Any:
    more = ["-H", "Content-Type: application/json", "-d", json.dumps(body)] if body is not None else []
    command = ["curl", "-sS", "-H", f"Authorization: Bearer {key}", *more, url]
    return json.loads(subprocess.run(command, capture_output=True, timeout=HANGS, check=True).stdout)


def by_urllib(url: str, key: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, {**bearer(key), "content-type": "application/json"}), timeout=HANGS) as answer:
        return json.load(answer)


@pytest.mark.parametrize("api", ["clado", "orbit"])
def test_job_is_polled_to_its_end_with_curl(plain: Served, api: str) -> None:
    """curl, or urllib if there is no curl, needs only the base URL and a key."""
    ask = by_curl if shutil.which("curl") else by_urllib
    key = f"{SECRETS[api]}-shell"
    answer = ask(plain.url + JOBS[api], key, STARTS[api])
    url = f"{plain.url}{JOBS[api]}/{answer.get('job_id') or answer['request_id']}"
    seen = [ask(url, key)["status"] for _ in range(8)]
    assert seen[0] not in TERMINAL
    assert seen[-1] == "completed"


REQUEST_FIELDS = ("namespace", "api", "operation", "job", "status", "step", "fault", "held", "milliseconds")


def test_log_lines_are_json_and_hold_no_key(plain: Served) -> None:
    """With `--log-format json`, stderr has JSON lines; `--log-requests` logs paths with shortened keys, and notes."""
    key = SECRETS["clado"]
    with client(plain, key) as http:
        http.get(f"{JOBS['clado']}/{key}", params={"page": 1, "token": key})
        http.get(f"/unknown/{SECRETS['orbit']}")
        http.get("/api/credit")
        http.get("/last-one")
    plain.err.wait_for("/last-one")
    lines = [json.loads(line) for line in plain.err.so_far()]
    plain_members = ("time", "level", "logger", "message")
    assert {tuple(line) for line in lines if line["logger"] != "jobmock.requests"} <= {plain_members}
    requests = [line for line in lines if line["logger"] == "jobmock.requests"]
    assert {tuple(line) for line in requests} == {(*plain_members, *REQUEST_FIELDS)}
    messages = [line["message"] for line in requests]
    assert f"GET {JOBS['clado']}/lk_… -> 404" in messages
    assert any(message.startswith("GET /unknown/sk_orb_… -> 404") for message in messages)
    assert "GET /api/credit -> 404 (no such route; the nearest is GET /api/credits)" in messages
    assert "topsecretkey" not in "".join(plain.err.so_far())


def test_requests_are_not_logged_by_default(chosen: Served) -> None:
    """Without `--log-requests`, requests aren't logged."""
    with client(chosen, "lk_quiet") as http:
        http.get("/nowhere")
        http.get(started(http, "clado"))
    assert not any("GET" in line or "POST" in line for line in chosen.err.so_far())


def test_scenario_by_name_and_by_file_are_the_defaults(chosen: Served) -> None:
    """`--scenario`, once for each API, sets the scenario of all jobs."""
    with client(chosen, "lk_default") as http:
        assert http.get(started(http, "clado")).json()["status"] == "completed"
        assert http.get("/__jobmock/jobs").json()["jobs"][0]["scenario"] == "fine"
    with client(chosen, "sk_orb_default") as http:
        http.get(started(http, "orbit"))
        assert http.get("/__jobmock/jobs").json()["jobs"][0]["scenario"] == "orbit/failure-absent"


def test_a_broken_file_is_named_and_the_others_are_served(chosen: Served, folder: Path) -> None:
    """`--scenarios DIR` adds scenarios; a broken file is named on stderr with its line, and has no API."""
    listed = httpx.get(f"{chosen.url}/__jobmock/scenarios").json()
    offered = {row["name"]: row["source"] for row in listed if row["api"]}
    assert offered["clado/fine"] == str(folder / "own" / "fine.yaml")
    assert offered["clado/usual"] == "bundled"
    assert "clado/broken" not in offered
    assert f"{folder / 'own' / 'broken.yaml'}:5:1: error: Unknown key" in chosen.err.wait_for("broken.yaml")


def test_limits_file_replaces_the_documented_rate(chosen: Served) -> None:
    """With two starts per minute in the file of `--limits`, the third start gets a 429."""
    with client(chosen, "lk_limited") as http:
        codes = [http.post(JOBS["clado"], json=STARTS["clado"]).status_code for _ in range(3)]
    assert codes == [200, 200, 429]


def test_switch_changes_what_is_served(chosen: Served) -> None:
    """With `--switch clado.error_as=object`, the member `error` of a failed job is an object."""
    with client(chosen, "lk_switched--failing") as http:
        body = http.get(started(http, "clado")).raise_for_status().json()
    assert body["status"] == "error"
    assert isinstance(body["error"], dict)


def test_speed_runs_every_clock_faster(chosen: Served) -> None:
    """With `--speed 60`, the clock of a namespace is scaled and runs 60 times as fast."""
    with client(chosen, "lk_fast") as http:
        moments = [time.monotonic()]
        first = http.get("/__jobmock/clock").json()
        moments += [time.monotonic()]
        time.sleep(0.1)
        moments += [time.monotonic()]
        last = http.get("/__jobmock/clock").json()
        moments += [time.monotonic()]
    assert (first["mode"], first["speed"]) == ("scaled", 60)
    least, most = moments[2] - moments[1], moments[3] - moments[0]
    assert 60 * least - 0.01 <= last["now"] - first["now"] <= 60 * most + 0.01


def test_end_logs_the_closed_namespaces_of_the_last_minute(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the server ends, it logs how many namespaces were closed since the last line about that."""

    def serve(first: Any, *rest: Any) -> int:
        monkeypatch.setattr(first.app._service.namespaces, "_most", 1)
        for number in range(4):
            first.app._service.namespaces.open("clado", f"lk_{number}", None)
        return 0

    monkeypatch.setattr(serving, "serve", serve)
    lines = call(capsys, "serve", "--port", 0).err.splitlines()
    counts = [line.partition("More than 1 namespaces: ")[2].partition(" namespaces")[0] for line in lines]
    assert counts == ["closed the 1", "closed the 2"]


@pytest.mark.parametrize(("flags", "speed"), [(("--time", "scaled"), 1000), (("--time", "scaled", "--speed", 7), 7)])
def test_scaled_time(flags: Sequence[object], speed: int) -> None:
    """`--time scaled` is a thousand times as fast, as in tests, unless `--speed` says another factor."""
    with served(*flags) as server, client(server, "lk_scaled") as http:
        clock = http.get("/__jobmock/clock").json()
    assert (clock["mode"], clock["speed"]) == ("scaled", speed)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_exit_codes_of_signals(folder: Path, number: int, code: int) -> None:
    """It exits with 0 at SIGTERM and 130 at SIGINT, despite an unfinished answer and open connections."""
    with served("--time", "manual", "--scenario", folder / "held.yaml") as server, ExitStack() as stack:
        idle = [stack.enter_context(client(server, "lk_idle")) for _ in range(3)]
        for http in idle:
            http.get("/__jobmock/ready").raise_for_status()
        path = started(idle[0], "clado")
        assert idle[0].get("/__jobmock/clock").json()["mode"] == "manual"
        waiting = stack.enter_context(socket.create_connection(("127.0.0.1", server.ready["port"]), timeout=HANGS))
        waiting.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer lk_idle\r\n\r\n".encode())
        wait_for_status_request(idle[1])
        assert server.end(number) == code
        assert len(server.out.until_end()) == 1
        assert not any("Traceback" in line for line in server.err.until_end())


def wait_for_status_request(http: httpx.Client) -> None:
    """Wait until a status request is in the journal."""
    until = time.monotonic() + HANGS
    while not any(row["operation"] == "status" for row in http.get("/__jobmock/journal").json()["exchanges"]):
        assert time.monotonic() < until


def test_second_server_on_a_port_ends_with_3(plain: Served) -> None:
    """If the port is in use, the command names it on stderr and exits with 3; the first server goes on."""
    ran = serve("--port", plain.ready["port"])
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr == f"jobmock: Can't listen on 127.0.0.1:{plain.ready['port']}: Address already in use.\n"
    assert httpx.get(f"{plain.url}/__jobmock/health").status_code == 200


def serve(*flags: object) -> subprocess.CompletedProcess[str]:
    """Run a `jobmock serve` command that ends by itself."""
    command = [sys.executable, "-m", "jobmock", "serve", *map(str, flags)]
    return subprocess.run(command, capture_output=True, text=True, timeout=HANGS, check=False)


REFUSED: dict[str, tuple[Sequence[str], str]] = {
    "speed and time": (("--speed", "2", "--time", "manual"), "jobmock: --speed is for --time scaled alone"),
    "speed below zero": (("--speed", "-1"), "jobmock: A scaled clock's speed is above 0"),
    "speed of zero": (("--speed", "0"), "jobmock: A scaled clock's speed is above 0"),
    "speed that is no number": (("--speed", "nan"), "jobmock: A scaled clock's speed is above 0"),
    "two scenarios of an api": (
        ("--scenario", "clado/usual", "--scenario", "{}/held.yaml"),
        "jobmock: --scenario names two scenarios of clado: 'clado/usual' and 'held'.",
    ),
    "unknown scenario": (
        ("--scenario", "clado/usul"),
        "jobmock: There is no scenario 'clado/usul'. Did you mean 'clado/usual'? `jobmock list` shows them all.",
    ),
    "missing scenario file": (("--scenario", "{}/none.yaml"), "{}/none.yaml:1:1: error: There is no such file."),
    "broken scenario file": (("--scenario", "{}/own/broken.yaml"), "{}/own/broken.yaml:5:1: error: Unknown key"),
    "watch without a folder": (("--watch",), "jobmock: --watch reads the folders of --scenarios again"),
    "strict": (("--scenarios", "{}/own", "--strict"), "ERROR jobmock: {}/own/broken.yaml:5:1: error: Unknown key"),
    "missing folder": (("--scenarios", "{}/none"), "jobmock: '{}/none' is not a folder with scenarios."),
    "unknown operation": (("--limits", "{}/bad-limits.yaml"), "{}/bad-limits.yaml:3:3: error: "),
    "unknown api": (("--limits", "{}/unknown-api.yaml"), "{}/unknown-api.yaml:2:1: error: Unknown api 'claod'."),
    "limits as a list": (("--limits", "{}/list.yaml"), "{}/list.yaml:1:1: error: "),
    "missing limits": (("--limits", "{}/none.yaml"), "{}/none.yaml:1:1: error: There is no such file."),
    "switch without a value": (("--switch", "clado.tier"), "jobmock: 'clado.tier' is not a switch."),
    "switch of no api": (("--switch", "claod.tier=free"), "jobmock: 'claod.tier=free' is not a switch."),
    "unknown switch": (("--switch", "clado.teir=free"), "--switch clado.teir=free#/switches/teir: error: "),
    "wrong value": (("--switch", "clado.tier=rich"), "--switch clado.tier=rich#/switches/tier: error: "),
    "port file: folder": (("--port-file", "{}"), "jobmock: --port-file '{}' is no regular file."),
    "port file: device": (("--port-file", "/dev/null"), "jobmock: --port-file '/dev/null' is no regular file."),
    "port file: link": (("--port-file", "{}/link"), "jobmock: --port-file '{}/link' is no regular file."),
    "open to all": (("--host", "0.0.0.0"), "jobmock: '0.0.0.0' can be reached from other machines: "),
    "empty token": (("--control-token", ""), "jobmock: --control-token is empty. Give a text, or leave it out."),
    "one port": (("--port", "8087", "--control-port", "8087"), "jobmock: --port and --control-port are both 8087"),
    "host with a port": (("--control-host", "mock:1"), "jobmock: --control-host is 'mock:1'. Allowed: a name without"),
    "no address": (("--host", "x.invalid"), "jobmock: 'x.invalid' can be reached from other machines"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_arguments(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong argument or scenario exits with 2 and a message on stderr, before anything is served."""
    monkeypatch.setattr(serving, "serve", lambda *args: 99)
    flags, message = REFUSED[name]
    ran = call(capsys, "serve", "--port", 0, *(flag.format(folder) for flag in flags))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(message.format(folder)), ran.err
    assert "Traceback" not in ran.err


def test_a_server_beyond_loopback_needs_a_token() -> None:
    """`--host 0.0.0.0` with a token serves the APIs to all, and the control API only with the token."""
    with served("--host", "0.0.0.0", env={"JOBMOCK_CONTROL_TOKEN": TOKEN["X-Jobmock-Token"]}) as server:
        url = f"http://127.0.0.1:{server.ready['port']}"
        with httpx.Client(base_url=url, headers=bearer("lk_open"), timeout=HANGS) as http:
            assert server.ready["host"] == "0.0.0.0"
            assert http.get("/__jobmock/health").status_code == http.get("/__jobmock/ready").status_code == 200
            assert http.get(started(http, "clado")).status_code == 200
            assert http.get("/__jobmock/jobs").status_code == 403
            assert http.get("/__jobmock/jobs", headers={"X-Jobmock-Token": "other"}).status_code == 403
            assert len(http.get("/__jobmock/jobs", headers=TOKEN).json()["jobs"]) == 1


def test_watch_reads_changes_and_keeps_the_last_good_version(tmp_path: Path) -> None:
    """`--watch` logs each file that it reads again; of a broken file, the last valid version is served."""
    file = tmp_path / "own.yaml"
    file.write_text(SCENARIO.format("One."))

    def summaries() -> list[str]:
        rows = httpx.get(f"{server.url}/__jobmock/scenarios").json()
        return [row["summary"] for row in rows if row["source"] != "bundled"]

    with served("--scenarios", tmp_path, "--watch") as server:
        rewrite(file, SCENARIO.format("Two."), lambda: "Two." in summaries())
        server.err.wait_for(f"Read {file} again.")
        file.write_text(SCENARIO.format("Three.") + "bogus: 1\n")
        line = server.err.wait_for("(its last good version stays)")
        assert f"{file}:5:1: error: Unknown key 'bogus'." in line
        assert summaries() == ["Two."]
        (tmp_path / "new.yaml").write_text(SCENARIO.format("New."))
        server.err.wait_for(f"Read {tmp_path / 'new.yaml'} again.")
        assert summaries() == ["New.", "Two."]
        assert server.end(signal.SIGTERM) == 0


def rewrite(file: Path, text: str, seen: Callable[[], bool]) -> None:
    """Write the file again until the change is seen, because the server is ready a little before its watcher."""
    until = time.monotonic() + HANGS
    while not seen():
        assert time.monotonic() < until, f"{file.name} was not read again in {HANGS} s."
        file.write_text(text)
        time.sleep(0.2)


def test_broken_files_are_json_too(folder: Path) -> None:
    """With `--log-format json`, the line about a broken scenario file is JSON too."""
    with served("--scenarios", folder / "own", "--log-format", "json") as server:
        line = server.err.wait_for("broken.yaml")
    assert json.loads(line)["level"] == "error"


@pytest.mark.parametrize("fault", ["hang: true", "drip: {bytes: 1, every: 60s}"])
def test_sigterm_during_an_endless_answer(tmp_path: Path, fault: str) -> None:
    """At SIGTERM during a hanging or dripping answer, it exits with 0 and without a traceback."""
    file = tmp_path / "slow.yaml"
    file.write_text(SCENARIO.format("Slow.") + f"faults: [{{operation: status, when: {{every: 1}}, {fault}}}]\n")
    with served("--scenario", file) as server, client(server, "lk_slow") as http:
        path = started(http, "clado")
        with socket.create_connection(("127.0.0.1", server.ready["port"]), timeout=HANGS) as waiting:
            waiting.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer lk_slow\r\n\r\n".encode())
            wait_for_status_request(http)
            if "drip" in fault:
                assert waiting.recv(16).startswith(b"HTTP/1.1 200")
            assert server.end(signal.SIGTERM) == 0
        assert not any("Traceback" in line for line in server.err.until_end())


def test_skip_delays(folder: Path) -> None:
    """With `--time skip-delays`, an answer with a delay of a minute comes at once, and the clock moves by a minute."""
    with served("--time", "skip-delays", "--scenario", folder / "held.yaml") as server, client(server, "lk_s") as http:
        assert http.get(started(http, "clado")).json()["status"] == "completed"
        clock = http.get("/__jobmock/clock").json()
    assert clock["mode"] == "skip-delays" and clock["elapsed"] >= 60


def test_a_watched_file_is_used_for_new_jobs(tmp_path: Path) -> None:
    """New jobs of the default scenario and of open keys play the edited file; running jobs keep the old version."""
    file = tmp_path / "own.yaml"
    file.write_text(SCENARIO.format("One."))

    def summaries() -> list[str]:
        rows = httpx.get(f"{server.url}/__jobmock/scenarios").json()
        return [row["summary"] for row in rows if row["source"] != "bundled"]

    flags = ("--scenarios", tmp_path, "--watch", "--scenario", "clado/own")
    with served(*flags) as server, client(server, "lk_default") as default, client(server, "lk_key--own") as named:
        running = [(http, started(http, "clado")) for http in (default, named)]
        changed = SCENARIO.format("Two.").replace("completed", "error")
        rewrite(file, changed, lambda: summaries() == ["Two."])
        for http, path in running:
            assert http.get(path).json()["status"] == "completed"
            assert http.get(started(http, "clado")).json()["status"] == "error"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="This system has no /dev/full.")
@pytest.mark.parametrize(("stdout", "reason"), [(">&-", "it is closed"), (">/dev/full", "No space left on device")])
def test_a_stdout_that_cant_be_written_to(stdout: str, reason: str) -> None:
    """Where stdout is closed or full, the log has the ready line; the server serves, and ends with 0."""
    command = f'exec "{sys.executable}" -m jobmock serve --port 0 {stdout}'
    with subprocess.Popen(["sh", "-c", command], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        told, _, ready = line.partition(": {")
        assert told == f"WARNING jobmock: The ready line can't be written to stdout ({reason})"
        assert httpx.get(f"{json.loads('{' + ready)['url']}/__jobmock/health").status_code == 200
        process.terminate()
        assert (process.wait(HANGS), process.stderr.read()) == (0, "")
