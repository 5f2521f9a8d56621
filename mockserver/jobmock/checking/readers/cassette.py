"""Cassettes of VCR for Python, Ruby, R, Go and PHP, and of betamax, in YAML or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..exchange import LiveExchange, OddEntry, Source
from .entry_parts import header_values, member, moment_of, status_of, text_of, url_of
from .har import is_entry
from .json_stream import JsonStream
from .recorded_body import body_of
from .recorded_file import RecordedFile
from .yaml_entries import YamlEntries

LISTS = ("interactions", "http_interactions")
"""The member with the list of interactions: Python's and Go's, Ruby's and R's. PHP has the list alone."""


def json_entries(file: RecordedFile) -> Iterator[tuple[Any, Source]]:
    """Yield each interaction with its place, and an OddEntry in place of what is no JSON."""
    with file.open_text() as text:
        stream = JsonStream(text)
        yield from _numbered(file, stream.entries(_interactions(stream), is_entry))


def yaml_entries(file: RecordedFile) -> Iterator[tuple[Any, Source]]:
    """Yield each interaction with its place, and an OddEntry in place of what is no YAML."""
    with file.open_text(for_yaml=True) as text:
        yield from _numbered(file, iter(YamlEntries(text, LISTS, is_entry)))


def _numbered(file: RecordedFile, interactions: Iterator[Any]) -> Iterator[tuple[Any, Source]]:
    for number, interaction in enumerate(interactions):
        yield interaction, Source(file.name, fragment=f"/interactions/{number}")


def _interactions(stream: JsonStream) -> Iterator[Any]:
    if stream.peek() == "[":
        yield from stream.items()
        return
    for key in stream.members():
        if key in LISTS:
            yield from stream.items()
        else:
            stream.value()


def exchange(interaction: Any, source: Source, file: RecordedFile) -> LiveExchange:
    """Return the exchange of an interaction. Raises OddEntry and its like."""
    request, response = member(interaction, "request"), member(interaction, "response")
    url, headers = url_of(_address(request)), header_values(response.get("headers"))
    body, unread = body_of(response.get("body", response.get("content")), headers)
    return LiveExchange(
        at=moment_of(interaction.get("recorded_at")), method=text_of(request, "method").lstrip(":"), path=url.path,
        query=url.query, sent=body_of(request.get("body"), {})[0], status=_status(response), headers=headers, body=body,
        source=source, unread=unread,
    )  # fmt: skip


def _address(request: Mapping[str, Any]) -> str:
    """Return the address of a request. The oldest cassettes of Python have its path and its host."""
    name = next((name for name in ("uri", "url", "path") if name in request), "uri")
    return text_of(request, name)


def _status(response: Mapping[str, Any]) -> int:
    """Return the HTTP status: of an object with its number, or of the response. Go has `200 OK` and a number."""
    status = response.get("status")
    places = [status if isinstance(status, Mapping) else {}, response]
    found = [place[name] for place in places for name in ("code", "status_code") if place.get(name) is not None]
    if found or not (status is None or isinstance(status, Mapping)):
        return status_of(found[0] if found else status)
    raise OddEntry("it has no status")
