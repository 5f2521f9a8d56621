"""The API that is checked, and the places of problems in its package."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

from .. import apis, errors, json_pointer
from ..api_packages import ApiPackage
from ..contract import documents
from ..dialect.api import Api, Operation
from ..dialect.failures import failure_of, place_of
from ..errors import Origin, Problem, UnknownName

FIRST_LINE = {"": (1, 1)}
"""The place of a problem that is about a whole file."""
hint = partial(errors.hint, likeness=errors.OF_A_TYPO)
"""The hint at the nearest name: only at one for which a name may be misspelt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Problem):
    """A problem in the package of an API. Those with the same `same` are one mistake that shows in several places."""

    same: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedApi:
    """An API and its package. Its methods make problems at places of the package."""

    api: Api
    package: ApiPackage

    def at(self, *path: object, message: str, severity: str = "error", same: object = None) -> Finding:
        """Return a problem at a member of `API`, such as `transitions` and a status in it."""
        origin, pointer = Origin(source=code_of(self.package)), json_pointer.join(("API", *path))
        return Finding(message=message, origin=origin, pointer=pointer, severity=severity, same=same)

    def failure(self, *path: object, error: Exception, doing: str) -> Finding:
        """Return the problem that an exception is: at the line of the package that raised it, else at a member."""
        failed = failure_of(self.api.name, error)
        is_name = isinstance(failed.__cause__ or error, UnknownName)  # a line may use several names
        message, same = f"{doing}: {failed.why}", (failed.place, failed.why if is_name or not failed.place else None)
        if failed.place is None:
            return self.at(*path, message=message, same=same)
        return Finding(message=message, origin=_line(failed.place), same=same)

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
        return Problem(message=reason, origin=_line(_place_of_import(package) or (code_of(package), 1)))
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


def _line(place: tuple[str, int]) -> Origin:
    """Return the origin of a problem that is about a line of a file."""
    file, line = place
    return Origin(source=shown(Path(file)), marks={"": (line, 1)})


def _place_of_import(package: ApiPackage) -> tuple[str, int] | None:
    """Return the place in a package at which its import fails; None if it doesn't."""
    try:
        import_module(package.module)
    except (Exception, SystemExit) as error:
        return place_of(package, error)
    return None
