"""The OpenAPI documents are valid, match the tables of operations, and are served as one self-contained document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from tests.api_facts import OWN

from jobmock import apis
from jobmock.contract import documents, openapi
from jobmock.dialect import openapi_documents
from jobmock.dialect.api import Operation
from jobmock.errors import NoSuchDocument

SCHEMAS = Path(__file__).parents[2] / "schemas"
BODIES = Path(__file__).parents[1] / "data" / "bodies"
APIS = OWN
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
OPERATIONS = [(api, operation) for api in APIS for operation in apis.load(api).operations]


def described(value: Operation | str) -> str:
    return value if isinstance(value, str) else f"{value.method} {value.path}"


def nameless(path: str) -> str:
    """Return a path whose parameters have no names: the table's `{job}` is the document's `{job_id}`."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def resolved(document: Mapping[str, Any], node: Any) -> Any:
    """Follow a reference inside the document."""
    while isinstance(node, Mapping) and str(node.get("$ref", "")).startswith("#/"):
        target: Any = document
        for part in node["$ref"].split("/")[1:]:
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


@cache
def operations(api: str) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the operations of an API's file by method and nameless path."""
    return {
        (method.upper(), nameless(path)): operation
        for path, item in openapi.source(api)["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def references(node: Any) -> Iterator[str]:
    for inner in node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ():
        yield from references(inner)
    if isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
        yield node["$ref"]


@pytest.mark.parametrize("api", APIS)
def test_the_file_is_valid_where_it_stands(api: str) -> None:
    """`openapi.yaml` is valid OpenAPI 3.1 with the files that it refers to."""
    path = SCHEMAS / api / "openapi.yaml"
    assert list(OpenAPIV31SpecValidator(dict(openapi.source(api)), base_uri=path.as_uri()).iter_errors()) == []
    assert openapi.source(api)["openapi"] == "3.1.0"


@pytest.mark.parametrize("api", APIS)
def test_the_bundled_document_is_valid_plain_data(api: str) -> None:
    """The bundled document is valid OpenAPI 3.1, survives JSON unchanged, and is made once."""
    bundled = openapi_documents.bundled(apis.load(api))
    assert list(OpenAPIV31SpecValidator(bundled).iter_errors()) == []
    assert json.loads(json.dumps(bundled)) == bundled
    assert openapi_documents.bundled(apis.load(api)) is bundled


@pytest.mark.parametrize("api", APIS)
def test_the_bundled_document_refers_to_nothing_outside(api: str) -> None:
    """Each reference of the bundled document leads to something inside it."""
    bundled = openapi_documents.bundled(apis.load(api))
    found = set(references(bundled))
    assert found
    for reference in found:
        assert reference.startswith("#/components/")
        assert resolved(bundled, {"$ref": reference}) is not None


@pytest.mark.parametrize("api", APIS)
def test_the_bundled_schemas_judge_as_the_files_do(api: str) -> None:
    """Each schema of the bundled document accepts the same bodies as its file."""
    document = openapi_documents.bundled(apis.load(api))
    registry: Registry[Any] = Registry().with_resource("urn:b", DRAFT202012.create_resource(document))
    bodies = [json.loads(path.read_text("utf-8")) for path in sorted((BODIES / api).glob("*/*.json"))]
    assert bodies
    verdicts = set()
    for name in openapi_documents.bundled(apis.load(api))["components"]["schemas"]:
        bundled = Draft202012Validator({"$ref": f"urn:b#/components/schemas/{name}"}, registry=registry)
        file = documents.validator(f"{api}/{name}.json")
        for body in bodies:
            verdicts.add(file.is_valid(body))
            assert bundled.is_valid(body) == file.is_valid(body), f"{name}: {body}"
    assert verdicts == {True, False}


def test_bundling_leaves_the_documents_as_they_were() -> None:
    """Bundling leaves the documents unchanged."""
    openapi_documents.bundled.cache_clear()
    before = json.dumps(documents.document("clado/status.json"))
    schemas = openapi_documents.bundled(apis.load("clado"))["components"]["schemas"]
    assert schemas["status"] != documents.document("clado/status.json")
    assert json.dumps(documents.document("clado/status.json")) == before


def test_an_api_without_a_document_is_named() -> None:
    """An API without `openapi.yaml` raises NoSuchDocument with the name of the file."""
    with pytest.raises(NoSuchDocument, match=r"no document 'nobody/openapi\.yaml' in schemas/\.$"):
        openapi.source("nobody")


@pytest.mark.parametrize("api", APIS)
def test_the_document_has_the_operations_of_the_table_and_no_other(api: str) -> None:
    """Method and path of each operation are in the document, and nothing else is."""
    assert set(operations(api)) == {
        (operation.method, nameless(operation.path)) for operation in apis.load(api).operations
    }


@pytest.mark.parametrize(("api", "operation"), OPERATIONS, ids=described)
def test_responses_are_the_replies_of_the_table(api: str, operation: Operation) -> None:
    """Each status has the same document in the operations table and in the OpenAPI document, and neither has more."""
    responses = operations(api)[operation.method, nameless(operation.path)]["responses"]
    found = {
        int(status): resolved(openapi.source(api), response)["content"]["application/json"]["schema"]["$ref"]
        for status, response in responses.items()
    }
    assert found == dict(operation.replies)


@pytest.mark.parametrize("api", APIS)
def test_path_parameters_are_those_of_the_path(api: str) -> None:
    """Each path declares its own parameters, as required text, and no others."""
    for path, item in openapi.source(api)["paths"].items():
        inner = [parameter for method in METHODS & set(item) for parameter in item[method].get("parameters", ())]
        declared = [*item.get("parameters", ()), *inner]
        found = [resolved(openapi.source(api), parameter) for parameter in declared]
        names = {parameter["name"] for parameter in found if parameter["in"] == "path" and parameter["required"]}
        assert names == set(re.findall(r"\{([^}]*)\}", path))


@pytest.mark.parametrize("api", APIS)
def test_operations_have_ids_and_want_the_key(api: str) -> None:
    """Each operation has an id of its own, and all need the bearer key."""
    found = [operation["operationId"] for operation in operations(api).values()]
    assert len(set(found)) == len(found)
    source = openapi.source(api)
    (scheme,) = source["security"][0]
    assert source["components"]["securitySchemes"][scheme]["scheme"] == "bearer"
    assert f"`{apis.load(api).prefix}`" in source["components"]["securitySchemes"][scheme]["description"]
    assert all("security" not in operation for operation in operations(api).values())


def parts(api: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each part of a document that needs a description, with a name for messages."""
    source = openapi.source(api)
    yield "info", source["info"]
    for kind in ("securitySchemes", "parameters", "headers", "responses"):
        for name, part in source["components"][kind].items():
            yield f"components/{kind}/{name}", part
    for path, item in source["paths"].items():
        for number, parameter in enumerate(item.get("parameters", ())):
            yield f"{path} parameter {number}", resolved(source, parameter)
    for (method, path), operation in operations(api).items():
        place = f"{method} {path}"
        yield place, operation
        if "requestBody" in operation:
            yield f"{place} requestBody", operation["requestBody"]
        for parameter in operation.get("parameters", ()):
            yield f"{place} {parameter['name']}", parameter
        for status, reference in operation["responses"].items():
            response = resolved(source, reference)
            yield f"{place} {status}", response
            for name, part in {**response.get("headers", {}), **response.get("links", {})}.items():
                yield f"{place} {status} {name}", resolved(source, part)


@pytest.mark.parametrize("api", APIS)
def test_every_part_says_what_it_is_and_where_that_stands(api: str) -> None:
    """Each operation, parameter, body, response, header and scheme has a sentence that ends with its source mark."""
    mark = re.compile(rf"\w.* \(schemas/{api}/README\.md#\d+(\.\d+)?([,-]#\d+(\.\d+)?)*\)\.$", re.DOTALL)
    assert [place for place, part in parts(api) if not mark.search(part.get("description", ""))] == []


@pytest.mark.parametrize("api", APIS)
def test_each_api_found_serves_its_document(server: str, api: str) -> None:
    """`GET /__jobmock/openapi/<api>.json` is the bundled document with this mock as its server; POST is refused."""
    url = f"{server}/__jobmock/openapi/{api}.json"
    answer = httpx.get(url)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    document = openapi_documents.bundled(apis.load(api))
    assert answer.json() == {**document, "servers": [{"url": "/", "description": "This mock."}]}
    assert httpx.post(url).status_code == 405
    assert httpx.get(f"{server}/__jobmock/openapi/nobody.json").status_code == 404
