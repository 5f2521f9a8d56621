"""VCR cassettes, Python's and Ruby's, in YAML or JSON."""

from __future__ import annotations

import zlib
from base64 import b64decode
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import yaml

from ...clock import SECOND
from ..exchange import LiveExchange, Source, join_values
from ..json_bodies import encode_text
from .json_stream import JsonStream
from .yaml_stream import ENDED, YamlStream

LISTS = ("interactions", "http_interactions")
"""The member with the list of interactions: Python's, Ruby's."""
_MAX_HEADERS = 1 << 20
_COMPRESSED = {"gzip": (31,), "deflate": (15, -15)}
"""The window bits of zlib for the forms that an encoding may have."""


def exchanges(path: Path) -> Generator[LiveExchange, None, None]:
    """Yield the interactions of a cassette. Raises ValueError, KeyError, YAMLError and their like."""
    with path.open(encoding="utf-8-sig") as file:
        json = file.read(4096).lstrip()[:1] == "{"
        file.seek(0)
        for number, interaction in enumerate(_json_interactions(file) if json else _yaml_interactions(file)):
            yield _exchange(interaction, Source(str(path), fragment=f"/interactions/{number}"))


def _json_interactions(file: IO[str]) -> Iterator[Any]:
    stream = JsonStream(file)
    for key in stream.members():
        if key in LISTS:
            yield from stream.items()
        else:
            stream.value()


def _yaml_interactions(file: IO[str]) -> Iterator[Any]:
    reader = YamlStream(file)
    reader.get_event()
    if not reader.check_event(yaml.StreamEndEvent):
        reader.get_event()
    if not reader.check_event(yaml.MappingStartEvent):
        raise ValueError(ENDED)
    reader.get_event()
    while reader.value() not in LISTS:
        reader.value()
        if reader.check_event(yaml.MappingEndEvent):
            raise ValueError(f"It has none of {', '.join(LISTS)}")
    if not reader.check_event(yaml.SequenceStartEvent):
        raise ValueError("Its interactions are no list")
    reader.get_event()
    while not reader.check_event(yaml.SequenceEndEvent):
        yield reader.value()


def _exchange(interaction: Mapping[str, Any], source: Source) -> LiveExchange:
    request, response = interaction["request"], interaction["response"]
    url, headers = urlsplit(request["uri"]), _headers(response.get("headers") or {})
    status, body = response["status"], _body_bytes(response.get("body"))
    decoded = _decode(body, headers)
    return LiveExchange(
        at=_recorded_at(interaction.get("recorded_at")), method=request["method"], path=url.path, query=url.query,
        sent=_body_bytes(request.get("body")), status=int(status["code"] if isinstance(status, Mapping) else status),
        headers=headers, body=decoded or b"", source=source,
        unread="body in an encoding that can't be decoded" if decoded is None else "",
    )  # fmt: skip


def _recorded_at(recorded: Any) -> int:
    """Return when an interaction was recorded, 0 if unknown. Ruby writes an HTTP-date; YAML may parse it as a time."""
    if isinstance(recorded, str):
        recorded = parsedate_to_datetime(recorded)
    return round(recorded.timestamp() * SECOND) if isinstance(recorded, datetime) else 0


def _body_bytes(body: Any) -> bytes:
    """Return a body's bytes: text, bytes, or an object that holds them as `string` or `base64_string`."""
    if isinstance(body, Mapping):
        return b64decode(body["base64_string"]) if "base64_string" in body else _body_bytes(body.get("string"))
    return encode_text(body) if isinstance(body, str) else body or b""


def _headers(headers: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers by lower-case name. Aliases could make them grow without bound, so they are limited."""
    found, length = dict[str, str](), 0
    for name, value in headers.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, list | dict | set):
                raise ValueError(f"A header is of type {type(one).__name__}")
            length += len(str(one))
        if length > _MAX_HEADERS:
            raise ValueError(f"The headers have more than {_MAX_HEADERS} characters")
        found[name.lower()] = str(join_values(value))
    return found


def _decode(body: bytes, headers: Mapping[str, str]) -> bytes | None:
    """Return a body without its content encoding, None if it can't be decoded. A text was decoded by the recorder."""
    try:
        body.decode()
    except UnicodeDecodeError:
        from ..content_encoding import decode_body

        decoded = decode_body(body, headers)
        return decoded if decoded is not None and _is_complete(body, headers) else None
    return body


def _is_complete(body: bytes, headers: Mapping[str, str]) -> bool:
    """Return whether a compressed body has its end: a decoder of streams accepts a part of it."""
    for form in _COMPRESSED.get(headers.get("content-encoding", "").strip().lower(), ()):
        decompressor = zlib.decompressobj(form)
        with suppress(zlib.error):
            decompressor.decompress(body)
            return decompressor.eof
    return True
