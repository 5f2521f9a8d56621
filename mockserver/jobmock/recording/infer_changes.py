"""Infers the changes of single answers that no step can express: in records, in pages, in what a start is answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import orjson

from .. import json_pointer
from ..dialect.api import Api
from ..engine.body_changes import ANY, changed_body, changed_data
from ..models import Change, Fault, Respond, When
from .body_diff import diff_bodies
from .deviations import ABSENT
from .exact_json import exact
from .hidden_values import LEFT_OUT, fill_hidden
from .infer_faults import FaultSeen
from .page_people import PagePeople
from .recorded_jobs import RecordedJob
from .replay import ReplayedExchange
from .sanitized_exchange import SanitizedExchange

_MOST_PLACES = 1_000
"""How many places a change may set, and how many it may omit."""
_MOST_FAULTS = 900
_MOST_BYTES = 400_000
"""How much JSON the changes of a scenario may have, so that the scenario keeps within the limits of a file."""
_Key = tuple[str, int]
"""An operation, and the number of a request among its own."""


class _Pair(NamedTuple):
    """What was recorded of one request, and what the mock played without a change."""

    recorded: SanitizedExchange
    again: ReplayedExchange


def infer_changes(
    api: Api, job: RecordedJob, replayed: Sequence[ReplayedExchange], faults: Sequence[FaultSeen]
) -> tuple[list[FaultSeen], list[Fault]]:
    """Return a scenario's faults with the changes that it lacks, and the changes that every request may meet.

    The mock has played the scenario with the faults.
    """
    numbered = zip(job.numbered(), replayed, strict=True)
    pairs = {(one.operation.name, number): _Pair(one, again) for (number, one), again in numbered}
    members = {(one.operation, one.number): dict(one.members) for one in faults}
    people, changes = PagePeople(api), dict[_Key, Change]()
    for key, pair in pairs.items():
        change = _change(pair, people.changes(*pair))
        if change != Change() and _has_room(members.get(key, {})):
            changes[key] = change if "corrupt" not in members.get(key, {}) else _with_content_type(change, pair)
        elif _is_spoilt_otherwise(pair):
            spoilt = Respond(status=pair.recorded.status, body=LEFT_OUT, has_body=True)
            members[key] = {**_delay(members.get(key, {})), "respond": spoilt}
    changes = _within_bounds(changes, len(members))
    usual = dict(_usual_changes(pairs, changes, members))
    for (name, number), change in changes.items():
        delay = _delay(members.pop((name, number), {}))
        if delay or exact(usual.get(name)) != exact(change):
            members[name, number] = {**delay, "change": change}
    always = [Fault(operation=name, when=When(every=1), change=change) for name, change in usual.items()]
    return [FaultSeen(name, number, given) for (name, number), given in members.items()], always


def _has_room(members: Mapping[str, Any]) -> bool:
    """Return whether a request's fault can be a change instead: it has no action, or one that a change can express."""
    return not members.keys() - {"delay", "drip"} or members.get("corrupt") == "wrong_content_type"


def _with_content_type(change: Change, pair: _Pair) -> Change:
    return replace(change, headers={"content-type": pair.recorded.content_type})


def _is_spoilt_otherwise(pair: _Pair) -> bool:
    """Return whether a spoilt answer has another HTTP status than the mock's own, which would be spoilt instead."""
    recorded = pair.recorded
    return recorded.answer_lost and recorded.status not in (0, pair.again.sanitized.status)


def _delay(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name == "delay"}


def _within_bounds(changes: Mapping[_Key, Change], faults: int) -> dict[_Key, Change]:
    """Return as many changes, in their order, as a scenario has room for beside so many faults."""
    kept, bytes_left, written = dict[_Key, Change](), _MOST_BYTES, set[bytes]()
    for key, change in changes.items():
        size = 0 if exact(change) in written else len(orjson.dumps([change.set, change.omit]))
        if size <= bytes_left and len(written) + faults < _MOST_FAULTS:
            kept[key], bytes_left = change, bytes_left - size
            written.add(exact(change))
    return kept


def _usual_changes(
    pairs: Mapping[_Key, _Pair], changes: Mapping[_Key, Change], members: Mapping[_Key, Mapping[str, Any]]
) -> Iterator[tuple[str, Change]]:
    """Yield the commonest change of each operation, if it leaves all answers alone that were recorded without it.

    Such a change holds for every request, so that a client with another rhythm meets it too.
    """
    for name in sorted({name for name, _ in changes}):
        own = [change for key, change in changes.items() if key[0] == name]
        counts = Counter(map(exact, own))
        commonest = max(own, key=lambda change: counts[exact(change)])
        others = [pair for key, pair in pairs.items() if key[0] == name and key not in changes and key not in members]
        if not any(_has_effect(commonest, pair.again.body) for pair in others):
            yield name, commonest


def _has_effect(change: Change, body: bytes) -> bool:
    if change.status or change.headers or change.byte_order_mark:
        return True
    try:
        return exact(orjson.loads(changed_body(body, change))) != exact(orjson.loads(body))
    except orjson.JSONDecodeError:
        return False


def _change(pair: _Pair, people: Mapping[str, Any]) -> Change:
    """Return what turns the mock's answer into the recorded one; an empty change if nothing does, or nothing must."""
    recorded, again = pair
    mock = again.sanitized
    comparable = recorded.has_object and mock.has_object and not recorded.answer_lost and not mock.answer_lost
    successes = recorded.status < 300 and mock.status < 300
    if not comparable or not (successes or recorded.status == mock.status):
        return Change()
    values = {**(_body_changes(recorded, mock) if not recorded.about_person else {}), **people}
    if recorded.deviations:
        values |= _starred(recorded.deviations, changed_data(orjson.loads(again.body), *_set_and_omitted(values)))
    given, omitted = _set_and_omitted(values)
    kind = recorded.content_type
    return Change(
        status=recorded.status if recorded.status != mock.status else None,
        headers={"content-type": kind} if kind and kind != mock.content_type else {},
        set=dict([*given.items()][:_MOST_PLACES]), omit=omitted[:_MOST_PLACES],
        byte_order_mark=recorded.byte_order_mark,
    )  # fmt: skip


def _set_and_omitted(values: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the values to set, and the places to omit."""
    given = {at: fill_hidden(value) for at, value in values.items() if value != ABSENT}
    return given, tuple(at for at, value in values.items() if value == ABSENT)


def _body_changes(recorded: SanitizedExchange, mock: SanitizedExchange) -> dict[str, Any]:
    diff = diff_bodies(recorded.body, mock.body)
    absent = [*(json_pointer.join([member]) for member in diff.omit), *diff.not_expressible]
    return {**dict(_leaves(diff.body, mock.body, "")), **dict.fromkeys(absent, ABSENT)}


def _leaves(values: Mapping[str, Any], mock: Any, parent: str) -> Iterator[tuple[str, Any]]:
    """Yield the JSON Pointers of values to merge into the mock's body, and the values."""
    for key, value in values.items():
        pointer, own = f"{parent}/{json_pointer.escape(key)}", mock.get(key)
        if isinstance(value, Mapping) and isinstance(own, Mapping):
            yield from _leaves(value, own, pointer)
        else:
            yield pointer, value


def _starred(deviations: Mapping[str, Any], answer: Any) -> dict[str, Any]:
    """Return the deviations, with `*` in place of the index where all items of a list have the same one."""
    found = dict[str, Any]()
    groups = defaultdict[tuple[str, str], dict[str, Any]](dict)
    for pointer, value in deviations.items():
        place, index, rest = _around_index(pointer)
        groups[place, rest][index] = value
    for (place, rest), values in groups.items():
        first = next(iter(values.values()))
        same = all(exact(value) == exact(first) for value in values.values())
        if place and same and values.keys() == {str(index) for index in range(_length(answer, place))}:
            values = {ANY: first}
        found |= {f"{place}/{index}{rest}" if place else rest: value for index, value in values.items()}
    return found


def _around_index(pointer: str) -> tuple[str, str, str]:
    """Return what is before the first index in a pointer, the index, and what is after it.

    Without an index, all is after it.
    """
    parts = pointer.split("/")
    at = next((number for number, part in enumerate(parts) if part.isdigit()), 0)
    rest = "".join(f"/{part}" for part in parts[at + 1 :])
    return ("/".join(parts[:at]), parts[at], rest) if at else ("", "", pointer)


def _length(answer: Any, place: str) -> int:
    """Return the length of the list at a place of an answer; -1 if there is none."""
    value = answer
    for part in json_pointer.split(place):
        value = value.get(part) if isinstance(value, Mapping) else None
    return len(value) if isinstance(value, list) else -1
