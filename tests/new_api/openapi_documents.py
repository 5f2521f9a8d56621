"""OpenAPI documents for tests, and what `new-api` makes of them."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.support import CommandResult, call

JOB: dict[str, Any] = {"type": "object", "required": ["id", "status"],
                       "properties": {"id": {"type": "string"}, "status": {"enum": ["queued", "done"]}}}  # fmt: skip


def tables_of(package: Path) -> Mapping[str, Any]:
    """Return the values of a package's `tables.py`."""
    (file,) = package.glob("*/tables.py")
    rows = [node for node in ast.parse(file.read_text()).body if isinstance(node, ast.Assign)]
    return {row.targets[0].id: ast.literal_eval(row.value) for row in rows if isinstance(row.targets[0], ast.Name)}


def answers_of(package: Path) -> Mapping[str, Any]:
    """Return the content of a package's `answers.json`."""
    (file,) = package.glob("*/answers.json")
    content: Mapping[str, Any] = json.loads(file.read_text())
    return content


def answer(schema: Any, status: int = 200, **more: Any) -> dict[str, Any]:
    """Return an operation of a document that answers JSON. The content may have more than the schema."""
    content = {"application/json": {"schema": schema, **more}}
    return {"responses": {str(status): {"description": "It is so.", "content": content}}}


def document(schema: Any = JOB, version: str = "3.1.0", **more: Any) -> dict[str, Any]:
    """Return a document with a start and a poll that answer with this schema."""
    paths = {"/jobs": {"post": answer(schema)}, "/jobs/{id}": {"get": answer(schema)}}
    return {"openapi": version, "info": {"title": "Jobs", "version": "1"}, "paths": paths, **more}


def new_api(capsys: pytest.CaptureFixture[str], place: Path, content: Any, *options: object) -> CommandResult:
    """Run the command with a document; return what it said. The package is in the folder `new`."""
    file = place / "document"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return call(capsys, "new-api", "quill", "--openapi", file, "--output", place / "new", *options)
