"""The shapes that a person's record has in an API's answers, and which switches and queries bring about which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from typing import Any
from urllib.parse import urlencode

from ..contract import documents
from ..dialect.api import Api
from ..models import Results, Scenario, Step
from . import vocabulary
from .probe import asked

Setting = tuple[tuple[tuple[str, Any], ...], bytes]
"""Switches and a query."""


@cache
def settings_of(api: Api) -> Mapping[str, tuple[Setting, ...]]:
    """Return for each shape, named by its document, the settings that show it, the simplest first; they are tried."""
    found: dict[str, list[Setting]] = {}
    for chooser in documents.names():
        if chooser.startswith(f"{api.name}/") and chooser.endswith("-any.json"):
            for setting in _settings(api):
                found.setdefault(_shape(chooser, record_in(api, setting, 1)), []).append(setting)
    return {shape: tuple(settings) for shape, settings in found.items()}


def record_in(api: Api, setting: Setting, seed: int) -> dict[str, Any]:
    """Return the only person of a finished job."""
    switches, query = setting
    ending = vocabulary.endings(api)[0]
    scenario = Scenario(
        name=f"{api.name}/person", api=api.name, summary="", progression=(Step(status=ending),),
        results=Results(count=1, seed=seed), switches=dict(switches),
    )  # fmt: skip
    body = asked(api, scenario, vocabulary.called(api, "status")[0], query).json()
    record: dict[str, Any] = next(value[0] for value in body.values() if isinstance(value, list))
    return record


def _settings(api: Api) -> Iterator[Setting]:
    """Yield no switch and each switch, with each choice of the query's words."""
    listed = vocabulary.query_parameters(vocabulary.called(api, "status")[0], api)
    words = [name for name, schema in listed.items() if schema["type"] == "boolean"]
    chosen = [
        tuple((name, value) for name, value in zip(words, values, strict=True) if value)
        for values in product(("", "true", "false"), repeat=len(words))
    ]
    switches = [(), *((switch,) for switch in vocabulary.switched(api))]
    yield from ((switched, urlencode(query).encode()) for switched in switches for query in chosen)


def _shape(document: str, record: Mapping[str, Any]) -> str:
    """Return the document that another one chooses for a record, by its `if`, `then` and `else`."""
    validator = documents.validator(document)
    schema: Any = validator.schema
    node, place = documents.document(document), f"{schema['$ref']}#"
    while "$ref" not in node:
        holds = validator.evolve(schema={"$ref": f"{place}/if"}).is_valid(record)
        branch = "then" if holds else "else"
        node, place = node[branch], f"{place}/{branch}"
    return str(node["$ref"]).removesuffix(".json")
