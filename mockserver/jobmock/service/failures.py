"""The failures of packages with APIs while a service answers: each is answered, and kept and logged once."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import orjson

from ..api_packages import found
from ..dialect.answers import Answer
from ..dialect.failures import failure_of
from ..dialect.request_context import RequestContext
from ..dialect.settings import ResolvedSettings
from ..errors import FaultyApi
from ..models import NOTHING

_MOST = 100
"""So many different failures are kept. Further ones are neither kept nor logged."""
_log = logging.getLogger("jobmock.apis")


class Failures:
    """The failures of one service, each once. With `raises` they are raised, and neither kept nor answered."""

    def __init__(self, *, raises: bool = False) -> None:
        self._raises, self._by_text = raises, dict[str, FaultyApi]()

    def __iter__(self) -> Iterator[FaultyApi]:
        return iter(tuple(self._by_text.values()))

    def answer_to(self, error: Exception, call: RequestContext) -> Answer:
        """Return the answer to a request for which the package of its API raised this error.

        Raises the error of an API that is a part of jobmock: it is a bug of jobmock.
        """
        package = found().usable.get(call.api.name)
        if package is not None and package.is_own:
            raise error
        failure = failure_of(call.api.name, error)
        if self._raises:
            raise failure from (error if failure is not error else None)
        self.add(failure)
        call.fault, call.due = None, 0
        call.chosen = call.chosen or ResolvedSettings(call.api.name, NOTHING, NOTHING)
        call.add_note(f"the mock itself failed: {failure}")
        return _answer(call, f"The mock itself failed: {failure}")

    def add(self, failure: FaultyApi) -> None:
        """Keep a failure, and log it in one line, unless it is known."""
        text = str(failure)
        if text not in self._by_text and len(self._by_text) < _MOST:
            self._by_text[text] = failure
            _log.error("%s", text)

    def check(self) -> None:
        """Raise the first failure, with all of them in its message. Does nothing if there is none."""
        if self._by_text:
            first = next(iter(self))
            text = f"The mock itself failed: {' '.join(self._by_text)}"
            raise FaultyApi(text, first.why, first.place) from first


def _answer(call: RequestContext, text: str) -> Answer:
    """Return a 500 in the form of the API, or a plain one if the API can't make that."""
    try:
        answer = call.api.other_error(500, text, call)
        orjson.dumps(answer.body)
    except Exception:
        return Answer(500, {"error": {"code": "http_500", "message": text}})
    return answer._replace(status=500)
