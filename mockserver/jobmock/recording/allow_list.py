"""The allow-list of one API: what of a body or a query may be known. It denies by default."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson

from .. import apis
from ..catalogue.validation import alone
from ..contract import documents, openapi
from ..dialect.answers import Refused
from ..dialect.api import Api, Operation
from .documented_values import Hidden, place

_FITS: Mapping[str, Callable[[str], bool]] = {
    "integer": lambda text: text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() and len(text) < 10,
    "boolean": lambda text: text.lower() in ("true", "false", "1", "0"),
}
UNLISTED = "unlisted_"
"""The beginning of the name of a word that no document lists."""
_NO_VALUE = "x"
"""Stands for a query value that isn't of its type, and is none either."""


class Allowed:
    """The allow-list of one API. `words` are further words that may be written down though no document lists them.

    An unlisted word in the place of a listed one, such as a new status, gets a name of its own: the same for the same.
    """

    def __init__(self, api: Api, words: Iterable[str] = ()) -> None:
        self.api = api
        self._words = frozenset(words) | _own_words(api.name)
        self._named: dict[str, str] = {}
        self._naming = Lock()

    def body(self, operation: Operation, status: int, body: Any) -> Any:
        """Return what may be known of an answer's body."""
        name = operation.replies.get(status)
        return self._projected(f"{self.api.name}/{name}", body) if name else Hidden("text")

    def sent(self, operation: Operation, body: Any) -> Any:
        """Return what may be known of a request's body."""
        name = f"{self.api.name}/{operation.name}-request.json"
        return self._projected(name, body) if name in _documents() else Hidden("text")

    def query(self, operation: Operation, raw: bytes) -> str:
        """Return the parameters that the documents list; a value that isn't of its type becomes another such."""
        listed = _parameters(self.api.name, operation)
        sent = parse_qsl(raw.decode("latin-1"), keep_blank_values=True)
        kept = [(name, value if _FITS[listed[name]](value) else _NO_VALUE) for name, value in sent if name in listed]
        return urlencode(kept)

    def _projected(self, document: str, body: Any) -> Any:
        return place(document).keep(body, self._word)

    def _word(self, text: str) -> str:
        if text in self._words:
            return text
        with self._naming:
            if text in self._named.values():
                return text
            return self._named.setdefault(text, f"{UNLISTED}{len(self._named) + 1}")


@cache
def _documents() -> frozenset[str]:
    return frozenset(documents.names())


@cache
def _own_words(api_name: str) -> frozenset[str]:
    """Return the texts of jobmock's own refusals: whoever sends the same says nothing new."""
    api = apis.load(api_name)
    calls = [alone(api, operation) for operation in api.operations]
    bodies = [api.refusal(Refused(name), call).body for name in api.errors for call in calls]
    return frozenset(text for body in bodies for text in _texts(orjson.loads(orjson.dumps(body))))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _texts(inner)


@cache
def _parameters(api: str, operation: Operation) -> Mapping[str, str]:
    """Return the query parameters that the OpenAPI document lists for an operation, each with its type."""
    ours = [part[:1] == "{" or part for part in operation.path.split("/")]
    for path, methods in openapi.source(api)["paths"].items():
        if [part[:1] == "{" or part for part in path.split("/")] == ours:
            listed = methods.get(operation.method.lower(), {}).get("parameters", ())
            return {one["name"]: one["schema"]["type"] for one in listed if one.get("in") == "query"}
    return {}
