"""What the page shows of the APIs: the keys that a client may have, and requests to copy."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from ... import apis
from ...contract import documents
from ...dialect.api import Api, Operation


@cache
def api_facts() -> Mapping[str, Mapping[str, Any]]:
    """Return facts of each API by its name.

    `header` is the beginning of the header with a key, which is in the environment as `variable`. Both are None for an
    API without keys. `start` is the path of a start, and `bodies` has a body for each operation that takes one.
    """
    return {api.name: _facts(api) for api in apis.all_apis()}


def _facts(api: Api) -> dict[str, Any]:
    has_keys = api.credential.header is not None
    start = next((one.path for one in api.operations if one.name == "start"), None)
    bodies = {one.name: _body(api, one) for one in api.operations if _takes_body(api, one)}
    return {
        "prefix": api.prefix if has_keys else None, "header": api.credential.written("") if has_keys else None,
        "variable": f"{api.name.upper()}_API_KEY" if has_keys else None, "start": start, "bodies": bodies,
    }  # fmt: skip


def _takes_body(api: Api, operation: Operation) -> bool:
    return operation.name == "start" or f"{api.name}/{operation.name}-request.json" in documents.names()


def _body(api: Api, operation: Operation) -> dict[str, Any]:
    """Return the body of a start by the API's reference client, and an empty one of all other operations."""
    return api.reference_client().start(None) if operation.name == "start" else {}
