"""An API without an OpenAPI document has one that is made from its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from jobmock import apis
from jobmock.contract import openapi
from jobmock.dialect import openapi_documents
from jobmock.dialect.api import Api
from jobmock.errors import NoSuchDocument

WRITTEN = {name: openapi_documents.source(apis.load(name)) for name in apis.names()}


@pytest.fixture(params=apis.names())
def bare(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """Each API as if it had no document: another object, so that nothing is cached for it."""

    def nothing(api: str) -> None:
        raise NoSuchDocument(f"There is no document '{api}/openapi.yaml' in schemas/.")

    with monkeypatch.context() as changed:
        changed.setattr(openapi, "source", nothing)
        yield replace(apis.load(request.param))


def test_a_made_document_is_valid(bare: Api) -> None:
    """It is valid OpenAPI 3.1, and refers to nothing outside once its schemas are in it."""
    bundled = openapi_documents.bundled(bare)
    assert list(OpenAPIV31SpecValidator(bundled).iter_errors()) == []
    assert bundled["components"]["schemas"] and not re.search(r"\"\\$ref\": \"[^#]", str(bundled).replace("'", '"'))


def test_a_made_document_has_what_the_own_one_has(bare: Api) -> None:
    """Operations, replies and query parameters are those of the document that was written by hand."""
    by_hand, made = _operations(WRITTEN[bare.name]), _operations(openapi_documents.source(bare))
    assert {*by_hand} == {*made} and len(made) == len(bare.operations)
    for place, operation in by_hand.items():
        assert {*made[place]["responses"]} == {*operation["responses"]}, place
        assert ("requestBody" in made[place]) == ("requestBody" in operation), place
    for one in bare.operations:
        own = openapi_documents.query_parameters(apis.load(bare.name), one)
        assert {*openapi_documents.query_parameters(bare, one)} == {*own} == {*one.parameters}


def test_a_status_that_no_standard_lists(bare: Api) -> None:
    """An answer may have such a status. Its description is the number."""
    first, *others = bare.operations
    added = replace(first, replies={**first.replies, 529: next(iter(first.replies.values()))})
    made = openapi_documents.bundled(replace(bare, operations=(added, *others)))
    answers = made["paths"][first.path][first.method.lower()]["responses"]
    assert answers["529"]["description"] == "HTTP 529"
    assert list(OpenAPIV31SpecValidator(made).iter_errors()) == []


def _operations(document: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the operations of a document by method and nameless path."""
    return {
        (method, re.sub(r"{[^}]*}", "{}", path)): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }
