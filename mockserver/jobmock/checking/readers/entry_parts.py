"""The parts of an entry that several forms of recordings have, as lenient as they can be read without a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ...clock import SECOND
from ..exchange import OddEntry, join_values

_MAX_HEADERS = 1 << 20
_STATUS = re.compile(r"\s*(-?\d{1,9})\b")
_ZONE = re.compile(r" (GMT|UTC)$")
_UNIX_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_SCALARS = (str, int, float)


def member(entry: Any, name: str) -> Mapping[str, Any]:
    """Return an object inside an entry. Raises OddEntry."""
    if not isinstance(entry, Mapping):
        raise OddEntry("it is no object")
    found = entry.get(name)
    if not isinstance(found, Mapping):
        raise OddEntry(f"it has no {name}" if found is None else f"its {name} is no object")
    return found


def text_of(part: Mapping[str, Any], name: str) -> str:
    """Return a text inside an object. Raises OddEntry."""
    found = part.get(name)
    if not isinstance(found, str):
        raise OddEntry(f"it has no {name}" if found is None else f"its {name} is no text")
    return found


def url_of(text: str) -> SplitResult:
    """Return the parts of a URL. Raises OddEntry."""
    try:
        return urlsplit(text)
    except ValueError:
        raise OddEntry("its address is no URL") from None


def status_of(value: Any) -> int:
    """Return an HTTP status: a number, or a text that begins with one; 0 if there was none. Raises OddEntry."""
    if value is None:
        return 0
    if isinstance(value, str) and (found := _STATUS.match(value)):
        return int(found[1])
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if type(value) is not int:  # True is an int in Python, and no HTTP status
        raise OddEntry("its status is no number")
    return value


def header_values(rows: Any) -> dict[str, str]:
    """Return headers by lower-case name, of an object or of a list of names and values; others are skipped.

    Aliases could make them grow without bound, so they are limited. Raises OddEntry.
    """
    found, length = dict[str, str](), 0
    for name, value in _pairs(rows):
        values = value if isinstance(value, list) else [value]
        length += sum(len(one) for one in values if isinstance(one, str))
        if length > _MAX_HEADERS:
            raise OddEntry(f"its headers have more than {_MAX_HEADERS} characters")
        kept = [one for one in values if isinstance(one, _SCALARS)]
        if isinstance(name, str) and len(kept) == len(values):
            found[name.lower()] = str(join_values(kept))
    return found


def _pairs(rows: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(rows, Mapping):
        return rows.items()
    if not isinstance(rows, list):
        return ()
    return [(row.get("name"), row.get("value", "")) for row in rows if isinstance(row, Mapping)]


def moment_of(value: Any) -> int:
    """Return a time in nanoseconds: of ISO 8601 or an HTTP-date, or read by a parser of YAML; 0 if it is none."""
    if isinstance(value, str):
        value = _from_iso(value) or _from_http_date(value)
    if not isinstance(value, datetime):
        return 0
    with suppress(OverflowError, ValueError):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return (moment - _UNIX_EPOCH) // _MICROSECOND * (SECOND // 1_000_000)
    return 0


def _from_iso(text: str) -> datetime | None:
    with suppress(ValueError):
        return datetime.fromisoformat(_ZONE.sub("Z", text))
    return None


def _from_http_date(text: str) -> datetime | None:
    with suppress(ValueError, TypeError):
        return parsedate_to_datetime(text)
    return None


def number_of(value: Any) -> float:
    """Return a finite number, 0 if it is none."""
    return value if isinstance(value, int | float) and isfinite(value) else 0
