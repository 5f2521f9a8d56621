"""The allow-list of one API: what of a recorded body or query may be kept. Everything else is kept back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson

from .. import apis
from ..catalogue.scenario_validation import isolated_request
from ..contract import documents, openapi
from ..dialect.answers import Refused
from ..dialect.api import Api, Operation
from .documented_values import documented_body
from .hidden_values import HiddenValue

_HAS_TYPE: Mapping[str, Callable[[str], bool]] = {
    "integer": lambda text: text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() and len(text) < 10,
    "boolean": lambda text: text.lower() in ("true", "false", "1", "0"),
}
UNLISTED_PREFIX = "unlisted_"
"""How the names begin that replace words which no document lists."""
_WRONG_VALUE = "x"
"""Replaces a query value that hasn't the documented type; it hasn't the type either."""


class AllowList:
    """The allow-list of one API. `words` may be kept in addition to those that the documents list.

    Where the documents list words, such as for a status, an unlisted word is replaced: each by a name of its own.
    """

    def __init__(self, api: Api, words: Iterable[str] = (), members: Iterable[str] = ()) -> None:
        self.api = api
        self._words, self._members = frozenset(words) | _refusal_texts(api.name), frozenset(members)
        self._replacements: dict[str, str] = {}
        self._lock = Lock()

    def answer_body(self, operation: Operation, status: int, body: Any) -> Any:
        """Return what may be kept of an answer's body."""
        name = operation.replies.get(status)
        return self._sanitize(f"{self.api.name}/{name}", body) if name else HiddenValue("text")

    def request_body(self, operation: Operation, body: Any) -> Any:
        """Return what may be kept of a request's body."""
        name = f"{self.api.name}/{operation.name}-request.json"
        return self._sanitize(name, body) if name in _document_names() else HiddenValue("text")

    def query(self, operation: Operation, raw: bytes) -> str:
        """Return the documented parameters of a query. A value of another type is replaced by a wrong value."""
        types = _parameter_types(self.api.name, operation)
        sent = parse_qsl(raw.decode("latin-1"), keep_blank_values=True)
        return urlencode([
            (name, value if _HAS_TYPE[types[name]](value) else _WRONG_VALUE) for name, value in sent if name in types
        ])  # fmt: skip

    def _sanitize(self, document: str, body: Any) -> Any:
        return documented_body(document).sanitize(body, self._replace_word)

    def _replace_word(self, word: str) -> str:
        if word in self._words:
            return word
        with self._lock:
            if word in self._replacements.values():
                return word
            return self._replacements.setdefault(word, f"{UNLISTED_PREFIX}{len(self._replacements) + 1}")


@cache
def _document_names() -> frozenset[str]:
    return frozenset(documents.names())


@cache
def _refusal_texts(api_name: str) -> frozenset[str]:
    """Return the texts of jobmock's own refusals: they are public."""
    api = apis.load(api_name)
    calls = [isolated_request(api, operation) for operation in api.operations]
    bodies = [api.refusal(Refused(name), call).body for name in api.errors for call in calls]
    return frozenset(text for body in bodies for text in _texts_in(orjson.loads(orjson.dumps(body))))


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _texts_in(inner)


@cache
def _parameter_types(api: str, operation: Operation) -> Mapping[str, str]:
    """Return the type of each query parameter that the OpenAPI document lists for an operation."""
    ours = _path_pattern(operation.path)
    for path, methods in openapi.source(api)["paths"].items():
        if _path_pattern(path) == ours:
            listed = methods.get(operation.method.lower(), {}).get("parameters", ())
            return {one["name"]: one["schema"]["type"] for one in listed if one.get("in") == "query"}
    return {}


def _path_pattern(path: str) -> list[str]:
    """Return the parts of a path, with `{}` in place of each parameter."""
    return ["{}" if part[:1] == "{" else part for part in path.split("/")]
