"""What came of a case that was played to a client: how its call ended, and what the mock saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from ..dialect.api import Api
from ..engine.namespace import Namespace
from ..service.service import Service
from .cases import Case


class Ended(NamedTuple):
    """How a client's call ended: it `returned` a value, it `failed`, it was `stopped`, or its output is `unreadable`.

    `text` says why it didn't return.
    """

    how: str
    value: Any = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A case that was played. `time` is the mode of time, `job` the job that the client was given, or None."""

    case: Case
    api: Api
    namespace: Namespace
    job: str | None
    ended: Ended
    time: str
    real_seconds: float


def prepare(service: Service, namespace: Namespace, case: Case) -> str | None:
    """Let a namespace play a case. Return the id of the client's job; None where it has none yet."""
    namespace.use(case.plan)
    return service.place(namespace, case.plan).id if case.has_job else None
