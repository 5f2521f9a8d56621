"""The form of each member of an API, its operations and its pages: one table for each, which says what is allowed."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..dialect.api import Operation
from ..dialect.credentials import Credential
from ..engine.pagination import Paging
from ..errors import short_repr
from ..models import Step
from .checked_api import hint

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9])?")
_HEADER = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")
_WORD = re.compile(r"[!-~]*")
_PATH = re.compile(r"(/([^/{}\s?#]*|\{[^/{}]+\}))+")

Test = Callable[[Any], bool]


def _nothing(value: Any) -> str:
    return ""


class Form(NamedTuple):
    """What a member may be: in words, as a test, and as a function that returns what a wrong value may have meant."""

    words: str
    fits: Test
    meant: Callable[[Any], str] = _nothing


def _is(*kinds: type) -> Test:
    return lambda value: isinstance(value, kinds)


def _text_like(pattern: re.Pattern[str]) -> Test:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _tuple_of(fits: Test) -> Test:
    return lambda value: isinstance(value, tuple) and all(map(fits, value))


def _pair(value: Any, first: Test, second: Test) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and first(value[0]) and second(value[1])


def _map(keys: Test, values: Test) -> Test:
    return lambda value: isinstance(value, Mapping) and all(keys(key) and values(one) for key, one in value.items())


def _number(value: Any) -> bool:
    return type(value) is int and value > 0


_text, _texts = _is(str), _tuple_of(_is(str))


def _or_none(form: Form) -> Form:
    return Form(f"{form.words}, or None", lambda value: value is None or form.fits(value), form.meant)


def _function(*arguments: str) -> Form:
    """Return the form of a function that is called with these arguments."""

    def fits(value: Any) -> bool:
        if not callable(value):
            return False
        try:
            inspect.signature(value).bind(*arguments)
        except TypeError:
            return False
        except ValueError:
            return True  # one in C may say nothing about its arguments
        return True

    return Form(f"a function that is called as ({', '.join(arguments)})", fits)


def _as_tuple(value: Any) -> str:
    return f" Did you mean {(value,)!r}?" if isinstance(value, str) else ""


def _as_paths(value: Any) -> str:
    """Return a tuple of paths that a tuple of texts may mean."""
    return f" Did you mean {tuple((name,) for name in value)!r}?" if _texts(value) and value else ""


def _as_host(value: Any) -> str:
    host = urlsplit(value).hostname if isinstance(value, str) and "//" in value else None
    return f" Did you mean {host!r}?" if host else ""


def _is_credential(value: Any) -> bool:
    if not isinstance(value, Credential) or not isinstance(value.scheme, str) or not _WORD.fullmatch(value.scheme):
        return False
    header = value.header
    return header is None or (isinstance(header, bytes) and _HEADER.fullmatch(header.decode("latin-1")) is not None)


def _as_header(value: Any) -> str:
    header = value.header if isinstance(value, Credential) else None
    if not isinstance(header, bytes | str):
        return ""
    text = header if isinstance(header, str) else header.decode("latin-1")
    near = re.sub(r"[\s_]+", "-", text.strip(": \t")).lower()
    return f" Did you mean header={near.encode('latin-1', 'replace')!r}?" if near.encode() != header else ""


TEXT = Form("a text", _text)
BOOL = Form("True or False", _is(bool))
NUMBER = Form("a whole number from 1 on", _number)
TEXTS = Form("a tuple of texts, such as ('one', 'other')", _texts, _as_tuple)
PATH = Form(
    "a path, which is a tuple of names, such as ('job', 'id')", lambda value: _texts(value) and bool(value), _as_tuple
)
TEXT_BY_TEXT = Form("a mapping of text → text", _map(_text, _text))
_HEADER_NAME = Form("the name of a header in lower case", _text_like(_HEADER))
_PATHS = Form("a tuple of paths, such as (('counts', 'done'),)", _tuple_of(PATH.fits), _as_paths)

API_FORMS: Mapping[str, Form] = {
    "name": TEXT,
    "host": Form("a host in lower case, without scheme, port and path", _text_like(_HOST), _as_host),
    "prefix": TEXT,
    "operations": Form(
        "a tuple of Operation, at least one", lambda value: bool(value) and _tuple_of(_is(Operation))(value)),
    "transitions": Form("a mapping of status → frozenset of statuses", _map(
        _text, lambda value: isinstance(value, Set | list | tuple) and all(map(_text, value)))),
    "shows": TEXT_BY_TEXT,
    "counters": _PATHS,
    "errors": Form("a mapping of name → (HTTP status, text)", _map(_text, lambda value: _pair(value, _is(int), _text))),
    "envelope": _function("code", "text", "members", "call"),
    "refusal": _function("refused", "call"),
    "reserved": TEXT_BY_TEXT,
    "credential": Form(
        "a Credential whose header is the name in bytes and lower case, and whose scheme is one word or empty",
        _is_credential, _as_header),
    "authorize": _function("value", "operation"),
    "unknown_key_error": TEXT,
    "foreign_job_error": TEXT,
    "not_found_error": TEXT,
    "rate_limit_error": TEXT,
    "by_status": Form("a mapping of HTTP status → name of an error", _map(_is(int), _text)),
    "other_error": _function("status", "text", "call"),
    "limits": _function("switch"),
    "default_scenarios": TEXT_BY_TEXT,
    "result_nouns": Form(
        "a mapping of kind of job → (singular, plural)", _map(_text, lambda value: _pair(value, _text, _text))),
    "kind": _function("run_shape"),
    "partial": _or_none(_function("body", "shown")),
    "longest_job": _or_none(NUMBER),
    "status_path": PATH,
    "id_path": PATH,
    "id_header": _or_none(_HEADER_NAME),
    "results": Form("a path, which is a tuple of names, such as ('results',), or ()", _texts, _as_tuple),
    "reference_client": _function(),
    "observation": _function(),
    "facts": _function("namespace", "run_shape"),
    "paging": _or_none(Form("a Paging", _is(Paging))),
    "continuation": Form("a tuple of Step", _tuple_of(_is(Step))),
    "settle": _function("namespace", "now"),
    "error_codes": TEXT_BY_TEXT,
    "switches": Form("a mapping of switch → its JSON Schema", _map(_text, _is(Mapping))),
    "sightings": TEXT_BY_TEXT,
}  # fmt: skip
"""The form of each member of an Api."""

OPERATION_FORMS: Mapping[str, Form] = {
    "name": TEXT,
    "method": Form(", ".join(METHODS), METHODS.__contains__, lambda value: hint(value, METHODS)),
    "path": Form("a path that begins with /, where a whole segment such as {job} is a parameter", _text_like(_PATH)),
    "answer": _function("call"),
    "replies": Form(
        "a mapping of HTTP status → name of a schema, or None", _map(_is(int), _is(str, type(None)))),
    "scope": _or_none(TEXT),
    "not_found_error": _or_none(TEXT),
    "errors": TEXTS,
    "sample_queries": Form("a tuple of bytes, such as (b'', b'page=1'), at least one",
                           lambda value: bool(value) and _tuple_of(_is(bytes))(value)),
    "parameters": TEXTS,
    "idempotency_field": _or_none(TEXT),
    "creates": BOOL,
    "media_type": TEXT,
}  # fmt: skip
"""The form of each member of an Operation."""

PAGING_FORMS: Mapping[str, Form] = {
    "page": TEXT,
    "size": TEXT,
    "default_size": NUMBER,
    "largest_size": NUMBER,
    "stated": Form(
        "a mapping of what is stated → its path, such as {'has_next': ('has_next',)}", _map(_text, PATH.fits)),
    "identity": PATH,
    "is_optional": BOOL,
    "document": _or_none(TEXT),
}  # fmt: skip
"""The form of each member of a Paging."""


def wrong_forms(subject: Any, forms: Mapping[str, Form]) -> Iterator[tuple[str, str]]:
    """Yield each member of a subject that has another form than the table says, with a sentence about it."""
    for member, form in forms.items():
        value = getattr(subject, member)
        if not form.fits(value):
            yield member, f"`{member}` is {_written(value)}. Allowed: {form.words}.{form.meant(value)}"


def _written(value: Any) -> str:
    """Return a value as messages show it. A function is shown as it is called."""
    if not inspect.isroutine(value):
        return short_repr(value)
    return f"a function that is called as {inspect.signature(value)}".replace("\n", " ")
