"""The OpenAPI document of an API: its `openapi.yaml`, or one that is made from its tables if it has none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from ..contract import documents, openapi
from ..errors import NoSuchDocument
from .answers import JSON
from .api import Api, Operation

_PARAMETER = re.compile(r"\{([^}]*)\}")
_KEY = "key"
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


@cache
def source(api: Api) -> Mapping[str, Any]:
    """Return the OpenAPI document of an API, which refers to the files with its schemas."""
    try:
        return openapi.source(api.name)
    except NoSuchDocument:
        return _made(api)


@cache
def bundled(api: Api) -> dict[str, Any]:
    """Return the OpenAPI document of an API with all its schemas. Don't change it: it is cached."""
    return openapi.with_schemas(api.name, source(api))


@cache
def query_parameters(api: Api, operation: Operation) -> Mapping[str, Mapping[str, Any]]:
    """Return the query parameters that the document lists for an operation, each with its schema."""
    items: Mapping[str, Any] = {_without_names(path): item for path, item in source(api)["paths"].items()}
    listed = items.get(_without_names(operation.path), {}).get(operation.method.lower(), {}).get("parameters", ())
    return {one["name"]: one["schema"] for one in listed if one.get("in") == "query"}


def _without_names(path: str) -> str:
    """Return a path whose parameters have no names: they may be others in the document."""
    return _PARAMETER.sub("{}", path)


def _made(api: Api) -> Mapping[str, Any]:
    """Return a document that is made from the tables of an API. Its schemas are those that the tables name."""
    paths: dict[str, dict[str, Any]] = {}
    for number, operation in enumerate(api.operations):
        is_first = operation.name not in [one.name for one in api.operations[:number]]
        identity = operation.name if is_first else f"{operation.name}-{number}"
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(api, operation, identity)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {"title": api.name, "version": "1", "description": "Made from the tables with which it is mocked."},
        "servers": [{"url": f"https://{api.host}"}],
        "paths": paths,
        **_security(api),
    }


def _security(api: Api) -> dict[str, Any]:
    """Return the members that say how a key is sent; none for an API without keys."""
    header, scheme = api.credential.header, api.credential.scheme
    if header is None:
        return {}
    known = {"type": "http", "scheme": scheme.lower()} if header == b"authorization" and scheme else None
    form = known or {"type": "apiKey", "in": "header", "name": header.decode()}
    described = {**form, "description": f"A key begins with `{api.prefix}`."}
    return {"security": [{_KEY: []}], "components": {"securitySchemes": {_KEY: described}}}


def _operation(api: Api, operation: Operation, identity: str) -> dict[str, Any]:
    made = {
        "operationId": identity,
        "parameters": [*_path_parameters(operation), *_query_parameters(api, operation)],
        "responses": {
            str(status): {"description": _PHRASES.get(status, f"HTTP {status}"), **_answer(operation, status, document)}
            for status, document in operation.replies.items()
        },
    }
    request = f"{operation.name}-request.json"
    return {**made, "requestBody": {"content": _content(JSON, request)}} if _has_document(api, request) else made


def _path_parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    for name in _PARAMETER.findall(operation.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameters(api: Api, operation: Operation) -> Iterator[dict[str, Any]]:
    """Yield the query parameters. Numbers and sizes of pages are numbers, and all others are text."""
    paging = api.paging
    numbers = () if paging is None else (paging.size,) if paging.has_cursors else (paging.page, paging.size)
    for name in operation.parameters:
        schema = {"type": "integer", "minimum": 1} if name in numbers else {"type": "string"}
        yield {"name": name, "in": "query", "schema": schema}


def _answer(operation: Operation, status: int, document: str | None) -> dict[str, Any]:
    """Return what an answer of an operation contains; nothing if it has no body."""
    return {} if document is None else {"content": _content(operation.media_type if status < 300 else JSON, document)}


def _content(media_type: str, document: str) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": document}}}


def _has_document(api: Api, document: str) -> bool:
    return f"{api.name}/{document}" in documents.names()
