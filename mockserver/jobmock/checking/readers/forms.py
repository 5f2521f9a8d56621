"""The forms of recordings. The content of a file decides which it has; other tools' files get a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import orjson

from ...dialect.api import Operation
from ...errors import UsageError
from ..exchange import LiveExchange, Source
from . import cassette, har, lines, nock, plain_bodies
from .json_stream import BadJson, JsonStream
from .recorded_file import NoText, RecordedFile

ALLOWED = "a HAR file, a VCR cassette, JSON Lines of exchanges, or JSON bodies (with --api and --operation)"
_FIRST_LINES, _FIRST_ITEMS = 100, 10


class Form(NamedTuple):
    """A form: its entries with their places, and the exchange of an entry. `alone` if entries have no order.

    `request_of` returns method and path of an entry that isn't read yet, empty if they aren't known.
    """

    entries: Callable[[RecordedFile], Iterator[tuple[Any, Source]]]
    exchange: Callable[[Any, Source, RecordedFile], LiveExchange]
    alone: bool = False
    request_of: Callable[[Any], tuple[str, str]] | None = None


_HAR = Form(har.entries, har.exchange)
_LINES = Form(lines.entries, lines.exchange, request_of=lines.request_of)
_NOCK = Form(nock.entries, nock.exchange)
_YAML = Form(cassette.yaml_entries, cassette.exchange)
_CASSETTE = Form(cassette.json_entries, cassette.exchange)
_BY_MEMBER: Mapping[str, Form] = {"log": _HAR, **dict.fromkeys(cassette.LISTS, _CASSETTE)}
_UNPACK, _AS_HAR = "Unpack it first.", "Export it as HAR."
_OTHER_TOOLS: Mapping[re.Pattern[bytes], str] = {
    re.compile(pattern, re.DOTALL): sentence
    for pattern, sentence in {
        rb"\x28\xb5\x2f\xfd": "is compressed with Zstandard. Install backports.zstd, or decompress it first (zstd -d).",
        rb"7z\xbc\xaf|Rar!": f"is an archive. {_UNPACK}",
        rb".{257}ustar": f"is a tar archive. {_UNPACK}",
        rb"[\xd4\xa1\x0a][\xc3\xb2\x0d][\xb2\xc3\x0d][\xa1\xd4\x0a]": "holds network packets. Record HAR instead.",
        rb"SQLite format 3": "is an SQLite database. Save the bodies as JSON, for --api and --operation.",
        rb"\d{1,9}:\d{1,9}:[a-z_]{1,20};": "is a file of mitmproxy. Save it as HAR (`mitmdump --set hardump=...`).",
        rb"HTTP/\d": "is an answer with its headers. Save its body alone, for --api and --operation.",
        rb"\s*<\?xml.{0,200}charles": f"is a session of Charles. {_AS_HAR}",
        rb"\s*<": f"is HTML or XML. {_AS_HAR}",
    }.items()
}  # fmt: skip
"""By how a file begins that another tool has written."""
_OTHER_DOCUMENTS: Mapping[frozenset[str], str] = {
    frozenset(members): sentence
    for members, sentence in (
        (("info", "item"), "is a collection of Postman, which has requests. Record the traffic as HAR."),
        (("_type", "resources"), "is an export of Insomnia, which has requests. Record the traffic as HAR."),
        (("mappings",), "holds stubs of WireMock. Save the bodies as JSON, for --api and --operation."),
        (("request", "response"), "is one exchange of another tool. Put it into a list: {\"interactions\": [...]}."),
        (("data", "meta"), "is a simulation of Hoverfly. Save the bodies as JSON, for --api and --operation."),
        (("responses",), "is a file of `responses`. Record the traffic with vcrpy, or save the bodies as JSON."),
        (("openapi",), "describes an API, and has no answers."),
        (("swagger",), "describes an API, and has no answers."),
        (("durations", "scheme"), f"is a session of Charles. {_AS_HAR}"),
    )
}  # fmt: skip
"""By members at the top of a document that another tool has written."""


def form_of(file: RecordedFile, operation: Operation | None) -> Form:
    """Return the form of a file, by its beginning. Plain bodies need their operation. Raises UsageError."""
    begin = file.beginning()
    for pattern, sentence in _OTHER_TOOLS.items():
        if pattern.match(begin):
            raise UsageError(f"{file.name} {sentence}")
    with file.open_text() as text:
        stream = JsonStream(text)
        first = stream.peek()
        if not first:
            raise UsageError(f"{file.name} is empty. Allowed: {ALLOWED}.")
        if first not in "{[":
            is_body = plain_bodies.LINE.encode() in begin
            return _LINES if _has_lines(file) else _bodies(operation) if operation and is_body else _YAML
        members, found = set[str](), None
        with suppress(BadJson):
            found = _object_form(stream, members) if first == "{" else _list_form(stream, members)
    if found or _has_lines(file):
        return found or _LINES
    if operation is not None:
        return _bodies(operation)
    sentence = next((text for names, text in _OTHER_DOCUMENTS.items() if names <= members), "")
    raise UsageError(f"{file.name} {sentence or f'holds JSON that is no recording. Allowed: {ALLOWED}.'}")


def _bodies(operation: Operation) -> Form:
    return Form(plain_bodies.entries, partial(plain_bodies.exchange_of, operation), alone=True)


def _object_form(stream: JsonStream, members: set[str]) -> Form | None:
    """Return the form of an object by its members, which are added to `members`. Raises BadJson."""
    for key in stream.members():
        if key in _BY_MEMBER:
            return _BY_MEMBER[key]
        members.add(key)
        if len(members & lines.MEMBERS) > 1:
            return _LINES
        stream.value()
    return None


def _list_form(stream: JsonStream, members: set[str]) -> Form | None:
    """Return the form of a list by its first items; the members of its first object are added to `members`."""
    for item in islice(stream.entries(stream.items(), lambda value: isinstance(value, dict)), _FIRST_ITEMS):
        if nock.is_entry(item):
            return _NOCK
        if har.is_entry(item):
            return _CASSETTE
        if isinstance(item, dict) and not members:
            members.update(item)
    return None


def _has_lines(file: RecordedFile) -> bool:
    """Return whether one of the first lines is an exchange: the very first may be damaged."""
    with suppress(NoText):
        for line, _ in islice(lines.entries(file), _FIRST_LINES):
            with suppress(orjson.JSONDecodeError, TypeError):
                row = orjson.loads(line)
                if isinstance(row, dict) and len(row.keys() & lines.MEMBERS) > 1:
                    return True
    return False
