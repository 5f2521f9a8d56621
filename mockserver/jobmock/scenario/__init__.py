"""The scenario language: YAML or JSON text → `Scenario`, with every error at its line and column, and back.

`reading` parses text, `schema_check` validates it against `schemas/scenario.schema.json`, `build` creates the
dataclasses. `writing` is the other direction. Whether an API can play a scenario is for `catalogue`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import Origin
from ..models import Scenario
from .bounds import check_bounds
from .build import build_scenario
from .document import Document
from .reading import read_file, read_json, read_yaml
from .schema_check import check_schema
from .schema_line import schema_line
from .writing import to_mapping
from .yaml_text import to_text

__all__ = ["from_document", "from_file", "from_mapping", "from_text", "schema_line", "to_mapping", "to_text"]

_MAPPING = "scenario given as a mapping"
"""The source of a scenario that is no text, in messages."""


def from_file(path: Path, name: str | None = None, source: str | None = None) -> Scenario:
    """Load a `.yaml`, `.yml` or `.json` file. Raises ScenarioError with one Problem for each fault."""
    return from_document(read_file(path, source or str(path)), name or path.stem)


def from_text(text: str | bytes, *, name: str = "scenario", source: str = "<text>", form: str = "yaml") -> Scenario:
    """Load YAML (or, with `form="json"`, JSON) text. Raises ScenarioError."""
    reader = read_json if form == "json" else read_yaml
    return from_document(reader(text, source), name)


def from_mapping(value: Mapping[str, Any], *, name: str = "scenario", source: str = _MAPPING) -> Scenario:
    """Load a scenario from an object. Raises ScenarioError, whose problems have a JSON Pointer."""
    document = Document(data=dict(value) if isinstance(value, Mapping) else value, origin=Origin(source=source))
    return from_document(check_bounds(document) if isinstance(value, Mapping) else document, name)


def from_document(document: Document, name: str) -> Scenario:
    """Load a scenario from a document. Raises ScenarioError."""
    check_schema(document)
    return build_scenario(document, name)
