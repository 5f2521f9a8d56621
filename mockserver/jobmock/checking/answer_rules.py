"""The rules for a single answer: its HTTP status, its content type, and its body against the document."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial

from .. import json_pointer
from ..contract import documents
from ..contract.fast_validator import conforms
from ..contract.listed_members import Unlisted, generalised, listed, unlisted
from ..dialect.answers import JSON
from ..errors import hint
from .json_bodies import BOM, NOT_JSON
from .messages import MEDIA_TYPE, broken_rules, capitalize, describe, json_type, safe_pointer, word_or_type
from .received_answer import ReceivedAnswer
from .stated_pages import judge_page
from .validation_errors import validation_errors
from .violation import LiveViolation


def judge_answer(answer: ReceivedAnswer) -> Iterator[LiveViolation]:
    """Yield where an answer leaves the contract, without regard to earlier answers."""
    document, status = answer.document, answer.exchange.status
    if status not in answer.operation.replies:
        listed_statuses = ", ".join(map(str, sorted(answer.operation.replies)))
        yield answer.violation("code-undocumented", f"No document lists {status} here. Listed: {listed_statuses}.")
    if document is None:
        return
    if answer.body is NOT_JSON:
        length = len(answer.exchange.body)
        yield answer.violation("body-not-json", f"Expected JSON, got {length} bytes that aren't.", document=document)
        return
    yield from _judge_form(answer)
    yield from _judge_counters(answer)
    if conforms(document, answer.body):
        return
    yield from _breaking(answer, document)
    for member in unlisted(listed(document), answer.body):
        yield _additive(answer, document, member)


def judge_as_requested(answer: ReceivedAnswer) -> Iterator[LiveViolation]:
    """Yield where an answer about a job isn't what was requested: it has the id of another job, or another page."""
    job, api = answer.params.get("job"), answer.api
    if job is None:
        return
    named = json_pointer.value_at(answer.body, api.id_path) if answer.shows_status else None
    if isinstance(named, str) and named != job:
        pointer = json_pointer.join(api.id_path)
        yield answer.violation("job-other", "The answer names another job than the path.", pointer=pointer)
    if api.paging and answer.results is not None:
        yield from judge_page(answer, api.paging)


def _judge_form(answer: ReceivedAnswer) -> Iterator[LiveViolation]:
    """Judge the first bytes, and the content type if the headers are known."""
    if answer.exchange.body.startswith(BOM):
        yield answer.violation("byte-order-mark", "JSON over the network begins without a byte order mark.")
    content_type = answer.exchange.headers.get("content-type")
    if content_type is None:
        return
    media, _, parameters = content_type.lower().replace(" ", "").partition(";")
    expected = answer.operation.media_type if answer.succeeded else JSON
    if media != expected and not (expected == JSON and media.endswith("+json")):
        seen = describe(content_type, MEDIA_TYPE)
        text = f"The content type is {seen}, and the body is JSON. Expected: {expected}."
        yield answer.violation("content-type-other", text, found=word_or_type(media, MEDIA_TYPE))
    elif media != expected or parameters.replace('"', "") not in ("", "charset=utf-8"):
        text = f"The content type is {describe(content_type, MEDIA_TYPE)}. Expected: {expected}."
        yield answer.violation("content-type-form", text, found=word_or_type(content_type, MEDIA_TYPE).lower())


def _judge_counters(answer: ReceivedAnswer) -> Iterator[LiveViolation]:
    """Judge how the counters of a job's status are written."""
    for path in answer.api.counters if answer.shows_status else ():
        value = json_pointer.value_at(answer.body, path)
        if isinstance(value, float) and value.is_integer():
            text = f"It is written {value!r}, not {int(value)}."
            yield answer.violation("number-form", text, pointer="/" + "/".join(path))


def _breaking(answer: ReceivedAnswer, document: str) -> Iterator[LiveViolation]:
    """Yield what a validator finds. If several schemas find the same, it is one violation with several places."""
    found: dict[tuple[str, tuple[str | int, ...], str], tuple[str, str, list[str]]] = {}
    for error in validation_errors(document, answer.body):
        for broken in broken_rules(error):
            key = (broken.rule, broken.path, broken.found)
            found.setdefault(key, (broken.message, error.source, []))[2].append(error.schema_place)
    for (rule, path, value), (message, source, places) in found.items():
        is_status = path == answer.api.status_path and answer.operation.name == "status" and answer.succeeded
        yield answer.violation(
            "status-unknown" if rule == "value-unknown" and is_status else rule, message, found=value, source=source,
            pointer=_pointer(document, path), at=json_pointer.join(path),
            document=document, places=tuple(dict.fromkeys(places)),
        )  # fmt: skip


def _additive(answer: ReceivedAnswer, document: str, member: Unlisted) -> LiveViolation:
    """Return the violation for a member or word that no document lists."""
    if member.word:
        rule, found = "value-new", word_or_type(member.value)
        subject = capitalize(describe(member.value))
        text = f"{subject} is new in an open list.{_did_you_mean(member.value, member.known)}"
    else:
        rule, found = "member-new", json_type(member.value)
        text = f"No document lists the member; it is {found}.{_did_you_mean(str(member.path[-1]), member.known)}"
    pointer = _pointer(document, member.path)
    return answer.violation(rule, text, pointer=pointer, found=found, at=member.pointer, document=document)


def _pointer(document: str, path: tuple[str | int, ...]) -> str:
    """Return a path as reports show it, with `*` for any index and any name that may be personal."""
    return _shown_pointer(document, tuple(0 if isinstance(part, int) else part for part in path))


@partial(documents.cached, size=1024)
def _shown_pointer(document: str, path: tuple[str | int, ...]) -> str:
    return safe_pointer(generalised(listed(document), path))


@lru_cache(maxsize=1024)
def _did_you_mean(name: str, known: frozenset[str]) -> str:
    """Return a hint. It is cached: a new member is often in every record, and finding similar names is slow."""
    return hint(name, sorted(known))
