"""Signals under load: a server ends within two seconds and without a traceback, and a recorder keeps its files."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random

import httpx
from tests.campaigns.hostile.requests import control, request
from tests.campaigns.hostile.server_watch import ServerWatch
from tests.support import HANGS, JOBS, STARTS, Served, scenario, served

from jobmock.catalogue import load_plan
from jobmock.checking.readers import open_recording
from jobmock.errors import JobmockError

MOST_SECONDS = 2.0
_SLACK = 0.7
"""Seconds that the signal's way and the end of the process take, in addition to what they wait for a processor."""
CODES = {signal.SIGTERM: 0, signal.SIGINT: 130, signal.SIGHUP: -signal.SIGHUP}
_KEY = "lk_signal"
_FAULTS: Mapping[str, dict[str, object]] = {
    "a drip": {"drip": {"bytes": 1, "every": 0}}, "a slow drip": {"drip": {"bytes": 1, "every": "1h"}},
    "half an answer": {"disconnect": "mid_body"}, "a hanging answer": {"hang": True}, "a delay": {"delay": "1h"},
    "a whole answer": {},
}  # fmt: skip
LOADS: Mapping[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "half a head": lambda: b"GET /x HTTP/1.1\r\nHost: 127",
    "half a body": lambda: request("POST", JOBS["clado"], _KEY, b"{", ("Content-Length", "100"), length=False),
    "half a control call": lambda: control("PUT", "scenario", _KEY, b"{" * 100)[:-50],
    "a chunk without an end": lambda: request(
        "POST", JOBS["clado"], _KEY, b"fff\r\n{", ("Transfer-Encoding", "chunked"), length=False
    ),
    "starts": lambda: request("POST", JOBS["clado"], _KEY, json.dumps(STARTS["clado"]).encode()) * 500,
    "control reads": lambda: control("GET", "journal") * 100,
    "a large scenario": lambda: control("PUT", "scenario", _KEY, json.dumps({"scenario": _steps()}).encode()),
    **{name: lambda name=name: request("GET", f"{JOBS['clado']}/{_id(name)}", _KEY) * 3 for name in _FAULTS},  # type: ignore[misc]
}  # fmt: skip


def _id(name: str) -> str:
    return name.replace(" ", "-")


def _steps() -> dict[str, object]:
    return scenario("clado", *[{"status": "searching", "body": {f"x{n}": n for n in range(50)}}] * 150, "completed")


def end_under_load(seed: int, number: int, folder: Path) -> tuple[str, list[str]]:
    """End a server with a signal while clients of several kinds are there; return what was done, and what is wrong."""
    rng = Random(f"{seed} {number}")
    which = list(CODES)[number % len(CODES)]
    loads = rng.sample(sorted(LOADS), 4)
    shown = f"{which.name} while clients have {', '.join(loads)}"
    with served(cwd=folder) as server, ExitStack() as clients:
        _make_jobs(server)
        for load in loads * 10:
            clients.enter_context(_client(server, LOADS[load]()))
        time.sleep(rng.uniform(0, 0.3))
        took, code = _seconds_to_end(server, which)
        logged = server.err.until_end()
    wrong = [] if code == CODES[which] else [f"the exit code is {code}, not {CODES[which]}"]
    wrong += [f"it took {took:.1f} s to end, without its waits for a processor"] if took > MOST_SECONDS + _SLACK else []
    bad = [line for line in logged if "Traceback" in line or "Error" in line or "ancel" in line]
    return shown, wrong + ([f"it logged: {' | '.join(bad)[:400]}"] if bad else [])


def _seconds_to_end(server: Served, number: signal.Signals) -> tuple[float, int]:
    """Send a signal. Returns the seconds to the end, without waits for a processor, and the exit code."""
    watch = ServerWatch(server.process.pid)
    before = waited = watch.waited()
    began = time.monotonic()
    server.process.send_signal(number)
    while server.process.poll() is None and time.monotonic() < began + HANGS:
        try:
            waited = max(waited, watch.waited())
        except OSError:
            break
        time.sleep(0.01)
    code = server.process.wait(HANGS)
    return time.monotonic() - began - (waited - before), code


def _make_jobs(server: Served) -> None:
    headers = {"authorization": f"Bearer {_KEY}"}
    with httpx.Client(base_url=f"{server.url}/__jobmock/", headers=headers, trust_env=False, timeout=HANGS) as client:
        for name, fault in _FAULTS.items():
            faults = [{"when": {"every": 1}, **fault}] if fault else []
            played = scenario("clado", "completed", results={"count": 1_000}, faults=faults)
            client.post("jobs", json={"scenario": played, "id": _id(name)}).raise_for_status()


def _client(server: Served, sent: bytes) -> socket.socket:
    """Return a connection on which a request was sent; its answer isn't read."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", server.ready["port"]))
    client.settimeout(0.05)
    with suppress(TimeoutError):  # the server reads no more before its answers are read
        client.sendall(sent)
    return client


def kill_a_recorder(seed: int, number: int, folder: Path) -> tuple[str, list[str]]:
    """Kill a recorder with SIGKILL in the middle of an answer, check its files, and record on in the same folder."""
    rng, output = Random(f"{seed} {number}"), folder / f"recorded-{number}"
    wrong = list[str]()
    with served("--scenario", f"clado/{rng.choice(('usual', 'dripping', 'thousand'))}", cwd=folder) as live:
        for turn in range(2):
            lines = folder / f"recorded-{number}-{turn}.jsonl"
            flags = ("--api", "clado", "--output", output, "--exchanges", lines)
            with served(*flags, "--to", live.url, by="record") as recorder, _http(recorder) as client:
                job = client.post(JOBS["clado"], json=STARTS["clado"]).raise_for_status().json()["job_id"]
                polls = rng.randrange(1, 9)
                for _ in range(polls):
                    client.get(f"{JOBS['clado']}/{job}")
                with client.stream("GET", f"{JOBS['clado']}/{job}"):
                    recorder.process.kill()
                    recorder.process.wait(HANGS)
            wrong += _broken(output, lines, answered=1 + polls)
    return "kill -9 of record, twice in the same folder", wrong


def _http(recorder: Served) -> httpx.Client:
    headers = {"Authorization": "Bearer lk_recorded"}
    return httpx.Client(base_url=recorder.url, headers=headers, timeout=HANGS, trust_env=False)


def _broken(output: Path, lines: Path, *, answered: int) -> list[str]:
    """Return what is wrong with the files that a killed recorder has left."""
    wrong = []
    try:
        kept = sum(1 for _ in open_recording(lines).exchanges)
        if not answered <= kept <= answered + 1:
            wrong.append(f"{kept} exchanges are on disk after {answered} answers")
        for path in output.glob("*.yaml"):
            load_plan(path, path.stem)
    except JobmockError as error:
        wrong.append(f"a file can't be read: {error}")
    return wrong
