"""Answers and recordings that are wrong at random: each is reported or refused, and nothing else is raised.

20,000 answers are planted ones with random changes; after every eight, all formats of the report and the proposed
patches are made. 10,000 recordings are valid ones with bytes changed, cut or inserted; they are read and checked, or
refused with a UsageError.
"""

from __future__ import annotations

import json
import logging
import random
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from tests.campaigns.reporting import Report, progress_bar, scaled
from tests.checking.exchanges import clado, page, status
from tests.checking.planted_drifts import CLEAN, DRIFTS

from jobmock.checking.check import Check
from jobmock.checking.exchange import LiveExchange, to_line
from jobmock.checking.formats import FORMATS
from jobmock.checking.readers import open_recording
from jobmock.checking.schema_patches import propose
from jobmock.checking.schema_patches.rendering import render_diff, render_json
from jobmock.errors import UsageError

ANSWERS, RECORDINGS = 20_000, 10_000
_OF_A_CHECK = 8
_VALUES: tuple[Any, ...] = (None, True, 0, -1, 1.5, 3.0, 10**25, 1e308, "", "x", "status", [], [[]], {}, {"a": {}})
_NAMES = ("new", "a/b", "~", "\u00e9", "0", "")
_QUERIES = ("", "page=1", "page=2&page_size=2", "page=x", "page=0&page_size=0", "page=99999999999999999999")
_PIECES = (
    b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\xff", b"\0", b"-", b"\n", b" ", b"null", b"true", b"1e999",
    b"9" * 25, b"&a", b"*a", b"!!binary", b"!!timestamp", b"2026-13-45", b"? ",
)  # fmt: skip


def run(fraction: float, seed: int) -> int:
    """Run the campaign; return the number of its failures."""
    report, draw = Report("live"), random.Random(seed)
    answers, recordings = scaled(ANSWERS, fraction), scaled(RECORDINGS, fraction)
    rows = sum(_check(report, draw) for _ in progress_bar(range(0, answers, _OF_A_CHECK), "answers"))
    with tempfile.TemporaryDirectory() as folder, _without_warnings():
        path = Path(folder) / "recording"
        refused = sum(_record(report, draw, path) for _ in progress_bar(range(recordings), "recordings"))
    return report.end(f"{answers} answers, {rows} rows; {recordings} recordings, {refused} refused")


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Silence the warnings about lines that were cut."""
    logger = logging.getLogger("jobmock")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _check(report: Report, draw: random.Random) -> int:
    """Check a few changed answers, make all formats of the report, and return the number of its rows."""
    check = Check()
    for one in _changed(draw):
        try:
            check.judge(one)
        except Exception as error:
            report.fail(f"an answer raises {type(error).__name__}", f"{error}: {one}")
    found = check.report()
    try:
        for name in FORMATS.names:
            FORMATS.render(found, name)
        proposed = propose(found)
        render_diff(proposed)
        render_json(proposed)
    except Exception as error:
        report.fail(f"a report raises {type(error).__name__}", f"{error}: {[str(row.violation) for row in found.rows]}")
    return len(found.rows)


def _changed(draw: random.Random) -> Iterator[LiveExchange]:
    planted = [one for drift in DRIFTS.values() for one in drift.exchanges]
    planted += [one for exchanges in CLEAN.values() for one in exchanges]
    for one in draw.choices(planted, k=_OF_A_CHECK):
        try:
            body = json.dumps(_mutate(json.loads(one.body), draw)).encode()
        except ValueError:
            body = one.body[: draw.randrange(len(one.body) + 1)]
        code = draw.choice((one.status, one.status, one.status, 404, 429))
        yield replace(one, body=body, query=draw.choice((one.query, *_QUERIES)), status=code)


def _mutate(value: Any, draw: random.Random) -> Any:
    if draw.random() < 0.06:
        return draw.choice(_VALUES)
    if isinstance(value, dict):
        kept = {key: _mutate(inner, draw) for key, inner in value.items() if draw.random() > 0.03}
        return kept | ({draw.choice(_NAMES): draw.choice(_VALUES)} if draw.random() < 0.05 else {})
    return [_mutate(item, draw) for item in value] if isinstance(value, list) else value


def _record(report: Report, draw: random.Random, path: Path) -> bool:
    """Read and check a changed recording; return whether it was refused."""
    content = _corrupt(draw.choice(_GOOD), draw)
    path.write_bytes(content)
    check = Check()
    try:
        for one in open_recording(path).exchanges:
            check.judge(one)
    except UsageError as error:
        report.check(str(path) in str(error), "a refusal doesn't name the file", error)
        return True
    except Exception as error:
        report.fail(f"a recording raises {type(error).__name__}", f"{error}: {content!r}")
    return False


def _corrupt(content: bytes, draw: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 3))):
        at, length = draw.randrange(len(changed) + 1), draw.choice((0, 0, 1, 4, 15, len(changed)))
        changed[at : at + length] = draw.choice((b"", *_PIECES))
    return bytes(changed)


def _good() -> tuple[bytes, ...]:
    """Return a valid recording of each format."""
    place = "/api/search/deep_research/j?page=1"
    request: dict[str, Any] = {"method": "GET", "uri": f"https://x{place}", "body": None, "headers": {}}
    response = {"status": {"code": 200}, "headers": {"Content-Encoding": ["gzip"]}, "body": {"string": b"\x1f\x8babc"}}
    rubys = {"status": {"code": 200}, "headers": {}, "body": {"base64_string": "e30="}}
    ruby = {"request": request, "response": rubys, "recorded_at": "Thu, 01 Jan 2026 00:00:00 GMT"}
    content = {"text": b64encode(json.dumps(page(1, 3)).encode()).decode(), "encoding": "base64"}
    answer = {"status": 200, "headers": [{"name": "a", "value": "b"}], "content": content}
    entry = {"startedDateTime": "2026-01-01T00:00:00Z", "request": {"method": "GET", "url": f"https://x{place}"},
             "response": answer}  # fmt: skip
    return (
        b"".join(to_line(clado(status("pending"), number=number)) for number in range(3)),
        json.dumps({"log": {"version": "1.2", "entries": [entry, entry]}}).encode(),
        yaml.safe_dump({"version": 1, "interactions": [{"request": request, "response": response}]}).encode(),
        yaml.safe_dump({"http_interactions": [ruby, ruby]}).encode(),
    )


_GOOD = _good()
