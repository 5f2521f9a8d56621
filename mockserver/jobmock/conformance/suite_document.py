"""Reads a document with conformance cases, with every error at its place: at line and column in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import apis
from ..catalogue import Catalogue, compile_scenario
from ..contract.documents import definitions
from ..engine.progression import Plan
from ..errors import Origin, Problem, ScenarioError, UsageError, hint, short_repr
from ..etiquette import RULES
from ..scenario import from_document
from ..scenario.document import Document
from ..scenario.reading import read_file
from ..scenario.schema_check import check_document
from .cases import DEADLINE, Case, Expectation, Range

_SCHEMA, _EACH = "conformance.schema.json", "{each}"


@dataclass(slots=True)
class SuiteDocument:
    """One document with cases. Raises ScenarioError where it breaks the schema."""

    document: Document
    catalogue: Catalogue
    problems: list[Problem] = field(default_factory=list)
    data: Any = field(init=False)
    origin: Origin = field(init=False)

    def __post_init__(self) -> None:
        check_document(self.document, _SCHEMA)
        self.data, self.origin = self.document.data, self.document.origin
        if self.api not in apis.names():
            names = apis.names()
            text = f"'api' is {short_repr(self.api)}. Allowed: {', '.join(names)}.{hint(self.api, names)}"
            raise ScenarioError([Problem(message=text, origin=self.origin, pointer="/api")])

    @property
    def api(self) -> str:
        """The API of its cases."""
        return str(self.data["api"])

    @property
    def groups(self) -> Mapping[str, str]:
        """The sentences on its groups."""
        groups: Mapping[str, str] = self.data.get("groups", {})
        return groups

    def cases(self) -> Iterator[tuple[str, Case]]:
        """Yield each case with its JSON Pointer. What is wrong is added to `problems`."""
        for number, entry in enumerate(self.data["cases"]):
            pointer = f"/cases/{number}"
            for variant, value in _variants(entry):
                plan = self._plan(variant, value["scenario"], f"{pointer}/scenario")
                self._check_names(value["expect"], pointer)
                if plan is not None:
                    yield pointer, self._case(variant, value, plan)

    def _case(self, name: str, value: Mapping[str, Any], plan: Plan) -> Case:
        return Case(
            api=self.api, id=name, group=value["group"], severity=value.get("severity", "must"), title=value["title"],
            action=value["action"], plan=plan, expect=_expectation(value["expect"]),
            query=value.get("query", self.data["query"]), limit=value.get("limit"),
            deadline=value.get("deadline", DEADLINE), source=value.get("source"),
        )  # fmt: skip

    def _plan(self, name: str, wanted: Any, pointer: str) -> Plan | None:
        """Return the plan of a scenario, or None: what is wrong with it is added to `problems`."""
        try:
            if isinstance(wanted, str):
                return self.catalogue.resolve(wanted, self.api)
            origin = _below(self.origin, pointer)
            data = {"version": 1, "api": self.api, **wanted}
            return compile_scenario(from_document(Document(data=data, origin=origin), name))
        except (ScenarioError, UsageError) as error:
            if isinstance(error, ScenarioError) and not isinstance(wanted, str):
                self.problems += error.problems
            else:
                self.problems.append(Problem(message=str(error), origin=self.origin, pointer=pointer))
            return None

    def _check_names(self, expect: Mapping[str, Any], pointer: str) -> None:
        """Add a problem for each rule, operation or status that there isn't."""
        operations = list(dict.fromkeys(operation.name for operation in apis.load(self.api).operations))
        rules = [("silent", number, name, list(RULES)) for number, name in enumerate(expect.get("silent", ()))]
        requests = [("requests", name, name, operations) for name in expect.get("requests", ())]
        statuses = list(definitions(self.api)["status"]["enum"])
        status = [("status", "", expect["status"], statuses)] if "status" in expect else []
        for member, place, name, allowed in (*rules, *requests, *status):
            if name not in allowed:
                what = {"silent": "rule", "requests": "operation"}.get(member, "status")
                text = f"There is no {what} {short_repr(name)}. Allowed: {', '.join(allowed)}.{hint(name, allowed)}"
                where = f"{pointer}/expect/{member}/{place}".rstrip("/")
                self.problems.append(Problem(message=text, origin=self.origin, pointer=where, key=member == "requests"))


def read_suite(path: Path, catalogue: Catalogue) -> SuiteDocument:
    """Return the cases of a file. Raises ScenarioError where its text breaks the schema."""
    return SuiteDocument(read_file(path, str(path)), catalogue)


def _variants(entry: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the id and the members of a case, or of each case that `each` makes of it."""
    if "each" not in entry:
        yield entry["id"], entry
        return
    for each in entry["each"]:
        yield f"{entry['id']}/{each}", _replaced(entry, each)


def _replaced(value: Any, entry: str | float) -> Any:
    """Return a copy of a value with an entry of `each` in place of `{each}`. A text that is nothing else becomes it."""
    if isinstance(value, Mapping):
        return {key: _replaced(inner, entry) for key, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, entry) for inner in value]
    if value == _EACH:
        return entry
    return value.replace(_EACH, str(entry)) if isinstance(value, str) else value


def _expectation(value: Mapping[str, Any]) -> Expectation:
    return Expectation(
        outcome=value["outcome"], status=value.get("status"), people=value.get("people"),
        silent=tuple(value.get("silent", ())),
        requests={name: _range(bounds) for name, bounds in value.get("requests", {}).items()},
        credits=_range(value.get("credits", {})), seconds=_range(value.get("seconds", {})),
    )  # fmt: skip


def _range(value: Mapping[str, Any]) -> Range:
    return Range(value.get("from"), value.get("to"))


def _below(origin: Origin, pointer: str) -> Origin:
    """Return the origin of a part of a document."""
    marks, keys = _MarksBelow(origin.marks, pointer), _MarksBelow(origin.keys, pointer)
    return Origin(source=origin.source, marks=marks, keys=keys)


class _MarksBelow(Mapping[str, tuple[int, int]]):
    """The positions in a part of a document, by JSON Pointers that begin at that part."""

    def __init__(self, marks: Mapping[str, tuple[int, int]], pointer: str) -> None:
        self._marks, self._pointer = marks, pointer

    def __getitem__(self, pointer: str) -> tuple[int, int]:
        return self._marks[self._pointer + pointer]

    def __iter__(self) -> Iterator[str]:
        begin = self._pointer
        return (one.removeprefix(begin) for one in self._marks if one == begin or one.startswith(f"{begin}/"))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return bool(self._marks)
