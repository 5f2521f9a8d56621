"""The table of all control calls of one service."""

from __future__ import annotations

from ...service.service import Service
from ..handling_times import HandlingTimes
from ..held_answers import HeldAnswers
from .changing_calls import ChangingCalls
from .fields import CallTable
from .reading_calls import ReadingCalls


def call_table(
    service: Service, held_answers: HeldAnswers, handling_times: HandlingTimes | None = None
) -> CallTable:  # fmt: skip
    """Return each control call by its name and method, in the order in which messages list them."""
    reading = ReadingCalls(service, held_answers, handling_times or HandlingTimes()).table
    changing = ChangingCalls(service, held_answers).table
    return {name: {**reading.get(name, {}), **changing.get(name, {})} for name in {**reading, **changing}}
