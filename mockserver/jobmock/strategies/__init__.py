"""Hypothesis strategies for what a server may do: answers, progressions, failures, pages, complete scenarios.

Hypothesis imports this package each time it is imported itself (see `entry`), so each name is loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy_names import lazy_names

if TYPE_CHECKING:
    from .answers import error_responses, people, profiles, responses
    from .contract_breaks import Breach, OffContract, off_contract_responses
    from .exhaustive import Certificate, exhaust
    from .failures import failure_sequences, rate_limit_storms
    from .machine import ClientMachine
    from .pages import Paging, pagination
    from .probe import Response
    from .regressions import replaying
    from .server_behaviours import behaviours
    from .steps import progressions
    from .survival import assert_client_survives
    from .whole_scenarios import scenarios

__all__ = [
    "Breach",
    "Certificate",
    "ClientMachine",
    "OffContract",
    "Paging",
    "Response",
    "assert_client_survives",
    "behaviours",
    "error_responses",
    "exhaust",
    "failure_sequences",
    "off_contract_responses",
    "pagination",
    "people",
    "profiles",
    "progressions",
    "rate_limit_storms",
    "replaying",
    "responses",
    "scenarios",
]

_MODULES = {
    "answers": ("error_responses", "people", "profiles", "responses"),
    "server_behaviours": ("behaviours",),
    "contract_breaks": ("Breach", "OffContract", "off_contract_responses"),
    "exhaustive": ("Certificate", "exhaust"),
    "failures": ("failure_sequences", "rate_limit_storms"),
    "machine": ("ClientMachine",),
    "pages": ("Paging", "pagination"),
    "probe": ("Response",),
    "regressions": ("replaying",),
    "whole_scenarios": ("scenarios",),
    "steps": ("progressions",),
    "survival": ("assert_client_survives",),
}
__getattr__, __dir__ = lazy_names(__name__, {name: module for module, names in _MODULES.items() for name in names})
