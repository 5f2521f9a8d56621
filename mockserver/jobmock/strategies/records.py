"""The shapes of a person's record in an API's answers, and the switches and queries that select them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from typing import Any
from urllib.parse import urlencode

from .. import json_pointer
from ..contract import documents
from ..dialect.api import Api
from ..dialect.openapi_documents import query_parameters
from ..models import Results, Scenario, Step
from . import vocabulary
from .probe import served_response

RecordSetting = tuple[tuple[tuple[str, Any], ...], bytes]
"""Switches and a query string."""


@cache
def settings_by_shape(api: Api) -> Mapping[str, tuple[RecordSetting, ...]]:
    """Return the settings that show each shape, the simplest first; each setting is tried out."""
    found: dict[str, list[RecordSetting]] = {}
    for chooser in documents.names():
        if chooser.startswith(f"{api.name}/") and chooser.endswith("-any.json"):
            for setting in _all_settings(api):
                found.setdefault(_document_of(chooser, record_with(api, setting, 1)), []).append(setting)
    return {shape: tuple(settings) for shape, settings in found.items()}


def record_with(api: Api, setting: RecordSetting, seed: int) -> dict[str, Any]:
    """Return the person of a finished job, as its status answer shows it with a setting."""
    switches, query = setting
    ending = vocabulary.terminal_statuses(api)[0]
    scenario = Scenario(
        name=f"{api.name}/person", api=api.name, summary="", progression=(Step(status=ending),),
        results=Results(count=1, seed=seed), switches=dict(switches),
    )  # fmt: skip
    body = served_response(api, scenario, api.operation_named(api.results_operation), query).json()
    record: dict[str, Any] = json_pointer.value_at(body, api.results)[0]
    return record


def _all_settings(api: Api) -> Iterator[RecordSetting]:
    """Yield each combination of at most one switch and the boolean parameters of the query."""
    listed = query_parameters(api, api.operation_named(api.results_operation))
    words = [name for name, schema in listed.items() if schema.get("type") == "boolean"]
    chosen = [
        tuple((name, value) for name, value in zip(words, values, strict=True) if value)
        for values in product(("", "true", "false"), repeat=len(words))
    ]
    switches = [(), *((switch,) for switch in vocabulary.switch_values(api))]
    yield from ((switched, urlencode(query).encode()) for switched in switches for query in chosen)


def _document_of(document: str, record: Mapping[str, Any]) -> str:
    """Return the schema document that a choosing one selects for a record, by its `if`, `then` and `else`."""
    validator = documents.validator(document)
    schema: Any = validator.schema
    node, place = documents.document(document), f"{schema['$ref']}#"
    while "$ref" not in node:
        holds = validator.evolve(schema={"$ref": f"{place}/if"}).is_valid(record)
        branch = "then" if holds else "else"
        node, place = node[branch], f"{place}/{branch}"
    return str(node["$ref"]).removesuffix(".json")
