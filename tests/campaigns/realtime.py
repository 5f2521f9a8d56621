"""One client in real and in virtual time: it sends the same requests at the same times, to a tenth of a second.

Each scenario lasts 1 to 3 seconds. In real time four run at once, each with its own thread and server.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any

import httpx
from tests.campaigns.reporting import Report, scaled
from tests.support import JOBS, scenario

from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND, Clock
from jobmock.engine.namespace import Namespaces
from jobmock.server.app import create_app
from jobmock.server.listeners import Host
from jobmock.service.service import Service
from jobmock.virtual import virtual_time

SCENARIOS = 20
_TOLERANCE = 0.1
_LONGEST = 12
_KEY = {"Authorization": "Bearer lk_realtime"}
Trace = list[tuple[str, str, float]]


def _short(seconds: float, *faults: Any) -> Any:
    """Return a scenario of a job that takes so many seconds, with faults of its status requests."""
    scripts = [{"when": {"request": number}, **fault} for number, fault in enumerate(faults, 1) if fault]
    step = {"status": "searching", "after": {"seconds": seconds}}
    return scenario("clado", step, "completed", **({"faults": scripts} if scripts else {}))


_LIMITED = {"respond": {"status": 429, "headers": {"Retry-After": "1"}, "body": {}}}
_HANG = {"hang": True}


def _delay(milliseconds: int) -> dict[str, str]:
    return {"delay": f"{milliseconds}ms"}


def _drip(milliseconds: int) -> dict[str, Any]:
    return {"drip": {"bytes": 150, "every": f"{milliseconds}ms"}}


PLAYED: list[tuple[str, Any, float, float]] = [
    ("steady", _short(1), 0.4, 1),
    ("steady and long", _short(2), 0.4, 1),
    ("growing", _short(2), 0.2, 1.7),
    ("growing fast", _short(2.5), 0.2, 3),
    ("delay", _short(1, None, _delay(250)), 0.4, 1),
    ("delays", _short(1.5, _delay(150), _delay(250), _delay(200)), 0.4, 1),
    ("delay too long", _short(1, _delay(700)), 0.4, 1),
    ("delays too long", _short(1.5, _delay(700), _delay(700)), 0.4, 1),
    ("delay and growth", _short(2, _delay(250), None, _delay(250)), 0.2, 1.7),
    ("hang", _short(1, _HANG), 0.4, 1),
    ("hangs", _short(1.5, _HANG, _HANG), 0.4, 1),
    ("hang at last", _short(1, None, None, _HANG), 0.4, 1),
    ("hang and growth", _short(2, None, _HANG), 0.2, 1.7),
    ("refused", _short(1.2, _LIMITED), 0.4, 1),
    ("refused later", _short(1.5, None, _LIMITED), 0.4, 1),
    ("refused twice", _short(2.2, _LIMITED, _LIMITED), 0.4, 1),
    ("drip", _short(1, _drip(100)), 0.4, 1),
    ("drip and delay", _short(1.3, _drip(100), _delay(250)), 0.4, 1),
    ("drip too slow", _short(1, _drip(600)), 0.4, 1),
    ("everything", _short(2.5, _delay(250), _HANG, _LIMITED, _drip(100)), 0.3, 1.3),
]


def poll(url: str, interval: float, growth: float) -> None:
    """Poll a job to its end with a growing interval, respect Retry-After, and go on after timeouts."""
    with httpx.Client(base_url=url, headers=_KEY, timeout=0.3, trust_env=False) as client:
        job = client.post(JOBS["clado"], json={"query": "x"}).json()["job_id"]
        for _ in range(60):
            wait = interval
            with suppress(httpx.TimeoutException):
                answer = client.get(f"{JOBS['clado']}/{job}")
                if answer.status_code == 429:
                    wait = float(answer.headers["retry-after"])
                elif answer.json()["status"] == "completed":
                    return
                else:
                    interval *= growth
            time.sleep(wait)


def play(catalogue: Catalogue, played: tuple[str, Any, float, float], virtual: bool) -> Trace:
    """Serve one scenario to the client; return its requests with their times, in seconds from the first."""
    clock = Clock("manual" if virtual else "real")
    plan = catalogue.resolve(played[1], "clado")
    service = Service(catalogue, Namespaces(clock=lambda: clock), plans={"clado": plan})
    host = Host()
    listener = host.open(create_app(service))
    try:
        settings: dict[str, Any] = {
            "wait_until_idle": host.settle, "ports": {listener.port}, "server_sockets": host.ends,
        }  # fmt: skip
        with virtual_time(clock, **settings) if virtual else nullcontext():
            poll(listener.url, played[2], played[3])
    finally:
        host.end()
    (space,) = service.namespaces
    began = next(iter(space.journal)).at
    return [(one.method, one.path.rpartition("/")[0], (one.at - began) / SECOND) for one in space.journal]


def _run_in_threads(jobs: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=job, daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_LONGEST)


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, catalogue = Report("realtime"), Catalogue()
    chosen = PLAYED[: scaled(SCENARIOS, fraction)]
    real: dict[str, Trace] = {}
    for first in range(0, len(chosen), 4):
        _run_in_threads([
            lambda one=one: real.__setitem__(one[0], play(catalogue, one, virtual=False))  # type: ignore[misc]
            for one in chosen[first : first + 4]
        ])  # fmt: skip
    began, farthest, requests = time.monotonic(), 0.0, 0
    for one in chosen:
        virtual, other = play(catalogue, one, virtual=True), real.get(one[0], [])
        same = [row[:2] for row in virtual] == [row[:2] for row in other]
        if report.check(same, "other requests", f"{one[0]}: {other} in real, {virtual} in virtual time"):
            difference = max(abs(here[2] - there[2]) for here, there in zip(virtual, other, strict=True))
            farthest = max(farthest, difference)
            report.check(difference <= _TOLERANCE, "other times", f"{one[0]}: {other} in real, {virtual} in virtual")
        requests += len(virtual)
    took = time.monotonic() - began
    lasted = sum(trace[-1][2] for trace in real.values() if trace)
    return report.end(
        f"{len(chosen)} scenarios, {requests} requests; at most {farthest * 1000:.0f} ms apart; "
        f"{lasted:.1f} real seconds took {took:.2f} in virtual time"
    )
