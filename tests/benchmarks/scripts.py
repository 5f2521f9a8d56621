"""How many scripts per second `jobmock exhaust` can play on one core, with minimal clients."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import lru_cache, partial
from statistics import median
from typing import Any

import click
import httpx
import orjson

from jobmock.strategies.runner import ClientRunner
from jobmock.strategies.scripts import script_plan, scripts

_SYMBOLS = ("pending", "searching", "processing", "429", "503", "reset")
_LENGTH, _ROUNDS = 4, 5
_LEAST = {"direct": 1_500, "httpx": 250}
"""Scripts a second that each kind of client should reach."""
_ENDS = ("completed", "error", "cancelled")
_PATH = "/api/search/deep_research"


def direct(url: str, api_key: str, job_id: str, transport: Any) -> Any:
    """Poll on the transport itself, and send the same request object again and again."""
    return _poll(partial(transport.handle_request, _request(url, api_key, job_id)))


@lru_cache
def _request(url: str, api_key: str, job_id: str) -> httpx.Request:
    """Return the request of a job; the job of each script has the same id."""
    return httpx.Request("GET", f"{url}{_PATH}/{job_id}", headers={"Authorization": f"Bearer {api_key}"})


def with_httpx(url: str, api_key: str, job_id: str, transport: Any) -> Any:
    """Poll with a client of httpx."""
    headers = {"Authorization": f"Bearer {api_key}"}
    with httpx.Client(transport=transport, base_url=url, headers=headers) as client:
        return _poll(lambda: client.get(f"{_PATH}/{job_id}"))


def _poll(ask: Callable[[], httpx.Response]) -> Any:
    errors = 0
    while True:
        try:
            answer = ask()
        except httpx.TransportError:
            errors += 1
            time.sleep(5 * 2**errors)
            continue
        if answer.status_code == 200 and (body := orjson.loads(answer.read()))["status"] in _ENDS:
            return body
        time.sleep(float(answer.headers.get("retry-after", 5)))


def run() -> dict[str, float]:
    """Print and return the scripts per second of processor time. Raises SystemExit if a client is too slow."""
    kinds = {"direct": direct, "httpx": with_httpx}
    all_scripts = list(scripts("clado", _SYMBOLS, _LENGTH))
    rounds: dict[str, list[float]] = {name: [] for name in kinds}
    with click.progressbar(range(_ROUNDS), label="Rounds", file=sys.stderr, hidden=not sys.stderr.isatty()) as shown:
        for number in shown:
            part = all_scripts[number::_ROUNDS]
            for name, client in kinds.items():
                rounds[name].append(_speed(client, part))
    figures: dict[str, float] = {f"scripts a second, {name}": round(median(speeds)) for name, speeds in rounds.items()}
    for name, speeds in rounds.items():
        least = f"{min(speeds):,.0f} to {max(speeds):,.0f}"
        print(f"{name}: {median(speeds):,.0f} scripts a second of one core ({least}; at least {_LEAST[name]:,})")
    print(f"There are {len(all_scripts):,} scripts of up to {_LENGTH} of {len(_SYMBOLS)} symbols.")
    if slow := [name for name, least in _LEAST.items() if median(rounds[name]) < least]:
        raise SystemExit(f"Below what it should be: {', '.join(slow)}.")
    return figures


def _speed(client: Callable[..., Any], part: list[tuple[str, ...]]) -> float:
    """Return how many scripts are made, played and judged in a second of processor time."""
    with ClientRunner(client, "clado").open() as runner:
        began = time.process_time()
        for script in part:
            runner.run(script_plan("clado", script))
        return len(part) / (time.process_time() - began)
