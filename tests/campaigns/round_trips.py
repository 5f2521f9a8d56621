"""Jobs with planted drifts and faults go through a HAR, `record --from` and a mock: a check finds the same each time.

A scenario is played to a client that starts a job, polls it, reads its pages, continues and cancels it. Its answers are
changed at random, as a vendor changes a contract and as a gateway spoils answers. They become a HAR. The check of the
HAR, of the recorded lines and of the recorded scenario, which is polled again in the same way, have the same rows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from tests.campaigns.recordings import repeatable
from tests.campaigns.reporting import Report, progress_bar, scaled
from tests.recording.forms import har, live
from tests.recording.polling_client import STEADY, UNEVEN, poll_plan
from tests.recording.round_trip import played, record_from, recorded_rows, rows

from jobmock.catalogue import Catalogue
from jobmock.recording.raw_exchange import RawExchange

JOBS = 200
_VALUES: tuple[Any, ...] = (None, True, 7, -1, 2.5, 4.0, 10**12, "", "Rosalind", "Rosalind F", [], [1], {}, {"a": {}})
_NEW = ("eta_seconds", "badges", "a/b", "~", "\u00e9", "0")
_GATEWAY: tuple[tuple[int, bytes, dict[str, str]], ...] = (
    (503, b"<html>busy</html>", {"content-type": "text/html"}),
    (429, b'{"detail": "Slow down."}', {"retry-after": "3"}), (502, b"", {}),
    (404, b'{"detail": "Gone."}', {}), (500, b'{"error": {"code": "x"}}', {}), (0, b"", {}),
)  # fmt: skip
_KINDS = ("text/plain", "application/json; charset=ISO-8859-1", "application/problem+json", "text/rosalind")
Drift = Callable[[Any, Random], Any]


def _places(value: Any, parent: Any = None, key: Any = None) -> list[tuple[Any, Any]]:
    """Return each container with each key or index in it."""
    found = [] if parent is None else [(parent, key)]
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [place for name, one in inner for place in _places(one, value, name)]


def _retype(body: Any, draw: Random) -> None:
    parent, key = draw.choice(_places(body))
    parent[key] = draw.choice(_VALUES)


def _drop(body: Any, draw: Random) -> None:
    parent, key = draw.choice(_places(body))
    del parent[key]


def _add(body: Any, draw: Random) -> None:
    objects = [body, *(parent[key] for parent, key in _places(body) if isinstance(parent[key], dict))]
    draw.choice(objects)[draw.choice(_NEW)] = draw.choice(_VALUES)


def _everywhere(body: Any, draw: Random) -> None:
    """Change one member of all records in the same way."""
    records = [one for one in body.get("results", ()) if isinstance(one, dict) and isinstance(one.get("profile"), dict)]
    name, value, drops = draw.choice(("headline", "name", *_NEW)), draw.choice(_VALUES), draw.random() < 0.4
    for one in records:
        one["profile"].pop(name, None)
        if not drops:
            one["profile"][name] = value


_DRIFTS: tuple[Callable[[Any, Random], None], ...] = (_retype, _drop, _add, _everywhere)


def changed(seen: RawExchange, draw: Random) -> RawExchange:
    """Return an exchange with a drift or a fault that a HAR can hold."""
    chance = draw.random()
    if chance < 0.2:
        code, raw, headers = draw.choice(_GATEWAY)
        return replace(seen, status=code, body=raw, headers={"content-type": "application/json", **headers})
    if chance < 0.3:
        return replace(seen, headers={**seen.headers, "content-type": draw.choice(_KINDS)})
    if chance < 0.35:
        return replace(seen, body=b"\xef\xbb\xbf" + (seen.body or b""))
    if chance < 0.4:
        return replace(seen, body=(seen.body or b"")[: len(seen.body or b"") // 2])
    if chance < 0.45:
        return replace(seen, took=draw.randrange(1, 9) * 10**9)
    try:
        body = json.loads(seen.body or b"")
        draw.choice(_DRIFTS)(body, draw)
    except ValueError:
        return seen
    return replace(seen, body=json.dumps(body).encode())


def _drifting(seen: Sequence[RawExchange], draw: Random) -> list[RawExchange]:
    """Return the exchanges with drifts in some; a job's start stays as it is, because no client goes on without it."""
    whole = [one for one in seen if not one.network_fault]
    share = draw.choice((0.05, 0.2, 0.5))
    return [
        changed(one, draw) if one.request.method == "GET" and one.status == 200 and draw.random() < share else one
        for one in whole
    ]  # fmt: skip


class Difference(NamedTuple):
    """Rows that differ, and whether the scenario's file lists what it can't express."""

    text: str
    is_listed: bool = False


def differences(catalogue: Catalogue, name: str, draw: Random, folder: Path) -> list[Difference]:
    """Return what the checks of a job's HAR, of its recorded lines and of its recorded scenario find differently."""
    client = poll_plan(catalogue, catalogue.plan(name), draw.choice((STEADY, UNEVEN)))
    seen = _drifting(client.exchanges, draw)
    complete, warnings = record_from(har(seen), folder)
    if not complete:
        return [Difference(f"not complete: {warnings}")]
    answers = [live(one) for one in seen]
    before, lines, scenario = rows(answers), recorded_rows(folder), rows(played(answers, folder))
    listed = [text for text in warnings if text.startswith("Job ")]
    found = [("in the lines", lines, False), ("in what is played", scenario, bool(listed))]
    return [
        Difference(f"{where}: without {before - own}, with {own - before}, listed: {listed}", is_listed)
        for where, own, is_listed in found if own != before
    ]  # fmt: skip


def run(fraction: float = 1.0, seed: int = 0) -> int:
    """Play the jobs. A difference that the scenario's file lists is printed and counted, but is no failure."""
    report, catalogue = Report("round-trips"), Catalogue()
    number, names, listed = scaled(JOBS, fraction), repeatable(catalogue), 0
    for job in progress_bar(range(number), "Round trips"):
        draw = Random(f"{seed} {job}")
        name = draw.choice(names)
        with TemporaryDirectory() as folder:
            for one in differences(catalogue, name, draw, Path(folder)):
                listed += one.is_listed
                if one.is_listed:
                    print(f"round-trips: job {job}, {name}: {one.text}", file=sys.stderr)
                else:
                    report.fail(f"job {job}, {name}", one.text)
    return report.end(f"{number} jobs, {listed} differences that a file lists")
