"""Plays the case that finds a planted bug to a client with that bug."""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from tests.conformance.bugs_and_cases import CASE_OF
from tests.conformance.planted_bug import PlantedBug
from tests.conformance.planted_bugs import planted
from tests.conformance.reference import perform
from tests.preloads.node_process import NODE

from jobmock import apis
from jobmock.conformance.cases import ACTIONS, Case
from jobmock.conformance.clients.choice import client_under_test
from jobmock.conformance.playing import play_cases
from jobmock.conformance.scorecard import CaseResult
from jobmock.conformance.suite import Suite, load_suite


def case_of(bug: PlantedBug) -> Case:
    """Return the case that finds a bug."""
    (case,) = _suite(bug.api).chosen(cases=[CASE_OF[bug.id]])
    return case


@cache
def _suite(api: str) -> Suite:
    return load_suite(api)


def found_in_process(bug: PlantedBug, folder: Path) -> CaseResult:
    """Return the result of the client in Python with a bug, as a callable."""
    file = planted(bug, "python", folder)
    spec = spec_from_file_location(f"planted_{bug.id.replace('-', '_')}", file)
    assert spec is not None and spec.loader is not None
    module: Any = module_from_spec(spec)
    spec.loader.exec_module(module)
    return _played(bug, client=lambda task: perform(task, module.Client))


def found_by_command(bug: PlantedBug, language: str, folder: Path) -> CaseResult:
    """Return the result of a client with a bug, as a command."""
    program = sys.executable if language == "python" else str(NODE)
    return _played(bug, command=[program, str(planted(bug, language, folder))])


def _played(bug: PlantedBug, *, client: Any = None, command: list[str] | None = None) -> CaseResult:
    assert bug.api in apis.names()
    (result,) = play_cases(client_under_test(bug.api, client, command), [case_of(bug)], capabilities=ACTIONS)
    return result
