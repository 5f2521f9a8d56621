"""Differences between a recorded exchange and the mock's, in words, and the notes on a recorded scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..clock import YEAR
from .body_diff import BodyDiff, diff_bodies
from .exact_json import exact
from .hidden_values import HiddenValue
from .page_people import PagePeople
from .recorded_jobs import RecordedJob, number_ranges
from .replay import ReplayedExchange
from .retry_after import LONGEST
from .sanitized_exchange import SanitizedExchange

_MOST_PLACES = 3
_OTHER_PEOPLE = "played with other people than those that belong on the page."
_NONE = HiddenValue("none")


def notes(
    job: RecordedJob, replayed: Sequence[ReplayedExchange], people: PagePeople | None = None
) -> Iterator[str]:  # fmt: skip
    """Yield what the mock answers in another way than the live host did. Only documented members are named.

    `people` has seen none of the answers; without it, the people on pages aren't compared.
    """
    numbers: dict[tuple[str, str], list[int]] = {}
    for (number, recorded), again in zip(job.numbered(), replayed, strict=True):
        mock = again.sanitized
        others = _OTHER_PEOPLE if people is not None and people.changes(recorded, again) else ""
        first = difference(recorded, mock) or others
        for text in filter(None, (first, *_too_long(recorded), _not_dripped(recorded, mock))):
            numbers.setdefault((recorded.operation.name, text), []).append(number)
    for (operation, text), found in numbers.items():
        spans = (str(first) if first == last else f"{first} to {last}" for first, last in number_ranges(found))
        yield f"{operation} {', '.join(spans)}: {text}"


def difference(recorded: SanitizedExchange, mock: SanitizedExchange) -> str:
    """Return the difference between a recorded answer and the mock's in words; empty if there is none."""
    if recorded.status != mock.status:
        return f"seen with {_outcome(recorded)}, played with {_outcome(mock)}."
    if recorded.opaque and recorded.status == mock.status:
        return "seen with a body that is nested too deeply, played with the mock's own."
    if not same_kind_of_answer(recorded, mock):
        return "seen with a body that is no object, played with one."
    if recorded.about_person:
        return ""
    if recorded.has_object and (diff := diff_bodies(recorded.body, mock.body)) != BodyDiff():
        return f"played with another {', '.join(sorted({*diff.body, *diff.omit, *diff.not_expressible}))}."
    if recorded.has_object and (places := _other_deviations(recorded, mock)):
        return f"played with another {', '.join(places)}."
    if recorded.has_object and _form(recorded) != _form(mock):
        return "played with another content type or without a byte order mark."
    people, mock_people = len(recorded.people.shown), len(mock.people.shown)
    if people != mock_people:
        return f"seen with {people} people, played with {mock_people}."
    return ""


def _other_deviations(recorded: SanitizedExchange, mock: SanitizedExchange) -> list[str]:
    """Return the first places where only one of the answers leaves the contract, or in another way."""
    one, other = recorded.deviations, mock.deviations
    places = one.keys() | other.keys()
    return sorted(at for at in places if exact(one.get(at, _NONE)) != exact(other.get(at, _NONE)))[:_MOST_PLACES]


def _form(exchange: SanitizedExchange) -> tuple[str, bool]:
    """Return the content type, JSON if it isn't known, and whether the body begins with a byte order mark."""
    return exchange.content_type or "application/json", exchange.byte_order_mark


def same_kind_of_answer(recorded: SanitizedExchange, mock: SanitizedExchange) -> bool:
    """Return whether both have the same status, and in case of a success both an object as body or both none."""
    if mock.status != recorded.status:
        return False
    return recorded.status >= 300 or recorded.opaque or recorded.has_object or not mock.has_object


def _too_long(recorded: SanitizedExchange) -> Iterator[str]:
    """Yield notes on what may have been longer than a scenario can express."""
    retry, delay = recorded.retry_after, recorded.fault.get("delay")
    if retry is not None and retry.seconds == LONGEST:
        yield f"seen with a Retry-After of {LONGEST} seconds or more, played with {LONGEST}."
    if delay is not None and delay.a == YEAR:
        yield "seen with an answer after a year or more, played with one after a year."


def _not_dripped(recorded: SanitizedExchange, mock: SanitizedExchange) -> str:
    """Return a note if a body came in pieces and the mock's doesn't, because a fault has only one action."""
    differs = recorded.dripped and not mock.dripped and recorded.status == mock.status
    return "seen in pieces, played at once." if differs else ""


def _outcome(exchange: SanitizedExchange) -> str:
    return f"HTTP status {exchange.status}" if exchange.status else "no complete answer"
