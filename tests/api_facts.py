"""What a test must know of any API to call it. The API itself says it, so no test has a table of APIs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any
from urllib.parse import quote

from jobmock import api_packages
from jobmock.checking.json_bodies import NOT_JSON, TOO_DEEP, parse_body, parse_lines
from jobmock.dialect.answers import JSON_LINES
from jobmock.dialect.api import Api, Operation
from jobmock.engine.headers import Headers
from jobmock.strategies.vocabulary import PATH_PARAMETER

_numbers = count(1)
OWN = tuple(name for name, package in api_packages.found().usable.items() if package.is_own)
"""The names of jobmock's own APIs, for tests of files that are in this repository."""
ALLOWED = f"Allowed: {', '.join(api_packages.names())}"
"""How messages list the APIs."""


def operation_of(api: Api, name: str) -> Operation:
    """Return the operation with a name. Of several it is one for which the client needs no id of its own."""
    return min((one for one in api.operations if one.name == name), key=lambda one: one.creates)


def path_of(operation: Operation, job: str | None = None, other: str = "nobody") -> str:
    """Return the path of an operation of a job, or with a new id where the client chooses it.

    `other` is in place of all other parameters.
    """
    path = operation.path.replace("{job}", quote(job or f"chosen-{next(_numbers)}", safe=""))
    return PATH_PARAMETER.sub(quote(other, safe=""), path)


def start_body(api: Api, run_shape: str | None = None) -> Any:
    """Return the body with which the reference client starts a job."""
    return api.reference_client().start(run_shape)


def key_headers(api: Api, key: str) -> dict[str, str]:
    """Return the headers with a key, as HTTP clients take them."""
    return {name.decode(): value.decode() for name, value in api.credential.headers(key)}


def content_of(body: bytes, operation: Operation | None = None, status: int = 200) -> Any:
    """Return the body of an answer as data, a list for a success in JSON Lines; None if it can't be read."""
    is_lines = operation is not None and operation.media_type == JSON_LINES and status < 300
    content = parse_lines(body) if is_lines else parse_body(body)
    return None if content is NOT_JSON or content is TOO_DEEP else content


def job_id_of(api: Api, body: bytes, headers: Headers | Mapping[str, str]) -> str | None:
    """Return the id of the job that an answer to a start names, None if it names none."""
    texts = headers if isinstance(headers, Mapping) else {name.decode(): value.decode() for name, value in headers}
    return api.job_id_in(content_of(body), texts)


def status_of(api: Api, body: bytes) -> str | None:
    """Return the status in an answer to a poll, None if it has none."""
    found = api.status_in(content_of(body))
    return found if isinstance(found, str) else None
