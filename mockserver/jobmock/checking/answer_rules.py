"""Judges one answer by itself: its code, its content type, and its body against the operation's document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson

from ..contract import bodies
from ..contract.listed import Unlisted, escape, generalised, listed
from ..dialect.api import Api, Operation
from ..errors import hint
from .exchange import LiveExchange, loads
from .messages import MEDIA, beginning, broken, plain, shown, type_of, word
from .validation_errors import causes
from .violation import LiveViolation

_BOM = b"\xef\xbb\xbf"
NOT_JSON = object()
"""What the body of an answer is that can't be parsed."""
TOO_DEEP = object()
"""What the body of an answer is that no validator gets to the bottom of."""
_DEEPEST = 254
"""How many levels orjson writes: it reads more, but what judges a value has no such bounds, only a stack that ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer on its way through the judges: which operation it is of, and what its body holds."""

    api: Api
    operation: Operation
    params: Mapping[str, str]
    exchange: LiveExchange
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any

    def violation(self, rule: str, message: str, *, pointer: str = "", found: str = "", **more: Any) -> LiveViolation:
        """Return a violation in this answer."""
        return LiveViolation(
            rule=rule, api=self.api.name, operation=self.operation.name, status=self.exchange.status,
            pointer=pointer, found=found, message=message, **{"at": pointer, **more},
        )  # fmt: skip

    @property
    def document(self) -> str | None:
        """The document that such a body obeys; None where no document lists the code."""
        name = self.operation.replies.get(self.exchange.status)
        paging = self.api.paging
        if name and paging and paging.page in self.query and self.operation.name == "status" and self.served:
            name = paging.document
        return name and f"{self.api.name}/{name}"

    @property
    def served(self) -> bool:
        """Whether the operation was done."""
        return 200 <= self.exchange.status < 300


def answer(api: Api, operation: Operation, params: Mapping[str, str], exchange: LiveExchange) -> Answer:
    """Return an answer with its body parsed, NOT_JSON where it can't be."""
    body = parsed(exchange.body)
    query = dict(parse_qsl(exchange.query, keep_blank_values=True)) if exchange.query else {}
    return Answer(api=api, operation=operation, params=params, exchange=exchange, query=query, body=body)


def parsed(body: bytes) -> Any:
    """Return what a body holds as JSON, NOT_JSON where it isn't any, TOO_DEEP where nobody can judge it."""
    try:
        value = loads(body.removeprefix(_BOM))
        if body.count(b"[") + body.count(b"{") > _DEEPEST:
            orjson.dumps(value)
    except orjson.JSONDecodeError as error:
        return TOO_DEEP if "limit exceeded" in error.msg else NOT_JSON
    except orjson.JSONEncodeError:
        return TOO_DEEP
    return value


def judged(answer: Answer) -> Iterator[LiveViolation]:
    """Yield where an answer leaves the contract, whatever came before it."""
    document, code = answer.document, answer.exchange.status
    if document is None:
        codes = ", ".join(map(str, sorted(answer.operation.replies)))
        yield answer.violation("code-undocumented", f"No document lists {code} here. Listed: {codes}.")
        return
    if answer.body is NOT_JSON:
        length = len(answer.exchange.body)
        yield answer.violation("body-not-json", f"Expected JSON, got {length} bytes that aren't.", document=document)
        return
    yield from _form(answer)
    if not bodies.valid(document, answer.body):
        yield from _breaking(answer, document)
    for one in bodies.unlisted(listed(document), answer.body):
        yield _additive(answer, document, one)


def _form(answer: Answer) -> Iterator[LiveViolation]:
    """Judge the content type, where headers are known, and the first bytes."""
    if answer.exchange.body.startswith(_BOM):
        yield answer.violation("byte-order-mark", "JSON over the network begins without a byte order mark.")
    kind = answer.exchange.headers.get("content-type")
    if kind is None:
        return
    media, _, parameters = kind.lower().replace(" ", "").partition(";")
    if media != "application/json" and not media.endswith("+json"):
        text = f"The content type is {shown(kind, MEDIA)}, and the body is JSON. Expected: application/json."
        yield answer.violation("content-type-other", text, found=word(media, MEDIA))
    elif media != "application/json" or parameters.replace('"', "") not in ("", "charset=utf-8"):
        text = f"The content type is {shown(kind, MEDIA)}. Expected: application/json."
        yield answer.violation("content-type-form", text, found=word(kind.lower(), MEDIA))


def _breaking(answer: Answer, document: str) -> Iterator[LiveViolation]:
    """Word what a validator finds; what several schemas say alike is one violation with several places."""
    said: dict[tuple[str, tuple[str | int, ...], str], tuple[str, str, list[str]]] = {}
    for cause in causes(document, answer.body):
        for rule, path, found, message in broken(cause):
            said.setdefault((rule, path, found), (message, cause.source, []))[2].append(cause.place)
    for (rule, path, found), (message, section, places) in said.items():
        unknown = rule == "value-unknown" and path == ("status",) and answer.operation.name == "status"
        yield answer.violation(
            "status-unknown" if unknown and answer.served else rule, message, found=found, source=section,
            pointer=plain(generalised(listed(document), path)), at="".join(f"/{escape(part)}" for part in path),
            document=document, places=tuple(dict.fromkeys(places)),
        )  # fmt: skip


@lru_cache(maxsize=1024)
def _near(name: str, known: frozenset[str]) -> str:
    """Return a hint; a new member is often one of every record, and looking for its like takes long."""
    return hint(name, sorted(known))


def _additive(answer: Answer, document: str, one: Unlisted) -> LiveViolation:
    """Word what is in the answer and in no document."""
    if one.word:
        rule, found = "value-new", word(one.value)
        text = f"{beginning(shown(one.value))} is new in an open list.{_near(one.value, one.known)}"
    else:
        rule, found = "member-new", type_of(one.value)
        text = f"No document lists the member; it is {found}.{_near(str(one.path[-1]), one.known)}"
    pointer = plain(generalised(listed(document), one.path))
    return answer.violation(rule, text, pointer=pointer, found=found, at=one.pointer, document=document)
