"""The server's own limits (`--limits`) and switches (`--switch`), checked by the rules of the scenario language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import apis, scenario
from ..contract import documents
from ..errors import Origin, Problem, ScenarioError, UsageError, hint
from ..models import Limit, Scenario
from ..scenario.document import Document
from ..scenario.reading import read_file, read_yaml


def limits_from_file(path: Path) -> dict[str, Mapping[str, Limit | None]]:
    """Read `{api: {operation: {requests, seconds, burst}}}`. Raises ScenarioError with file:line:column."""
    document = read_file(path, str(path))
    if not isinstance(document.data, dict):
        text = "A limits file is a mapping from api to operations."
        raise ScenarioError([Problem(message=text, origin=document.origin)])
    found = {}
    for api, limits in document.data.items():
        if api not in apis.names():
            text = f"Unknown api {api!r}. Allowed: {', '.join(apis.names())}.{hint(api, apis.names())}"
            raise ScenarioError([Problem(message=text, origin=document.origin, pointer=f"/{api}", key=True)])
        try:
            found[api] = _checked(api, "limits", limits, Origin(source=str(path))).limits
        except ScenarioError as error:
            raise ScenarioError(_in_file(error.problems, api, document.origin)) from None
    return found


def switches_from_flags(flags: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Read flags like `clado.tier=free`; the value is YAML. Raises UsageError or ScenarioError."""
    found: dict[str, dict[str, Any]] = {}
    for flag in flags:
        name, equals, text = flag.partition("=")
        api, dot, switch = name.partition(".")
        if not (equals and dot) or api not in apis.names():
            known = " or ".join(apis.names())
            raise UsageError(f"{flag!r} is not a switch. Write API.NAME=VALUE, where API is {known}.")
        if not text:
            raise UsageError(f"The switch {name!r} has no value.")
        value = read_yaml(text, f"--switch {name}").data
        found.setdefault(api, {}).update({switch: value})
        _checked(api, "switches", {switch: value}, Origin(source=f"--switch {flag}"))
    return dict(found)


def _checked(api: str, key: str, value: Any, origin: Origin) -> Scenario:
    """Check the value as if it stood under `key` in a scenario of that API."""
    status = documents.definitions(api)["status"]["enum"][0]
    data = {"version": 1, "api": api, "progression": [{"status": status}], key: value}
    return scenario.from_document(Document(data=data, origin=origin), key)


def _in_file(problems: Iterable[Problem], api: str, origin: Origin) -> list[Problem]:
    """Return problems of an API's limits with the pointers and places that they have in the file, in its order."""
    pointers = ((problem, f"/{api}{problem.pointer.removeprefix('/limits')}") for problem in problems)
    found = [replace(problem, pointer=pointer, origin=origin) for problem, pointer in pointers]
    return sorted(found, key=lambda problem: problem.position or (0, 0))
