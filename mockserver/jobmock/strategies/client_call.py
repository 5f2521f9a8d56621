"""One call of a client, and what it was told meanwhile: what it says is held against that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..dialect.api import Api
from ..engine.namespace import Namespace
from ..etiquette.history import ReceivedAnswers
from ..models import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a call returned or raised, and the last exchange that it had, if any."""

    value: Any
    raised: Exception | None
    last: Exchange | None
    answers: ReceivedAnswers

    @property
    def told(self) -> bool:
        """Whether the client was answered, and with no error."""
        return self.last is not None and self.answers.is_delivered(self.last) and self.last.status < 300

    @property
    def returned(self) -> bool:
        """Whether the client returned something that its last answer must bear out: a doubtful one needn't."""
        return self.raised is None and self.last is not None and not self.answers.is_doubtful(self.last)

    @property
    def ended_badly(self) -> bool:
        """Whether the client was told of an end, other than success, or of a status that nobody knows: it may raise."""
        if self.last is None:
            return True
        answers = self.answers
        return answers.is_unknown_status(self.last) or (answers.is_end(self.last) and not answers.is_success(self.last))

    def __str__(self) -> str:
        if self.last is None:
            return "no request was sent"
        if not self.answers.is_delivered(self.last):
            return f"the answer to request {self.last.number} got lost"
        state = f" {self.last.state!r}" if self.last.state and self.last.status < 300 else ""
        return f"request {self.last.number} was answered {self.last.status}{state}"


def heard(namespace: Namespace, api: Api, call: Callable[[], Any]) -> Heard:
    """Let a client do something, and return what came of it."""
    before, raised, value = namespace.journal.count, None, None
    try:
        value = call()
    except Exception as error:
        raised = error
    last = next((one for one in reversed(list(namespace.journal)) if one.number > before), None)
    answers = ReceivedAnswers(api=api, lost=namespace.journal.lost)
    return Heard(value=value, raised=raised, last=last, answers=answers)
