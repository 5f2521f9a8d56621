"""Takes exchanges as they come, judges the answers, and counts what it finds; it never holds more than one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from .. import apis
from ..errors import UsageError, hint
from ..models import Request
from ..service.routing import Routes
from .answer_rules import TOO_DEEP, Answer, answer, judged
from .exchange import LiveExchange
from .messages import is_word
from .report import Report, Tally
from .schema_places import located
from .sequence_rules import Sequences
from .violation import LiveViolation

_UNKNOWN: Mapping[str, Callable[[Answer], bool]] = {
    "not answered": lambda judging: judging.exchange.status == 0,
    "not modified": lambda judging: judging.exchange.status == 304,  # what the client has is the answer
    "body nested too deeply": lambda judging: judging.body is TOO_DEEP,
}
"""What an answer is left out for, and how to tell."""


class Check:
    """One check, of one API or of all. `accepted` are the identities that a baseline accepts. Raises UsageError."""

    def __init__(self, api: str | None = None, accepted: Iterable[tuple[str, ...]] = ()) -> None:
        if api is not None and api not in apis.names():
            names = apis.names()
            raise UsageError(f"There is no API {api!r}. Allowed: {', '.join(names)}.{hint(api, names)}")
        self._routes = Routes((apis.load(api),) if api else apis.all_apis())
        self._accepted = frozenset(accepted)
        self._sequences, self._tally = Sequences(), Tally()
        self.number = 0

    def begin(self) -> None:
        """Begin with another source: its jobs are others, even if their names aren't."""
        self._sequences = Sequences()

    def take(self, exchange: LiveExchange, *, alone: bool = False) -> list[LiveViolation]:
        """Judge an exchange, by itself or (unless `alone`) after those before it; return what no baseline accepts.

        A request that is none of the API's is left out, and so is one whose answer never came, is unread or too deep.
        """
        self.number += 1
        request = Request(exchange.method.upper(), exchange.path.encode("utf-8", "replace"), b"")
        api, operation, params = self._routes.find(request)
        if operation is None:
            self._tally.leave_out(_of_others(request.method, exchange.path))
            return []
        if operation.name == "more" and not alone:
            self._sequences.reopened(api, params["job"], exchange)
        judging = answer(api, operation, params, exchange)
        if unknown := _unknown(judging):
            self._tally.leave_out(f"{request.method} {operation.path}, {unknown}")
            return []
        self._tally.judged[f"{api.name} {operation.name}"] += 1
        found = list(judged(judging))
        if not alone:
            found += self._sequences.judged(judging)
        fresh = [one for one in found if one.identity not in self._accepted]
        for one in found:
            if self._tally.begins(one):
                self._tally.begin(located(one, judging.body), exchange.source, self.number)
            self._tally.count(one)
        return fresh

    def report(self) -> Report:
        """Return what was found so far."""
        return self._tally.report(self._accepted)

    def verdict(self) -> Report:
        """Return what was found. Raises UsageError where nothing was judged: that is no proof of anything."""
        report = self.report()
        if not report.judged:
            left = ", ".join(f"{count} × {what}" for what, count in report.left_out.items()) or "nothing"
            raise UsageError(f"No answer was judged, so nothing is known. Left out: {left}.")
        return report


def _unknown(judging: Answer) -> str:
    """Return why nobody knows what an answer says, nothing where it is known."""
    return judging.exchange.unread or next((words for words, holds in _UNKNOWN.items() if holds(judging)), "")


def _of_others(method: str, path: str) -> str:
    """Name a request of another API by its method and where its path begins: what follows may name somebody."""
    first, *more = path.removeprefix("/").split("/")
    told = [part if not part or is_word(part) else "*" for part in (method, first)]
    return f"{told[0]} /{told[1]}{'/…' * bool(more)}"
