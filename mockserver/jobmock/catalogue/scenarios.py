"""Finds scenario files and compiles each on first use. A file that breaks keeps its last good version.

The name is the path: `scenarios/clado/two-pages.yaml` is `clado/two-pages`. A file outside an API's folder gets its
API's name in front. A user's scenario replaces a bundled one of the same name.

The modules that read and check scenarios are imported with the first one, so that a server starts quickly.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import api_packages, apis, resources
from ..errors import Origin, Problem, ScenarioError, UnknownScenario, UsageError, short_repr
from .similar_names import hint_of_names

if TYPE_CHECKING:
    from ..engine.progression import Plan
    from ..models import Scenario

SUFFIXES = (".yaml", ".yml", ".json")


class Entry(NamedTuple):
    """One scenario of the catalogue. `source` is `bundled` or the path of its file."""

    name: str
    scenario: Scenario
    source: str

    def row(self) -> dict[str, str]:
        """Return its row in a list."""
        return {
            "name": self.name, "api": self.scenario.api, "summary": self.scenario.summary, "source": self.source,
        }  # fmt: skip


class Catalogue:
    """The bundled scenarios, and the user's in `folders`, which are read at once. `problems` has the broken files."""

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self._plans: dict[str, Plan] = {}
        self._user_files: dict[str, Path] = {}
        self._bundled_files = {name: path for path, name in _bundled_files()}
        self.folders = _checked_folders(folders)
        self.problems: dict[Path, tuple[Problem, ...]] = {}
        self.reload()

    def reload(self, paths: Sequence[Path] | None = None) -> list[Path]:
        """Read the user's files again, all or those in `paths`, and return those that were read.

        A broken file keeps its last good version and gets an entry in `problems`. A deleted file is removed. A link is
        read again with any other path: Kubernetes changes the files of a volume by changing where their links lead.
        """
        changed = None if paths is None else {path.absolute() for path in paths}
        present = dict(found for folder in self.folders for found in scenario_files(folder))
        for name, path in tuple(self._user_files.items()):
            if path not in present:
                del self._user_files[name]
                self._plans.pop(name, None)
                changed = changed and changed.union(broken.absolute() for broken in self.problems)
        for path in tuple(self.problems):
            if path not in present:
                del self.problems[path]
        wanted = [path for path in present if changed is None or path.absolute() in changed or path.is_symlink()]
        for path in wanted:
            self._read(path, present[path])
        return wanted

    def has(self, path: Path) -> bool:
        """Return whether some version of a file can be played."""
        return path in self._user_files.values()

    def name_of(self, path: Path) -> str:
        """Return the name that the place of a user's file gives it, without the API that the file itself names."""
        folder = next(folder for folder in self.folders if path.is_relative_to(folder))
        return path.relative_to(folder).with_suffix("").as_posix()

    def names(self) -> list[str]:
        """Return the name of every scenario that can be played."""
        unusable = apis.problems()
        return sorted(name for name in {*self._bundled_files, *self._user_files} if _api_of(name) not in unusable)

    def entries(self) -> Iterator[Entry]:
        """Yield every scenario that can be played, sorted by name."""
        for name in self.names():
            source = str(self._user_files[name]) if name in self._user_files else "bundled"
            yield Entry(name=name, scenario=self.plan(name).scenario, source=source)

    def plan(self, name: str) -> Plan:
        """Return the plan of a name. Raises UnknownScenario with the nearest name, ScenarioError, or UsageError."""
        if not isinstance(name, str):
            raise UsageError(f"The name of a scenario is a text, not {short_repr(name)}.")
        if name not in self._plans:
            if name not in self._bundled_files:
                self._raise_if_broken(name)
                raise UnknownScenario([Problem(message=self._unknown(name), origin=Origin(source="catalogue"))])
            if problem := apis.why_unusable(_api_of(name)):
                raise UsageError(problem)
            self._plans[name] = load_plan(self._bundled_files[name], name)
        return self._plans[name]

    def memory(self) -> int:
        """Return about how many bytes of memory the plans take that it has made."""
        from ..engine.held_scenarios import size_of

        return sum(map(size_of, self._plans.values()))

    def latest(self, plan: Plan) -> Plan:
        """Return the latest version of a plan. A plan that isn't from this catalogue is returned unchanged."""
        return self._plans.get(plan.scenario.name, plan)

    def resolve(self, wanted: str | Path | Mapping[str, Any] | Scenario, api: str | None = None) -> Plan:
        """Return the plan of a name (with or without its API in front), a path, a mapping or a Scenario.

        Raises ScenarioError, and UsageError for another type, or for a scenario of another API than `api`.
        """
        if isinstance(wanted, str):
            known = wanted in self._plans or wanted in self.names()
            found = self.plan(wanted if known or api is None or "/" in wanted else f"{api}/{wanted}")
        else:
            found = compile_scenario(load_scenario(wanted))
        if api is not None and found.scenario.api != api:
            raise UsageError(f"The scenario {found.name!r} belongs to {found.scenario.api}, not to {api}.")
        return found

    def _raise_if_broken(self, name: str) -> None:
        """Raise the problems of the broken file with this name, if there is one."""
        present = dict(found for folder in self.folders for found in scenario_files(folder))
        for path, problems in self.problems.items():
            place = present.get(path, "")
            if name == place or (place.partition("/")[0] not in apis.names() and name.partition("/")[2] == place):
                raise ScenarioError(problems)

    def _unknown(self, name: str) -> str:
        meant = hint_of_names(name, self.names())
        return f"There is no scenario {short_repr(name)}.{meant} `jobmock list` shows them all."

    def _read(self, path: Path, name: str) -> None:
        try:
            loaded = read_scenario(path, name)
            other = self._user_files.get(loaded.name, path)
            if other != path:
                text = f"Another file has the same name: {other}."
                raise ScenarioError([Problem(message=text, origin=loaded.origin)])
            planned = compile_scenario(loaded)
            for old in [known for known, place in self._user_files.items() if place == path and known != loaded.name]:
                del self._user_files[old], self._plans[old]
            self._plans[loaded.name] = planned
            self._user_files[loaded.name] = path
            self.problems.pop(path, None)
        except ScenarioError as error:
            self.problems[path] = error.problems


def _checked_folders(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Return the folders as a tuple. Raises UsageError for another type, and for a folder that doesn't exist."""
    if isinstance(folders, str) or not isinstance(folders, Sequence):
        raise UsageError(f"'folders' is a list of folders with scenarios, not {short_repr(folders)}.")
    for folder in folders:
        if not isinstance(folder, str | Path):
            raise UsageError(f"A folder with scenarios is a path, not {short_repr(folder)}.")
        if not os.path.isdir(folder):
            raise UsageError(f"{str(folder)!r} is not a folder with scenarios.")
    return tuple(map(Path, folders))


def read_scenario(path: Path, name: str) -> Scenario:
    """Return the scenario of a file as `name`. In an API's folder it must belong to that API. Raises ScenarioError."""
    from .. import scenario

    loaded = scenario.from_file(path, name)
    first, inside, _ = name.partition("/")
    if not inside or first not in apis.names():
        return scenario.from_file(path, f"{loaded.api}/{name}")
    if first != loaded.api:
        text = f"A scenario in the folder {first!r} has `api: {first}`, not {loaded.api}."
        raise ScenarioError([Problem(message=text, origin=loaded.origin, pointer="/api")])
    return loaded


def name_or_path(text: str) -> str | Path:
    """Return the path that a text names, if it ends like a scenario file; else the text, which is a name."""
    return Path(text) if text.endswith(SUFFIXES) else text


def load_scenario(wanted: Path | Mapping[str, Any] | Scenario) -> Scenario:
    """Return the scenario of a path, a mapping or a Scenario. Raises ScenarioError, and UsageError for another type."""
    from .. import scenario
    from ..models import Scenario

    if isinstance(wanted, Path):
        return scenario.from_file(wanted)
    if isinstance(wanted, Mapping):
        return scenario.from_mapping(wanted)
    if isinstance(wanted, Scenario):
        return wanted
    raise UsageError(f"A scenario is a name, a path, a mapping or a Scenario, not {short_repr(wanted)}.")


def load_plan(path: Path, name: str) -> Plan:
    """Return the plan of a scenario file. Raises ScenarioError where it can't be played."""
    from .. import scenario

    return compile_scenario(scenario.from_file(path, name))


def compile_scenario(loaded: Scenario) -> Plan:
    """Return the plan of a scenario. Raises ScenarioError with all its problems where it can't be played."""
    from ..engine.held_scenarios import memory_of
    from .scenario_validation import check_scenario

    if problem := apis.why_unusable(loaded.api):
        raise ScenarioError([Problem(message=problem, origin=loaded.origin, pointer="/api")])
    planned, problems = check_scenario(loaded)
    if any(problem.severity == "error" for problem in problems):
        raise ScenarioError(problems)
    return replace(planned, size=memory_of((loaded, planned.faults)))


def _bundled_files() -> Iterator[tuple[Path, str]]:
    """Yield the files of the scenarios that jobmock and other distributions bring, with their names."""
    yield from scenario_files(resources.folder("scenarios"))
    for package in api_packages.others():
        yield from ((path, f"{package.name}/{name}") for path, name in scenario_files(package.data("scenarios")))


def _api_of(name: str) -> str:
    """Return the API that a scenario's name begins with."""
    return name.partition("/")[0]


def scenario_files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the scenario files below a folder with their names. Hidden ones, and links to folders, are left out."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for file in sorted(files):
            path = Path(place, file)
            if path.suffix in SUFFIXES and not file.startswith("."):
                yield path, path.relative_to(folder).with_suffix("").as_posix()
