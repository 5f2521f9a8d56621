"""`jobmock serve` as its users meet it: a process, real sockets, signals, and two streams."""

from __future__ import annotations

import json
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
SUMMED = "version: 1\napi: clado\nsummary: {}\nprogression: [{{status: completed}}]\n"
HELD = SUMMED.format("Held.") + "faults: [{operation: status, when: {every: 1}, delay: 60s}]\n"
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
    (place / "own").mkdir()
    (place / "own" / "fine.yaml").write_text(SUMMED.format("Fine."))
    (place / "own" / "failing.yaml").write_text("version: 1\napi: clado\nprogression: [{status: error}]\n")
    (place / "own" / "broken.yaml").write_text(SUMMED.format("Broken.") + "bogus: 1\n")
    return place


@pytest.fixture(scope="module")
def plain(folder: Path) -> Iterator[Served]:
    """A server on its defaults, with every log it can write, as JSON; it must end with 0 and a silent stdout."""
    flags = ("--port-file", folder / "port", "--log-format", "json", "--log-requests")
    with served(*flags) as server:
        yield server
        assert server.end(signal.SIGTERM) == 0
        assert len(server.out.until_end()) == 1, "Nothing but the ready line may be on stdout."


@pytest.fixture(scope="module")
def chosen(folder: Path) -> Iterator[Served]:
    """A server with scenarios by name and by file, a broken file, limits and switches, 60 times faster."""
    flags: tuple[object, ...] = (
        "--scenario", folder / "own" / "fine.yaml", "--scenario", "orbit/failure-absent", "--scenarios", folder / "own",
        "--limits", folder / "limits.yaml", "--switch", "clado.error_as=object", "--switch", "clado.tier=free",
        "--speed", 60,
    )  # fmt: skip
    with served(*flags) as server:
        yield server


def test_ready_line_says_when_and_where(plain: Served, folder: Path) -> None:
    """The one line on stdout is JSON with the address, the process and the version; `--port 0` took a free port."""
    ready = plain.ready
    assert ready == {
        "event": "ready", "url": f"http://127.0.0.1:{ready['port']}", "host": "127.0.0.1", "port": ready["port"],
        "pid": plain.process.pid, "version": jobmock.__version__,
    }  # fmt: skip
    assert ready["port"] > 0
    assert httpx.get(f"{plain.url}/__jobmock/ready").json()["status"] == "ok"


def test_port_file_holds_the_port(plain: Served, folder: Path) -> None:
    """`--port-file` has the port and a line end once the server is ready, and no half-written file is left."""
    assert (folder / "port").read_text() == f"{plain.ready['port']}\n"
    assert list(folder.glob("port?*")) == []


@pytest.mark.parametrize("api", ["clado", "orbit"])
def test_job_is_polled_to_its_end_with_httpx(plain: Served, api: str) -> None:
    """A job that is started over a socket comes to its end by polls alone, without a scenario being named."""
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
def test_job_is_polled_to_its_end_with_what_a_shell_has(plain: Served, api: str) -> None:
    """Plain curl (or urllib where there is none) needs nothing but the base URL and a key."""
    ask = by_curl if shutil.which("curl") else by_urllib
    key = f"{SECRETS[api]}-shell"
    answer = ask(plain.url + JOBS[api], key, STARTS[api])
    url = f"{plain.url}{JOBS[api]}/{answer.get('job_id') or answer['request_id']}"
    seen = [ask(url, key)["status"] for _ in range(8)]
    assert seen[0] not in TERMINAL
    assert seen[-1] == "completed"


def test_log_lines_are_json_and_hold_no_key(plain: Served) -> None:
    """With `--log-format json` stderr is JSON lines; `--log-requests` names paths, with keys cut short."""
    key = SECRETS["clado"]
    with client(plain, key) as http:
        http.get(f"{JOBS['clado']}/{key}", params={"page": 1, "token": key})
        http.get(f"/unknown/{SECRETS['orbit']}")
        http.get("/last-one")
    plain.err.wait_for("/last-one")
    lines = [json.loads(line) for line in plain.err.so_far()]
    assert {tuple(line) for line in lines} == {("time", "level", "logger", "message")}
    messages = [line["message"] for line in lines if line["logger"] == "jobmock.requests"]
    assert f"GET {JOBS['clado']}/lk_… -> 404" in messages
    assert "GET /unknown/sk_orb_… -> 404" in messages
    assert "topsecretkey" not in "".join(plain.err.so_far())


def test_requests_are_not_logged_unless_asked_for(chosen: Served) -> None:
    """Without `--log-requests` an answered request leaves no line on stderr."""
    with client(chosen, "lk_quiet") as http:
        http.get("/nowhere")
        http.get(started(http, "clado"))
    assert not any("GET" in line or "POST" in line for line in chosen.err.so_far())


def test_scenario_by_name_and_by_file_are_the_defaults(chosen: Served) -> None:
    """`--scenario`, once for each API, decides what every job plays."""
    with client(chosen, "lk_default") as http:
        assert http.get(started(http, "clado")).json()["status"] == "completed"
        assert http.get("/__jobmock/jobs").json()[0]["scenario"] == "fine"
    with client(chosen, "sk_orb_default") as http:
        http.get(started(http, "orbit"))
        assert http.get("/__jobmock/jobs").json()[0]["scenario"] == "orbit/failure-absent"


def test_broken_file_is_named_and_the_others_are_served(chosen: Served, folder: Path) -> None:
    """`--scenarios DIR` stands beside the bundled ones; a broken file is on stderr with its line, and not offered."""
    offered = {row["name"]: row["source"] for row in httpx.get(f"{chosen.url}/__jobmock/scenarios").json()}
    assert offered["clado/fine"] == str(folder / "own" / "fine.yaml")
    assert offered["clado/usual"] == "bundled"
    assert "clado/broken" not in offered
    assert f"{folder / 'own' / 'broken.yaml'}:5:1: error: Unknown key" in chosen.err.wait_for("broken.yaml")


def test_limits_file_replaces_the_documented_rate(chosen: Served) -> None:
    """`--limits` allows two starts a minute here: the third is refused, until the faster clock has moved on."""
    with client(chosen, "lk_limited") as http:
        codes = [http.post(JOBS["clado"], json=STARTS["clado"]).status_code for _ in range(3)]
    assert codes == [200, 200, 429]


def test_switch_changes_what_is_served(chosen: Served) -> None:
    """`--switch clado.error_as=object` makes the member `error` of a failed job an object."""
    with client(chosen, "lk_switched--failing") as http:
        body = http.get(started(http, "clado")).raise_for_status().json()
    assert body["status"] == "error"
    assert isinstance(body["error"], dict)


def test_speed_runs_every_clock_faster(chosen: Served) -> None:
    """`--speed 60` makes a namespace's clock scaled, and its minutes take seconds."""
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


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_signal_ends_it_soon_whatever_is_open(folder: Path, number: int, code: int) -> None:
    """SIGTERM ends with 0 and SIGINT with 130, beside an answer held for ever and connections that are kept alive."""
    with served("--clock", "manual", "--scenario", folder / "held.yaml") as server, ExitStack() as stack:
        idle = [stack.enter_context(client(server, "lk_idle")) for _ in range(3)]
        for http in idle:
            http.get("/__jobmock/ready").raise_for_status()
        path = started(idle[0], "clado")
        assert idle[0].get("/__jobmock/clock").json()["mode"] == "manual"
        waiting = stack.enter_context(socket.create_connection(("127.0.0.1", server.ready["port"]), timeout=HANGS))
        waiting.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer lk_idle\r\n\r\n".encode())
        asked(idle[1])
        assert server.end(number) == code
        assert len(server.out.until_end()) == 1
        assert not any("Traceback" in line for line in server.err.until_end())


def asked(http: httpx.Client) -> None:
    """Wait until the server has met a status request."""
    until = time.monotonic() + HANGS
    while not any(row["operation"] == "status" for row in http.get("/__jobmock/journal").json()["exchanges"]):
        assert time.monotonic() < until


def test_second_server_on_a_port_ends_with_3(plain: Served) -> None:
    """A port in use is quoted on stderr; the exit code is 3 and the first server goes on."""
    ran = serve("--port", plain.ready["port"])
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr == f"jobmock: Can't listen on 127.0.0.1:{plain.ready['port']}: Address already in use.\n"
    assert httpx.get(f"{plain.url}/__jobmock/health").status_code == 200


def serve(*flags: object) -> subprocess.CompletedProcess[str]:
    """Run a `jobmock serve` that is to end by itself."""
    command = [sys.executable, "-m", "jobmock", "serve", *map(str, flags)]
    return subprocess.run(command, capture_output=True, text=True, timeout=HANGS, check=False)


REFUSED: dict[str, tuple[Sequence[str], str]] = {
    "speed and clock": (("--speed", "2", "--clock", "manual"), "jobmock: --speed and --clock exclude each other."),
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
    "open to all": (("--host", "0.0.0.0"), "jobmock: '0.0.0.0' can be reached from other machines: "),
    "no address": (("--host", "x.invalid"), "jobmock: 'x.invalid' can be reached from other machines"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_flag_that_cant_be_used_ends_with_2(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong argument or scenario ends the command with a message on stderr before anything is served."""
    monkeypatch.setattr(serving, "serve", lambda *args: 99)
    flags, told = REFUSED[name]
    ran = call(capsys, "serve", "--port", 0, *(flag.format(folder) for flag in flags))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(told.format(folder)), ran.err
    assert "Traceback" not in ran.err


def test_server_beyond_loopback_wants_its_token() -> None:
    """`--host 0.0.0.0` with a token serves the APIs to all, and control calls to those who send the token."""
    with served("--host", "0.0.0.0", env={"JOBMOCK_CONTROL_TOKEN": TOKEN["X-Jobmock-Token"]}) as server:
        url = f"http://127.0.0.1:{server.ready['port']}"
        with httpx.Client(base_url=url, headers=bearer("lk_open"), timeout=HANGS) as http:
            assert server.ready["host"] == "0.0.0.0"
            assert http.get("/__jobmock/health").status_code == http.get("/__jobmock/ready").status_code == 200
            assert http.get(started(http, "clado")).status_code == 200
            assert http.get("/__jobmock/jobs").status_code == 403
            assert http.get("/__jobmock/jobs", headers={"X-Jobmock-Token": "other"}).status_code == 403
            assert len(http.get("/__jobmock/jobs", headers=TOKEN).json()) == 1


def test_watch_reads_changes_and_keeps_the_last_good_version(tmp_path: Path) -> None:
    """`--watch` logs each file that it reads again; a broken one is logged too, and its last good version is served."""
    file = tmp_path / "own.yaml"
    file.write_text(SUMMED.format("One."))

    def summaries() -> list[str]:
        rows = httpx.get(f"{server.url}/__jobmock/scenarios").json()
        return [row["summary"] for row in rows if row["source"] != "bundled"]

    with served("--scenarios", tmp_path, "--watch") as server:
        rewritten(file, SUMMED.format("Two."), lambda: "Two." in summaries())
        server.err.wait_for(f"Read {file} again.")
        file.write_text(SUMMED.format("Three.") + "bogus: 1\n")
        line = server.err.wait_for("(its last good version stays)")
        assert f"{file}:5:1: error: Unknown key 'bogus'." in line
        assert summaries() == ["Two."]
        (tmp_path / "new.yaml").write_text(SUMMED.format("New."))
        server.err.wait_for(f"Read {tmp_path / 'new.yaml'} again.")
        assert summaries() == ["New.", "Two."]
        assert server.end(signal.SIGTERM) == 0


def rewritten(file: Path, text: str, seen: Callable[[], bool]) -> None:
    """Write the file until the change is seen: the server is ready a little before its watcher is."""
    until = time.monotonic() + HANGS
    while not seen():
        assert time.monotonic() < until, f"{file.name} was not read again in {HANGS} s."
        file.write_text(text)
        time.sleep(0.2)


def test_broken_files_are_json_too(folder: Path) -> None:
    """With `--log-format json` a broken scenario file is named in a line that parses like the others."""
    with served("--scenarios", folder / "own", "--log-format", "json") as server:
        line = server.err.wait_for("broken.yaml")
    assert json.loads(line)["level"] == "error"


@pytest.mark.parametrize("fault", ["hang: true", "drip: {bytes: 1, every: 60s}"])
def test_end_beside_an_answer_that_never_comes_to_its_end(tmp_path: Path, fault: str) -> None:
    """SIGTERM beside a hanging or a dripping answer ends with 0 and without a traceback on stderr."""
    file = tmp_path / "slow.yaml"
    file.write_text(SUMMED.format("Slow.") + f"faults: [{{operation: status, when: {{every: 1}}, {fault}}}]\n")
    with served("--scenario", file) as server, client(server, "lk_slow") as http:
        path = started(http, "clado")
        with socket.create_connection(("127.0.0.1", server.ready["port"]), timeout=HANGS) as waiting:
            waiting.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer lk_slow\r\n\r\n".encode())
            asked(http)
            if "drip" in fault:
                assert waiting.recv(16).startswith(b"HTTP/1.1 200")
            assert server.end(signal.SIGTERM) == 0
        assert not any("Traceback" in line for line in server.err.until_end())


def test_jumping_clock_makes_nobody_wait(folder: Path) -> None:
    """With `--clock jumping` an answer held for a minute comes at once, and the namespace's clock has moved on."""
    with served("--clock", "jumping", "--scenario", folder / "held.yaml") as server, client(server, "lk_jump") as http:
        assert http.get(started(http, "clado")).json()["status"] == "completed"
        clock = http.get("/__jobmock/clock").json()
    assert (clock["mode"], clock["elapsed"]) == ("jumping", 60)


def test_watched_file_reaches_defaults_and_open_keys(tmp_path: Path) -> None:
    """An edited file is what `--scenario` and open keys play for new jobs; a running job keeps its version."""
    file = tmp_path / "own.yaml"
    file.write_text(SUMMED.format("One."))

    def summaries() -> list[str]:
        rows = httpx.get(f"{server.url}/__jobmock/scenarios").json()
        return [row["summary"] for row in rows if row["source"] != "bundled"]

    flags = ("--scenarios", tmp_path, "--watch", "--scenario", "clado/own")
    with served(*flags) as server, client(server, "lk_default") as default, client(server, "lk_key--own") as named:
        running = [(http, started(http, "clado")) for http in (default, named)]
        changed = SUMMED.format("Two.").replace("completed", "error")
        rewritten(file, changed, lambda: summaries() == ["Two."])
        for http, path in running:
            assert http.get(path).json()["status"] == "completed"
            assert http.get(started(http, "clado")).json()["status"] == "error"
