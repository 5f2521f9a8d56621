"""Recordings of each form in which one place of one entry is damaged: every other entry is still read and judged.

A place is dropped, gets another type, loses some characters, or is written in another encoding. A damaged entry is read
or left out, and counted; no message names an exception.
"""

from __future__ import annotations

import base64
import gzip
import random
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.campaigns.reporting import Report, progress_bar, scaled
from tests.checking.readers.recorded_forms import FORMS, Form

from jobmock import apis
from jobmock.checking.check import Check
from jobmock.checking.exchange import LiveExchange, Source
from jobmock.checking.operations import operation_named
from jobmock.checking.readers import open_recording
from jobmock.errors import UsageError

FILES_OF_EACH_FORM = 5_000
ENTRIES = 5
_NAME = re.compile(r"\b[A-Z]\w*(Error|Exception|Warning)\b|Traceback")
_OTHERS: tuple[Any, ...] = (
    None, True, 3, -1, 0, 1.5, "", "text", "2026", [], {}, [1], {"a": 1}, [[]], [None], 10**30, "\u00e4\u2028\0",
)  # fmt: skip


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, count = Report("odd-files"), scaled(FILES_OF_EACH_FORM, fraction)
    read = odd = 0
    with TemporaryDirectory() as folder:
        for name, form in progress_bar(list(FORMS.items()), "Forms"):
            draw, path = random.Random(f"{seed} {name}"), Path(folder, "recording")
            good = _good(form, path)
            for _ in range(count):
                damaged, kind, content = _damaged(form, draw)
                path.write_bytes(content)
                found, reasons = _read(report, path, f"{name}, {kind}", content)
                _check(report, (name, kind, content), damaged, good, found, reasons)
                read, odd = read + len(found), odd + len(reasons)
    return report.end(f"{count} files of each of {len(FORMS)} forms; {read:,} entries read, {odd:,} left out")


def _good(form: Form, path: Path) -> list[tuple[Any, ...]]:
    """Return the exchanges of the form without a damage."""
    texts = [form.dump(form.entry(number)) for number in range(ENTRIES)]
    path.write_bytes((form.before + form.between.join(texts) + form.after).encode())
    found = [_seen(one) for one in _exchanges(path, lambda source, reason: None)]
    assert len(found) == ENTRIES, found
    return found


def _damaged(form: Form, draw: random.Random) -> tuple[int, str, bytes]:
    """Return which entry is damaged, how, and the file."""
    number, kind = draw.randrange(ENTRIES), draw.choice(list(_DAMAGES))
    texts = [form.dump(form.entry(one)).encode() for one in range(ENTRIES)]
    texts[number] = _DAMAGES[kind](form, number, draw)
    return number, kind, form.before.encode() + form.between.encode().join(texts) + form.after.encode()


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _places(inner, (*path, key))


def _drop(form: Form, number: int, draw: random.Random) -> bytes:
    entry, holder, key = _place(form, number, draw)
    del holder[key]
    return form.dump(entry).encode()


def _retype(form: Form, number: int, draw: random.Random) -> bytes:
    entry, holder, key = _place(form, number, draw)
    holder[key] = draw.choice([other for other in _OTHERS if type(other) is not type(holder[key])])
    return form.dump(entry).encode()


def _place(form: Form, number: int, draw: random.Random) -> tuple[Any, Any, Any]:
    entry: Any = form.entry(number)
    path = draw.choice(list(_places(entry)))
    holder = entry
    for key in path[:-1]:
        holder = holder[key]
    return entry, holder, path[-1]


def _cut(form: Form, number: int, draw: random.Random) -> bytes:
    begin, end, text = _span(form, number, draw)
    return text[:begin] + text[end:]


def _reencode(form: Form, number: int, draw: random.Random) -> bytes:
    begin, end, text = _span(form, number, draw)
    piece = text[begin:end].decode("utf-8", "replace")
    forms: tuple[Callable[[str], bytes], ...] = (
        lambda text: text.encode("latin-1", "replace") + b"\xe9", lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-be"), lambda text: base64.b64encode(text.encode()),
        lambda text: text.encode().hex().encode(), lambda text: gzip.compress(text.encode(), mtime=0),
        lambda text: text.encode("cp037", "replace"), lambda text: bytes(len(text)),
    )  # fmt: skip
    return text[:begin] + draw.choice(forms)(piece) + text[end:]


def _span(form: Form, number: int, draw: random.Random) -> tuple[int, int, bytes]:
    """Return a part of an entry's text, without the line breaks around it."""
    text = form.dump(form.entry(number)).encode()
    most = len(text.rstrip(b"\n"))
    begin = draw.randrange(most)
    return begin, min(most, begin + draw.choice((1, 1, 2, 3, 5, 10, 40))), text


_DAMAGES: Mapping[str, Callable[[Form, int, random.Random], bytes]] = {
    "drop": _drop, "retype": _retype, "cut": _cut, "re-encode": _reencode,
}  # fmt: skip


def _exchanges(path: Path, leave_out: Callable[[Source, str], None]) -> list[LiveExchange]:
    status_of = operation_named(apis.load("clado"), "status")
    return list(open_recording(path, status_of, leave_out).exchanges)


def _read(report: Report, path: Path, what: str, content: bytes) -> tuple[list[LiveExchange], list[str]]:
    """Return the exchanges of a damaged file, and what is said of entries that are left out."""
    reasons: list[str] = []
    found: list[LiveExchange] = []
    check = Check("clado")
    try:
        found = _exchanges(path, lambda source, reason: reasons.append(f"{source}: {reason}"))
        for one in found:
            check.judge(one)
    except UsageError as error:
        report.fail(f"{what}: the file is refused", f"{error} {content!r}")
    except Exception as error:
        report.fail(f"{what}: {type(error).__name__}", f"{error} {content!r}")
    for text in (*reasons, *(row.violation.message for row in check.report().rows)):
        report.check(not _NAME.search(text), f"{what}: the name of an exception", text)
    return found, reasons


def _seen(one: LiveExchange) -> tuple[Any, ...]:
    return one.at, one.method, one.path, one.query, one.status, one.body, one.unread


def _check(
    report: Report, what: tuple[str, str, bytes], damaged: int, good: list[tuple[Any, ...]],
    found: list[LiveExchange], reasons: list[str],
) -> None:  # fmt: skip
    """Check that every other entry was read, once, and that the damaged one was read or counted."""
    name, kind, content = what
    seen = [_seen(one) for one in found]
    others = [one for number, one in enumerate(good) if number != damaged]
    lost = [one[2] for one in others if seen.count(one) != 1 + (good[damaged] == one)]
    detail = f"entry {damaged} of {content!r}: {reasons}"
    report.check(not lost, f"{name}, {kind}: entries are lost", f"{lost} beside {detail}")
    last_line = name in ("JSON Lines", "bodies") and damaged == ENTRIES - 1
    report.check(len(found) + len(reasons) >= ENTRIES - last_line, f"{name}, {kind}: not counted", detail)
