"""Finds the packages of APIs without importing them: those in `apis/`, and those that other distributions have.

A distribution names a package by an entry point of the group `jobmock.apis`, under the name of the API. The files with
entry points are read here, because the import of `importlib.metadata` takes longer than that of the whole command.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import NamedTuple

from .resources import folder, package_file

GROUP = "jobmock.apis"
_OWN = f"{__package__}.apis"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_METADATA = (".dist-info", ".egg-info")


class ApiPackage(NamedTuple):
    """The package of one API: the API's name, the module to import, and the distribution that has it."""

    name: str
    module: str
    distribution: str

    @property
    def is_own(self) -> bool:
        """Whether it is a part of jobmock."""
        return self.module.startswith(f"{_OWN}.")

    @property
    def code(self) -> Path:
        """The file with its `API`. It may be missing."""
        return _place(self.module) / "__init__.py"

    @property
    def root(self) -> Path:
        """The folder with all its code: that of its outermost package, but for one of jobmock."""
        return self.code.parent if self.is_own else _place(self.module.partition(".")[0])

    def data(self, kind: str) -> Path:
        """Return its folder `schemas` or `scenarios`. Another distribution has them in the package itself."""
        return folder(kind) / self.name if self.is_own else _place(self.module) / kind


class FoundPackages(NamedTuple):
    """The packages by the names of their APIs, and why others are refused, by their names too."""

    usable: Mapping[str, ApiPackage]
    refused: Mapping[str, str]


@cache
def found() -> FoundPackages:
    """Return all packages of APIs. They are looked for once."""
    own = [module.name for module in iter_modules([str(package_file("apis"))]) if module.ispkg]
    by_name = {name: [ApiPackage(name, f"{_OWN}.{name}", "jobmock")] for name in own}
    for package in _of_other_distributions():
        by_name.setdefault(package.name, []).append(package)
    usable = {name: packages[0] for name, packages in sorted(by_name.items())}
    refused = dict[str, str]()
    for name, packages in by_name.items():
        if problem := _problem(name, packages):
            refused[name] = problem
            if not packages[0].is_own:
                del usable[name]
    return FoundPackages(usable, refused)


def names() -> tuple[str, ...]:
    """Return the names of the APIs, sorted."""
    return tuple(found().usable)


def others() -> list[ApiPackage]:
    """Return the packages of other distributions."""
    return [package for package in found().usable.values() if not package.is_own]


def data_of(api: str, kind: str) -> Path:
    """Return the folder `schemas` or `scenarios` of an API; for an unknown API the one that jobmock would have."""
    package = found().usable.get(api)
    return folder(kind) / api if package is None else package.data(kind)


def _problem(name: str, packages: list[ApiPackage]) -> str | None:
    """Return why the packages of a name are refused, but for one of jobmock; None if they aren't."""
    if len(packages) > 1:
        return f"Two distributions have an API {name!r}: {packages[0].distribution} and {packages[1].distribution}."
    if _NAME.fullmatch(name):
        return None
    allowed = "lower-case letters, digits and underscores, a letter first"
    return f"{packages[0].distribution} has an API {name!r}. A name may have {allowed}."


def _of_other_distributions() -> Iterator[ApiPackage]:
    """Yield the packages that installed distributions name. Of two of the same name, Python imports the first."""
    known = set[str]()
    for place in dict.fromkeys(sys.path):
        for metadata in _metadata_in(place):
            name, version = _distribution(metadata)
            if name not in known:
                known.add(name)
                for api, module in _entry_points(f"{metadata}/entry_points.txt"):
                    yield ApiPackage(api, module, f"{name} {version}".strip())


def _metadata_in(place: str) -> list[str]:
    """Return the folders with the metadata of distributions in a folder of `sys.path`, sorted."""
    try:
        with os.scandir(place or ".") as entries:
            return sorted(entry.path for entry in entries if entry.name.endswith(_METADATA))
    except OSError:
        return []  # an archive, or a folder that isn't there


def _distribution(metadata: str) -> tuple[str, str]:
    """Return the name and the version of a distribution, by the name of its folder with metadata."""
    name, _, version = os.path.basename(metadata).rpartition(".")[0].partition("-")
    return re.sub(r"[-_.]+", "-", name).lower(), version


def _entry_points(path: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of each entry point of the group in a file, if there is one."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return
    if GROUP.encode() not in content:
        return
    section = ""
    for line in content.decode("utf-8", "replace").splitlines():
        name, equals, value = (part.strip() for part in line.partition("="))
        if name.startswith("["):
            section = name.strip("[] ")
        elif equals and section == GROUP and not name.startswith(("#", ";")):
            yield name, value


def _place(module: str) -> Path:
    """Return the folder of a package. Only the packages around it are imported."""
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        spec = None
    places = (spec and spec.submodule_search_locations) or []
    return Path(next(iter(places), os.devnull))
