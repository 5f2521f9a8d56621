"""One call of a client, with its result and the last answer that it received meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..dialect.api import Api
from ..engine.namespace import Namespace
from ..etiquette.received_answers import ReceivedAnswers
from ..models import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResult:
    """The value that a call returned, or the exception that it raised, and its last exchange, if any."""

    value: Any
    raised: Exception | None
    last: Exchange | None
    answers: ReceivedAnswers

    @property
    def answered(self) -> bool:
        """Whether the client received an answer that isn't an error."""
        return self.last is not None and self.answers.is_delivered(self.last) and self.last.status < 300

    @property
    def checkable(self) -> bool:
        """Whether the returned value must agree with the last answer, which the client was able to read."""
        return self.raised is None and self.last is not None and not self.answers.is_doubtful(self.last)

    @property
    def may_raise(self) -> bool:
        """Whether the client may raise: there was no answer, or it was an end without success, or an unknown status."""
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


def observe_call(namespace: Namespace, api: Api, call: Callable[[], Any]) -> CallResult:
    """Call a client, and return the result together with its last exchange."""
    before, raised, value = namespace.journal.count, None, None
    try:
        value = call()
    except Exception as error:
        raised = error
    last = next((one for one in reversed(list(namespace.journal)) if one.number > before), None)
    answers = ReceivedAnswers(api=api, lost=namespace.journal.lost)
    return CallResult(value=value, raised=raised, last=last, answers=answers)
