"""The conformance suite: cases that a correct client of an API passes, and the scorecard of a client.

`suite` reads the cases from data. `playing` plays them to a client, `judgement` says what came of a case, `scorecard`
counts. How a client is run is in `clients`. A public name is loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy_names import lazy_names

if TYPE_CHECKING:
    from .assertion import ConformanceCase, assert_client_conforms
    from .clients.task import Task

__all__ = ["ConformanceCase", "Task", "assert_client_conforms"]

_PLACES = {"ConformanceCase": "assertion", "assert_client_conforms": "assertion", "Task": "clients.task"}
__getattr__, __dir__ = lazy_names(__name__, _PLACES)
