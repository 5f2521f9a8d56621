"""VCR cassettes, Python's and Ruby's, in YAML or JSON: interaction by interaction, never the whole file."""

from __future__ import annotations

import zlib
from base64 import b64decode
from collections import deque
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from ...clock import SECOND
from ..exchange import LiveExchange, Source, joined
from .bodies import encoded
from .json_stream import Stream

LISTS = ("interactions", "http_interactions")
"""Where the interactions stand: Python's, Ruby's."""
_COMPRESSED = {"gzip": (31,), "deflate": (15, -15)}
"""The forms that an encoding may have, as zlib numbers them."""


def exchanges(path: Path) -> Generator[LiveExchange, None, None]:
    """Yield the interactions of a cassette. Raises ValueError, KeyError, YAMLError and their like."""
    with path.open(encoding="utf-8-sig") as file:
        json = file.read(4096).lstrip()[:1] == "{"
        file.seek(0)
        for number, interaction in enumerate(_of_json(file) if json else _of_yaml(file)):
            yield _exchange(interaction, Source(str(path), fragment=f"/interactions/{number}"))


def _of_json(file: IO[str]) -> Iterator[Any]:
    stream = Stream(file)
    for key in stream.members():
        if key in LISTS:
            yield from stream.entries()
        else:
            stream.value()


class _Interactions(Composer, SafeConstructor, Resolver):
    """Makes one value after another of a parser's events; anchors are known from one to the next."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        Composer.__init__(self)
        SafeConstructor.__init__(self)
        Resolver.__init__(self)
        self._events, self._ahead = events, deque[yaml.Event]()

    def peek_event(self) -> yaml.Event:
        if not self._ahead:
            event = next(self._events, None)
            if event is None:
                raise ValueError("It ends before a list of interactions")
            self._ahead.append(event)
        return self._ahead[0]

    def get_event(self) -> yaml.Event:
        self.peek_event()
        return self._ahead.popleft()

    def check_event(self, *kinds: type[yaml.Event]) -> bool:
        return isinstance(self.peek_event(), kinds)

    def value(self) -> Any:
        """Return the value that begins here."""
        return self.construct_document(self.compose_node(None, 0))


def _of_yaml(file: IO[str]) -> Iterator[Any]:
    reading = _Interactions(yaml.parse(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    while not reading.check_event(yaml.MappingStartEvent):
        reading.get_event()
    reading.get_event()
    while reading.value() not in LISTS:
        reading.value()
        if reading.check_event(yaml.MappingEndEvent):
            raise ValueError(f"It has none of {', '.join(LISTS)}")
    if not reading.check_event(yaml.SequenceStartEvent):
        raise ValueError("Its interactions are no list")
    reading.get_event()
    while not reading.check_event(yaml.SequenceEndEvent):
        yield reading.value()


def _exchange(interaction: Mapping[str, Any], source: Source) -> LiveExchange:
    request, response = interaction["request"], interaction["response"]
    url, headers = urlsplit(request["uri"]), _headers(response.get("headers") or {})
    status, body = response["status"], _bytes(response.get("body"))
    plain = _decoded(body, headers)
    return LiveExchange(
        at=_at(interaction.get("recorded_at")), method=request["method"], path=url.path, query=url.query,
        sent=_bytes(request.get("body")), status=int(status["code"] if isinstance(status, Mapping) else status),
        headers=headers, body=plain or b"", source=source,
        unread="body in an encoding that can't be undone" if plain is None else "",
    )  # fmt: skip


def _at(recorded: Any) -> int:
    """Return when it was recorded, 0 where that isn't said; Ruby writes an HTTP-date, and YAML may make it a time."""
    if isinstance(recorded, str):
        recorded = parsedate_to_datetime(recorded)
    return round(recorded.timestamp() * SECOND) if isinstance(recorded, datetime) else 0


def _bytes(body: Any) -> bytes:
    """Return a body's bytes: text, bytes, or an object that holds them as `string` or `base64_string`."""
    if isinstance(body, Mapping):
        return b64decode(body["base64_string"]) if "base64_string" in body else _bytes(body.get("string"))
    return encoded(body) if isinstance(body, str) else body or b""


def _headers(headers: Mapping[str, Any]) -> dict[str, str]:
    return {name.lower(): str(joined(value)) for name, value in headers.items()}


def _decoded(body: bytes, headers: Mapping[str, str]) -> bytes | None:
    """Undo a content encoding that was recorded as it came, unless the body is text; None where that can't be done."""
    try:
        body.decode()
    except UnicodeDecodeError:
        from ..content_encoding import decoded

        plain = decoded(body, headers)
        return plain if plain is not None and _is_whole(body, headers) else None
    return body


def _is_whole(body: bytes, headers: Mapping[str, str]) -> bool:
    """Say whether a compressed body has its end: what undoes an encoding as it comes takes a part of it for all."""
    for form in _COMPRESSED.get(headers.get("content-encoding", "").strip().lower(), ()):
        reader = zlib.decompressobj(form)
        with suppress(zlib.error):
            reader.decompress(body)
            return reader.eof
    return True
