"""YAML or JSON text → `Scenario`, with every error at its line and column. Shape only: `catalogue` judges the rest.

`document` reads text, `shape` holds it against `schemas/scenario.schema.json`, `build` makes the dataclasses.
`writing` goes the other way: `Scenario` → object or YAML text.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import Origin
from ..models import Scenario
from .bounds import bounded
from .build import build
from .composer import Document
from .document import read, read_json, read_yaml
from .shape import check
from .writing import to_mapping, to_text

__all__ = ["from_document", "from_file", "from_mapping", "from_text", "to_mapping", "to_text"]


def from_file(path: Path, name: str | None = None, source: str | None = None) -> Scenario:
    """Load a `.yaml`, `.yml` or `.json` file. Raises ScenarioError with one Problem for each fault found."""
    return from_document(read(path, source or str(path)), name or path.stem)


def from_text(text: str | bytes, *, name: str = "scenario", source: str = "<text>", form: str = "yaml") -> Scenario:
    """Load YAML (or, with `form="json"`, JSON) text. Raises ScenarioError."""
    reader = read_json if form == "json" else read_yaml
    return from_document(reader(text, source), name)


def from_mapping(value: Mapping[str, Any], *, name: str = "scenario", source: str = "<object>") -> Scenario:
    """Load a scenario that is already an object; its errors carry a JSON Pointer. Raises ScenarioError."""
    return from_document(bounded(Document(data=dict(value), origin=Origin(source=source))), name)


def from_document(document: Document, name: str) -> Scenario:
    """Load a scenario that was read already. Raises ScenarioError."""
    check(document)
    return build(document, name)
