"""The files of a new package: the template's, those that are made from a document, and the gaps in them."""

from __future__ import annotations

import ast
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import StartError, UsageError
from ..resources import package_file
from .model import MARK, NewApi
from .tables_source import with_facts

PLACEHOLDER = "yourapi"
"""The name of the API in the template: in texts and in the names of files, also in capitals."""
_CODE = f"jobmock_{PLACEHOLDER}"
_README = "README.md"
_RENAMED = {"gitignore": ".gitignore"}
"""Files that would mean something in the template itself, by their names there."""
Files = dict[str, str]
"""Path in the package → content."""


class Gap(NamedTuple):
    """A line with a guess or an example: its file, its number and what it says."""

    file: str
    line: int
    text: str


def package_files(name: str, api: NewApi | None = None) -> tuple[Files, list[Gap]]:
    """Return the files of a new package, and the gaps in them. Without an API, they are the template's example."""
    files = _template()
    if api is not None:
        files = _with_api(files, api)
    files = {_named(path, name): _named(content, name) for path, content in sorted(files.items())}
    gaps = list(_gaps(files))
    files[_README] += "".join(f"- `{gap.file}:{gap.line}`: {gap.text}\n" for gap in gaps)
    return files, gaps


def host_and_paths(files: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the host of the API in a package and the paths of its operations, by its tables."""
    source = next(content for path, content in files.items() if path.endswith("/tables.py"))
    values = {
        node.targets[0].id: node.value
        for node in ast.parse(source).body if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }  # fmt: skip
    return ast.literal_eval(values["HOST"]), [path for _, _, path, _ in ast.literal_eval(values["OPERATIONS"])]


def write_package(folder: Path, files: Mapping[str, str]) -> None:
    """Write a package into a new folder, completely or not at all. Raises UsageError, StartError."""
    if os.path.lexists(folder):
        raise UsageError(f"{str(folder)!r} is there already, and stays as it is. Name a new folder with --output.")
    temporary = folder.with_name(f".{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        for path, content in files.items():
            (temporary / path).parent.mkdir(parents=True, exist_ok=True)
            (temporary / path).write_text(content, "utf-8")
        temporary.rename(folder)
    except OSError as error:
        raise StartError(f"The package can't be written to {str(folder)!r}: {error.strerror}.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _template() -> Files:
    """Return the files of the template."""
    root = package_file("new_api") / "template"
    return {
        _RENAMED.get(path.name, path.relative_to(root).as_posix()): path.read_text("utf-8")
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }


def _named(text: str, name: str) -> str:
    """Return a text of the template with the name of the new API."""
    return text.replace(PLACEHOLDER, name).replace(PLACEHOLDER.upper(), name.upper())


def _with_api(files: Files, api: NewApi) -> Files:
    """Return the files with everything that a document says in place of the template's example."""
    kept = {path: text for path, text in files.items() if "/schemas/" not in path}
    tables, usual = f"{_CODE}/tables.py", f"{_CODE}/scenarios/usual.yaml"
    steps = [f"  - {_json(step, indent=None)}\n" for step in api.progression]
    return {
        **kept,
        **{f"{_CODE}/schemas/{name}": _json(schema) for name, schema in api.schemas.items()},
        tables: with_facts(files[tables], api.tables, MARK),
        f"{_CODE}/answers.json": _json(api.answers),
        usual: files[usual].partition("  - ")[0] + "".join(steps),
    }


def _json(value: Any, indent: int | None = 2) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=False) + ("\n" if indent else "")


def _gaps(files: Mapping[str, str]) -> Iterator[Gap]:
    """Yield each line of the package's code and data that has the mark."""
    for path, content in files.items():
        for number, line in enumerate(content.splitlines(), 1):
            before, mark, text = line.partition(f"{MARK} ")
            if mark and path.startswith("jobmock_") and "`" not in before[-1:]:
                yield Gap(path, number, text.strip().removesuffix(",").removesuffix('"'))
