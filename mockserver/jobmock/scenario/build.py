"""A validated document → `Scenario`. Seconds and durations become integer nanoseconds here, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any

from ..clock import SECOND
from ..models import (
    NOTHING,
    After,
    Change,
    Delay,
    Drip,
    Fault,
    Limit,
    More,
    Pages,
    Respond,
    Results,
    RetryAfter,
    Scenario,
    Step,
    When,
)  # fmt: skip
from .document import Document

_EXACT_DECIMALS = Context(prec=40)
_UNITS = {"ms": SECOND // 1000, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND}


def build_scenario(document: Document, name: str) -> Scenario:
    """Return the Scenario of a document that `check_schema` accepted."""
    data = document.data
    return Scenario(
        name=name,
        api=data["api"],
        summary=data.get("summary", ""),
        results=Results(**{key: int(value) for key, value in data.get("results", NOTHING).items()}),
        progression=_steps(data["progression"]),
        faults=tuple(_fault(fault) for fault in data.get("faults", ())),
        run_shape=data.get("run_shape"),
        more=_more(data["more"]) if "more" in data else None,
        switches=data.get("switches", NOTHING),
        limits=build_limits(data.get("limits", NOTHING)),
        origin=document.origin,
    )


def build_limits(data: Mapping[str, Any]) -> Mapping[str, Limit | None]:
    """Return the limits of a mapping from operation to {requests, seconds, burst} or null."""
    return {
        operation: entry and Limit(
            requests=int(entry["requests"]), period=_nanoseconds(entry["seconds"]), burst=_integer(entry, "burst"),
        )
        for operation, entry in data.items()
    }


def _nanoseconds(duration: float | str) -> int:
    """Return nanoseconds; a number is in seconds."""
    if not isinstance(duration, str):
        return int(_EXACT_DECIMALS.multiply(Decimal(str(duration)), Decimal(SECOND)))
    digits = duration.rstrip("msh")
    return int(_EXACT_DECIMALS.multiply(Decimal(digits), Decimal(_UNITS[duration.removeprefix(digits)])))


def _integer(data: Mapping[str, Any], key: str) -> int | None:
    """Return a whole number as an integer, because the schema accepts 1e3 and 2.0 too."""
    return int(data[key]) if key in data else None


def _steps(steps: list[Any]) -> tuple[Step, ...]:
    return tuple(_step(step) for step in steps)


def _step(step: Mapping[str, Any]) -> Step:
    after = step.get("after")
    return Step(
        status=step["status"],
        after=after and _after(after),
        results=_integer(step, "results"),
        body=step.get("body", NOTHING),
        omit=tuple(step.get("omit", ())),
        pages=_pages(step["pages"]) if "pages" in step else None,
        violates=frozenset(step.get("violates", ())),
    )


def _after(after: Mapping[str, Any]) -> After:
    time = _nanoseconds(after["seconds"]) if "seconds" in after else None
    return After(polls=_integer(after, "polls"), time=time)


def _pages(pages: Mapping[str, Any]) -> Pages:
    return Pages(
        empty=frozenset(map(int, pages.get("empty", ()))),
        repeat={int(page): int(shown) for page, shown in pages.get("repeat", NOTHING).items()},
        swap=tuple((int(first), int(second)) for first, second in pages.get("swap", ())),
        total=_integer(pages, "total"),
    )


def _fault(fault: Mapping[str, Any]) -> Fault:
    drip = fault.get("drip")
    return Fault(
        operation=fault.get("operation", "status"),
        when=_when(fault["when"]),
        respond=_respond(fault["respond"]) if "respond" in fault else None,
        change=_change(fault["change"]) if "change" in fault else None,
        disconnect=fault.get("disconnect"),
        corrupt=fault.get("corrupt"),
        hang=fault.get("hang", False),
        drip=drip and Drip(size=int(drip["bytes"]), every=_nanoseconds(drip["every"])),
        delay=_delay(fault["delay"]) if "delay" in fault else None,
        retry_after=_retry_after(fault["retry_after"]) if "retry_after" in fault else None,
    )


def _when(when: Mapping[str, Any]) -> When:
    only, seconds = when.get("request"), when.get("seconds")
    span = when.get("requests", {"from": only, "to": only})
    return When(
        requests=None if span["from"] is None else (int(span["from"]), int(span["to"])),
        every=_integer(when, "every"),
        during=seconds and (_nanoseconds(seconds["from"]), _nanoseconds(seconds["to"])),
        chance=when.get("chance"),
    )


def _respond(respond: str | Mapping[str, Any]) -> Respond:
    if isinstance(respond, str):
        return Respond(name=respond)
    return Respond(
        status=int(respond["status"]),
        body=respond.get("body"),
        has_body="body" in respond,
        headers=respond.get("headers", NOTHING),
    )


def _change(change: Mapping[str, Any]) -> Change:
    return Change(
        status=_integer(change, "status"),
        headers=change.get("headers", NOTHING),
        set=change.get("set", NOTHING),
        omit=tuple(change.get("omit", ())),
        byte_order_mark=change.get("byte_order_mark", False),
    )


def _delay(delay: Any) -> Delay:
    if not isinstance(delay, Mapping):
        return Delay(kind="constant", a=_nanoseconds(delay))
    if "uniform" in delay:
        first, second = sorted(map(_nanoseconds, delay["uniform"]))
        return Delay(kind="uniform", a=first, b=second)
    spread = delay["lognormal"]
    return Delay(kind="lognormal", a=_nanoseconds(spread["median"]), sigma=float(spread["sigma"]))


def _retry_after(retry_after: Any) -> RetryAfter:
    if retry_after == "absent":
        return RetryAfter()
    if isinstance(retry_after, Mapping):
        return RetryAfter(seconds=int(retry_after["date"]), as_date=True)
    return RetryAfter(seconds=int(retry_after))


def _more(more: Mapping[str, Any]) -> More:
    return More(count=int(more["count"]), progression=_steps(more.get("progression", [])))
