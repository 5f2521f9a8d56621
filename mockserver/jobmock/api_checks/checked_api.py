"""The API that is checked, and the places of problems in its package."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .. import apis, json_pointer
from ..api_packages import ApiPackage
from ..contract import documents
from ..dialect.api import Api, Operation
from ..errors import Origin, Problem

FIRST_LINE = {"": (1, 1)}
"""The place of a problem that is about a whole file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedApi:
    """An API and its package. Its methods make problems at places of the package."""

    api: Api
    package: ApiPackage

    def at(self, *path: object, message: str, severity: str = "error") -> Problem:
        """Return a problem at a member of `API`, such as `transitions` and a status in it."""
        origin = Origin(source=code_of(self.package))
        return Problem(message=message, origin=origin, pointer=json_pointer.join(("API", *path)), severity=severity)

    def in_document(self, name: str, pointer: str, message: str, severity: str = "error") -> Problem:
        """Return a problem at a JSON Pointer in a document, such as `toast/status.json`."""
        source = shown(self._file(name))
        marks = {} if pointer else FIRST_LINE
        return Problem(message=message, origin=Origin(source=source, marks=marks), pointer=pointer, severity=severity)

    def document(self, name: str) -> str:
        """Return the whole name of a document that an operation names."""
        return f"{self.api.name}/{name}"

    def documents(self) -> list[str]:
        """Return the names of all documents of the API that are files."""
        return [name for name in documents.names() if self._file(name).is_file()]

    def _file(self, name: str) -> Path:
        """Return the file of a document. Those of other APIs, and those that are made, have none here."""
        return self.package.data("schemas") / name.removeprefix(f"{self.api.name}/")

    def numbered(self, name: str | None = None) -> list[tuple[int, Operation]]:
        """Return the operations, all or those of a name, each with its index."""
        return [(n, one) for n, one in enumerate(self.api.operations) if name in (None, one.name)]


def checked_api(package: ApiPackage) -> CheckedApi | Problem:
    """Return the API of a package to check, or the problem because of which it can't be used."""
    if reason := apis.why_unusable(package.name):
        return Problem(message=reason, origin=Origin(source=code_of(package), marks=FIRST_LINE))
    return CheckedApi(api=apis.load(package.name), package=package)


def code_of(package: ApiPackage) -> str:
    """Return the file with the `API` of a package, or the name of its module if there is no such file."""
    return shown(package.code) if package.code.is_file() else package.module


def shown(path: Path) -> str:
    """Return a path as messages show it: relative to the current folder if it is in there."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def described(operation: Operation) -> str:
    """Return an operation with its route, as the beginning of a sentence."""
    return f"The {in_text(operation)}"


def in_text(operation: Operation) -> str:
    """Return an operation with its route, as a part of a sentence."""
    return f"operation {operation.name!r} ({operation.method} {operation.path})"


def raised(error: BaseException) -> str:
    """Return an exception in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split()).rstrip(":.")
