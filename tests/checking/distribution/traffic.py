"""Generated traffic of many jobs with planted drifts, and files of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from tests.checking.planted_drifts import CLEAN, DRIFTS
from tests.support import EPOCH

from jobmock.checking.exchange import LiveExchange, to_line
from jobmock.clock import SECOND

_PLANTED = [*(drift.exchanges for drift in DRIFTS.values()), *CLEAN.values()]


def of_job(one: LiveExchange, job: object) -> LiveExchange:
    """Return an exchange about another job."""
    place, _, last = one.path.rpartition("/")
    return replace(one, path=f"{place}/{job}") if last in ("j", "r") else one


def traffic(rng: Random, *, jobs: int = 12) -> list[LiveExchange]:
    """Return the exchanges of so many jobs, of which several run at once, one second after the other."""
    waiting = [[of_job(one, f"job-{number}") for one in rng.choice(_PLANTED)] for number in range(jobs)]
    mixed: list[LiveExchange] = []
    while waiting:
        chosen = rng.choice(waiting)
        mixed.append(chosen.pop(0))
        waiting = [left for left in waiting if left]
    return [_at(one, number) for number, one in enumerate(mixed)]


def write(path: Path, exchanges: Iterable[LiveExchange]) -> Path:
    """Write exchanges as JSON Lines."""
    path.write_bytes(b"".join(map(to_line, exchanges)))
    return path


def split(folder: Path, exchanges: Sequence[LiveExchange], rng: Random, count: int) -> list[Path]:
    """Write each exchange into one of so many files, in the order of their times."""
    parts: list[list[LiveExchange]] = [[] for _ in range(count)]
    for one in exchanges:
        rng.choice(parts).append(one)
    return [write(folder / f"{number}.jsonl", part) for number, part in enumerate(parts) if part]


def _at(one: LiveExchange, number: int) -> LiveExchange:
    at = EPOCH + number * SECOND
    return replace(one, at=at, arrived=at + SECOND // 10 if one.arrived else 0)
