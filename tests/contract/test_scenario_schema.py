"""`jobmock schema` writes one schema that needs no other file, and accepts what jobmock accepts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from tests.support import call, part

from jobmock import apis
from jobmock.contract import documents, scenario_schema

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted([*(ROOT / "scenarios").rglob("*.yaml"), *(ROOT / "tests" / "data" / "broken").glob("*.yaml")])
WHOLE = Draft7Validator(scenario_schema.bundled(apis.names()))


def references(node: Any) -> Iterator[str]:
    """Yield every reference of a schema."""
    for inner in node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ():
        yield from references(inner)
    if isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
        yield node["$ref"]


def test_it_needs_no_other_file() -> None:
    """Each reference leads to a definition of the schema itself, and the schema is a legal one."""
    whole = scenario_schema.bundled(apis.names())
    Draft7Validator.check_schema(whole)
    for reference in references(whole):
        value: Any = whole
        assert reference.startswith("#/")
        for key in reference[2:].split("/"):
            value = value[key]


def faults(validator: Any, data: Any) -> set[tuple[str, str]]:
    """Return the keyword and the place of each fault."""
    return {(str(error.validator), error.json_path) for error in validator.iter_errors(data)}


@pytest.mark.parametrize("path", part(FILES, 2), ids=lambda path: path.stem)
def test_it_accepts_what_jobmock_accepts(path: Path) -> None:
    """A file has the same faults by the one schema as by the schemas that jobmock itself uses."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return  # it breaks a rule of YAML itself
    assert faults(WHOLE, data) == faults(documents.validator("scenario.schema.json"), data)


@pytest.mark.parametrize("api", apis.names())
def test_it_has_the_words_of_each_api(api: str) -> None:
    """A status that the API doesn't have is refused, and each that it has is accepted."""
    for status in documents.definitions(api)["status"]["enum"]:
        assert WHOLE.is_valid({"version": 1, "api": api, "progression": [{"status": status}]})
    assert not WHOLE.is_valid({"version": 1, "api": api, "progression": [{"status": "reranking"}]})


def test_it_finds_a_new_api(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words of an API that is named are in the schema."""
    load = documents.document
    words = {"properties": {"progression": {"items": {"$ref": "#/definitions/step"}}},
             "definitions": {"step": {"properties": {"status": {"enum": ["baking"]}}}}}  # fmt: skip
    monkeypatch.setattr(documents, "document", lambda name: words if name.startswith("toast/") else load(name))
    validator = Draft7Validator(scenario_schema.bundled(["toast"]))
    job = {"version": 1, "api": "toast", "progression": [{"status": "baking"}]}
    assert validator.is_valid(job) and not validator.is_valid({**job, "progression": [{"status": "pending"}]})


def test_the_command_prints_or_writes_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without a file the schema goes to stdout, with `--output` to the file; a folder that isn't there ends with 3."""
    printed = call(capsys, "schema")
    assert (printed.code, json.loads(printed.out)) == (0, scenario_schema.bundled(apis.names()))
    assert call(capsys, "schema", "--output", tmp_path / "own.json") == (0, "", "")
    assert (tmp_path / "own.json").read_text("utf-8") == printed.out
    failed = call(capsys, "schema", "--output", tmp_path / "none" / "own.json")
    assert (failed.code, failed.out) == (3, "") and "none/own.json" in failed.err
