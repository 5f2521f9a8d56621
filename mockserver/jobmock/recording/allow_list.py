"""The allow-list of one API: what of a recorded body or query may be kept. Everything else is kept back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson

from .. import apis, json_pointer
from ..checking.received_answer import ReceivedAnswer
from ..contract import documents
from ..dialect.answers import Refused
from ..dialect.api import Api, Operation
from ..dialect.openapi_documents import query_parameters
from ..dialect.sample_answers import isolated_request
from ..models import NOTHING
from .deviations import deviations
from .documented_values import documented_body, listed_words
from .hidden_values import HiddenValue
from .replaced_names import ReplacedNames

_HAS_TYPE: Mapping[str, Callable[[str], bool]] = {
    "integer": lambda text: text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() and len(text) < 10,
    "boolean": lambda text: text.lower() in ("true", "false", "1", "0"),
}
_WRONG_VALUE = "x"
"""Replaces a query value that hasn't the documented type; it hasn't the type either."""


class AllowList:
    """The allow-list of one API. `words` and `members` may be kept in addition to those that the documents list.

    Where the documents list words, such as for a status, an unlisted word is replaced: each by a name of its own. So is
    the name of an unlisted member.
    """

    def __init__(self, api: Api, words: Iterable[str] = (), members: Iterable[str] = ()) -> None:
        self.api = api
        self.words = frozenset(words)
        members = {*members, *_listed_members(api.name)}
        self._names = ReplacedNames(self.words | _refusal_texts(api.name), members, _listed_words(api.name))

    def answer_body(self, operation: Operation, status: int, body: Any) -> Any:
        """Return what may be kept of an answer's body."""
        name = operation.replies.get(status) or _success(operation, status)
        return self._sanitize(f"{self.api.name}/{name}", body) if name else HiddenValue("text")

    def deviations(self, answer: ReceivedAnswer) -> Mapping[str, Any]:
        """Return where an answer leaves the contract, for what its sanitized body doesn't show."""
        if answer.document is None or not isinstance(answer.body, Mapping):
            return NOTHING
        everywhere = answer.operation.is_about_one_result
        found = dict(deviations(answer.document, answer.body, self._names, everywhere=everywhere))
        named = json_pointer.value_at(answer.body, self.api.id_path) if answer.shows_status else None
        if isinstance(named, str) and named != answer.params.get("job"):
            found[json_pointer.join(self.api.id_path)] = HiddenValue("text")
        return found

    def request_body(self, operation: Operation, body: Any) -> Any:
        """Return what may be kept of a request's body."""
        name = f"{self.api.name}/{operation.name}-request.json"
        return self._sanitize(name, body) if name in _document_names() else HiddenValue("text")

    def query(self, operation: Operation, raw: bytes) -> str:
        """Return the documented parameters of a query. A value of another type is replaced by a wrong value."""
        listed = query_parameters(self.api, operation)
        fits = {name: _HAS_TYPE.get(schema.get("type", ""), _is_kept_back) for name, schema in listed.items()}
        sent = parse_qsl(raw.decode("latin-1"), keep_blank_values=True)
        return urlencode([(name, value if fits[name](value) else _WRONG_VALUE) for name, value in sent if name in fits])

    def _sanitize(self, document: str, body: Any) -> Any:
        return documented_body(document).sanitize(body, self._names)


def _is_kept_back(value: str) -> bool:
    """Return that a value of any other type isn't kept: it may be data."""
    return False


def _success(operation: Operation, status: int) -> str | None:
    """Return the document of a success, for a status of success that no document lists."""
    return next((name for code, name in operation.replies.items() if code < 300 and 200 <= status < 300), None)


@cache
def _document_names() -> frozenset[str]:
    return frozenset(documents.names())


@cache
def _listed_members(api_name: str) -> frozenset[str]:
    """Return the names of all members that any document of an API lists: at another place they are no data either."""
    return frozenset(name for schema in _schemas_of(api_name) for name in schema.get("properties", ()))


@cache
def _listed_words(api_name: str) -> frozenset[str]:
    """Return the words that any document of an API lists."""
    return frozenset(word for schema in _schemas_of(api_name) for word in listed_words(schema))


def _schemas_of(api_name: str) -> Iterator[Mapping[str, Any]]:
    """Yield all schemas in the documents of an API; members that are no schema have no keyword."""
    for name in _document_names():
        if name.startswith(f"{api_name}/"):
            yield from _schemas_in(documents.document(name))


def _schemas_in(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _schemas_in(inner)


@cache
def _refusal_texts(api_name: str) -> frozenset[str]:
    """Return the texts of jobmock's own refusals: they are public."""
    api = apis.load(api_name)
    calls = [isolated_request(api, operation) for operation in api.operations]
    bodies = [api.refuse(Refused(name), call).body for name in api.errors for call in calls]
    return frozenset(text for body in bodies for text in _texts_in(orjson.loads(orjson.dumps(body))))


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _texts_in(inner)
