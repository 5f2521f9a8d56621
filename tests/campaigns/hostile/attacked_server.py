"""A server under attack, with a well-behaved client beside it, and what must hold after each attack."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple

import httpx
from tests.campaigns.hostile import control_calls, raw_http, start_fields
from tests.campaigns.hostile.attack import Attack
from tests.campaigns.hostile.conversation import Conversation, Heard, converse
from tests.campaigns.hostile.processor import Processor
from tests.campaigns.hostile.server_watch import ServerWatch
from tests.campaigns.hostile.witness import Witness
from tests.support import HANGS, Served, served

ATTACKS = (*raw_http.ATTACKS, *start_fields.ATTACKS, *control_calls.ATTACKS)
MOST_HELD = 0.05
"""Seconds of processor time for which one connection may hold the loop."""
MOST_MEMORY = 50 << 20
"""Bytes that an attack may take in addition to a multiple of what it sends and gets."""
_TIMES_SENT, _TIMES_RECEIVED = 30, 4
_FEW = 3
"""So many connections count as one: the others get their turn between them."""
_TRIES = 6
"""How often an attack is repeated that took much time or memory. Only the least counts, as a machine has other work."""
_CLOSING = 30.0
"""Seconds in which the server closes connections whose clients have left."""
_LIMITS = "clado: {start: null, more: null}\norbit: {start: null, status: null}\n"


class Figures(NamedTuple):
    """What one attack did: what is wrong with the answers, and what it took."""

    wrong: Sequence[str]
    held: float
    memory: float
    """The bytes that it took, as a part of those that it may take."""


class AttackedServer:
    """A `jobmock serve`, and its well-behaved client."""

    def __init__(self, server: Served) -> None:
        self.server, self.watch = server, ServerWatch(server.process.pid)
        self.witness = Witness(server.url, self.watch)
        self._processor = Processor()
        self.holds: dict[int, float] = {}
        """The seconds of processor time for which each attack held the loop, by its number."""
        self._files = 0
        self._lines = 0

    def attack(self, seed: int, number: int) -> list[str]:
        """Make attack `number` of a seed; return a sentence for each thing that must not be."""
        if (code := self.server.process.poll()) is not None:
            return [f"the server has ended with {code}"]
        row = ATTACKS[number % len(ATTACKS)]
        self.witness.take()
        self._files = self._files or self.watch.open_files()
        tries = [self._try(row, seed, number, 0)]
        while len(tries) < _TRIES and (tries[-1].held > MOST_HELD or tries[-1].memory > 1):
            tries.append(self._try(row, seed, number, len(tries)))
        held, memory = min(one.held for one in tries), min(one.memory for one in tries)
        self.holds[number] = held
        wrong = [sentence for one in tries for sentence in one.wrong] + self._left_open() + self._logged()
        if held > MOST_HELD:
            wrong.append(f"it held the loop for {held * 1000:.0f} ms of processor time; at most {MOST_HELD * 1000:.0f}")
        if memory > 1:
            wrong.append(f"it took {memory:.1f} times the memory that it may take")
        return wrong

    def _try(self, row: Attack, seed: int, number: int, again: int) -> Figures:
        name = f"{'all' if row.clears else 'own'}{number}x{again}"
        talks = row.make(Random(f"{seed} {number}"), name)
        self.witness.take()
        before = self.watch.memory()
        self.watch.forget_peak()
        heard = asyncio.run(_all(self.server.url, talks))
        delays, wrong = self.witness.take()
        sent, received = sum(talk.size for talk in talks), sum(one.received for one in heard)
        allowed = MOST_MEMORY + _TIMES_SENT * sent + _TIMES_RECEIVED * received
        memory = (self.watch.peak() - before) / allowed
        wrong = [] if row.clears else [*wrong, *(() if row.sees_all else _crossed(heard))]
        if row.clears:
            reset(self.server.url)
            self.witness.restore()
        held = delays.loop / max(1, len(talks) / _FEW)
        held /= self._processor.slowness() if held > MOST_HELD else 1
        return Figures([*wrong, *(one for each in heard for one in each.wrong)], held, memory)

    def _left_open(self) -> list[str]:
        """Wait until the connections of an attack are closed."""
        until = time.monotonic() + _CLOSING
        while (count := self.watch.open_files()) > self._files:
            if time.monotonic() > until:
                return [f"{count - self._files} files are still open after {_CLOSING:.0f} s"]
            time.sleep(0.005)
        return []

    def _logged(self) -> list[str]:
        """Return the tracebacks and errors in the new lines of the log."""
        lines = self.server.err.so_far()[self._lines :]
        self._lines += len(lines)
        bad = [line for line in lines if "Traceback" in line or "Error" in line or "Exception" in line]
        return [f"the server logged: {' | '.join([*bad, *lines[-3:]])}"] if bad else []


@contextmanager
def attacked(folder: Path) -> Iterator[AttackedServer]:
    """Run a server with a well-behaved client for the length of a `with` block."""
    (folder / "limits.yaml").write_text(_LIMITS)
    with served("--limits", folder / "limits.yaml", cwd=folder) as server:
        attacked_server = AttackedServer(server)
        with attacked_server.witness:
            yield attacked_server


def reset(url: str) -> None:
    """Clear all namespaces, and give back the settings with which a server begins."""
    with httpx.Client(base_url=f"{url}/__jobmock/", trust_env=False, timeout=HANGS) as client:
        client.put("clock", json={"mode": "real"}).raise_for_status()
        client.put("credits", json={"balance": 10_000}).raise_for_status()
        for scenario in ("clado/usual", "orbit/usual"):
            client.put("scenario", json={"scenario": scenario}).raise_for_status()
        client.post("reset").raise_for_status()


async def _all(url: str, talks: Sequence[Conversation]) -> list[Heard]:
    return await asyncio.gather(*(converse(url, talk) for talk in talks))


def _crossed(heard: Sequence[Heard]) -> list[str]:
    """Return what is said of answers that have data of the well-behaved client."""
    return [
        f"an answer has data of another key: {answer.body[:300]!r}"
        for one in heard for answer in one.answers if b"witness" in answer.body
    ]  # fmt: skip
