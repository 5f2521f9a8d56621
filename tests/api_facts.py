"""What a test must know of any API to call it. The API itself says it, so no test has a table of APIs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any
from urllib.parse import quote

from jobmock.dialect.api import Api, Operation
from jobmock.engine.headers import Headers

_numbers = count(1)


def operation_of(api: Api, name: str) -> Operation:
    """Return the operation with a name. Of several it is one for which the client needs no id of its own."""
    return min((one for one in api.operations if one.name == name), key=lambda one: one.creates)


def path_of(operation: Operation, job: str | None = None, **others: str) -> str:
    """Return the path of an operation of a job, or with a new id where the client chooses it."""
    path = operation.path
    for name, value in {"job": job or f"chosen-{next(_numbers)}", **others}.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def start_body(api: Api, run_shape: str | None = None) -> Any:
    """Return the body with which the reference client starts a job."""
    return api.reference_client().start(run_shape)


def key_headers(api: Api, key: str) -> dict[str, str]:
    """Return the headers with a key, as HTTP clients take them."""
    return {name.decode(): value.decode() for name, value in api.credential.headers(key)}


def job_id_of(api: Api, body: Any, headers: Headers | Mapping[str, str] = ()) -> str:
    """Return the id of the job that an answer to a start names."""
    return str(body[api.reference_client().job_id])


def status_of(api: Api, body: Any) -> str:
    """Return the status in the body of an answer to a poll."""
    return str(body["status"])
