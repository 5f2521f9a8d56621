"""A document whose shape is right → `Scenario`. Seconds and durations become integer nanoseconds here, once."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..clock import SECOND
from ..models import (
    NOTHING,
    After,
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
from .composer import Document

_UNITS = {"ms": SECOND // 1000, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND}


def build(document: Document, name: str) -> Scenario:
    """Make the Scenario of a document that `shape.check` accepted."""
    data = document.data
    return Scenario(
        name=name,
        api=data["api"],
        summary=data.get("summary", ""),
        results=Results(**data.get("results", {})),
        progression=_steps(data["progression"]),
        faults=tuple(_fault(fault) for fault in data.get("faults", ())),
        run_shape=data.get("run_shape"),
        more=_more(data["more"]) if "more" in data else None,
        switches=data.get("switches", NOTHING),
        limits=limits(data.get("limits", NOTHING)),
        origin=document.origin,
    )


def limits(data: Mapping[str, Any]) -> Mapping[str, Limit | None]:
    """Make the limits of a mapping from operation to {requests, seconds, burst} or null."""
    return {
        operation: entry and Limit(requests=entry["requests"], period=_ns(entry["seconds"]), burst=entry.get("burst"))
        for operation, entry in data.items()
    }


def _ns(duration: float | str) -> int:
    """Return nanoseconds; a number is in seconds."""
    if not isinstance(duration, str):
        return int(Decimal(str(duration)) * SECOND)
    digits = duration.rstrip("msh")
    return int(Decimal(digits) * _UNITS[duration.removeprefix(digits)])


def _steps(steps: list[Any]) -> tuple[Step, ...]:
    return tuple(_step(step) for step in steps)


def _step(step: Mapping[str, Any]) -> Step:
    after = step.get("after")
    return Step(
        status=step["status"],
        after=after and After(polls=after.get("polls"), time=_ns(after["seconds"]) if "seconds" in after else None),
        results=step.get("results"),
        body=step.get("body", NOTHING),
        omit=tuple(step.get("omit", ())),
        pages=_pages(step["pages"]) if "pages" in step else None,
        violates=frozenset(step.get("violates", ())),
    )


def _pages(pages: Mapping[str, Any]) -> Pages:
    return Pages(
        empty=frozenset(pages.get("empty", ())),
        repeat={int(page): shown for page, shown in pages.get("repeat", NOTHING).items()},
        swap=tuple((first, second) for first, second in pages.get("swap", ())),
        total=pages.get("total"),
    )


def _fault(fault: Mapping[str, Any]) -> Fault:
    drip = fault.get("drip")
    return Fault(
        operation=fault.get("operation", "status"),
        when=_when(fault["when"]),
        respond=_respond(fault["respond"]) if "respond" in fault else None,
        disconnect=fault.get("disconnect"),
        corrupt=fault.get("corrupt"),
        hang=fault.get("hang", False),
        drip=drip and Drip(size=drip["bytes"], every=_ns(drip["every"])),
        delay=_delay(fault["delay"]) if "delay" in fault else None,
        retry_after=_retry_after(fault["retry_after"]) if "retry_after" in fault else None,
    )


def _when(when: Mapping[str, Any]) -> When:
    requests = when.get("requests", [when["request"]] * 2 if "request" in when else None)
    seconds = when.get("seconds")
    return When(
        requests=requests and (requests[0], requests[1]),
        every=when.get("every"),
        during=seconds and (_ns(seconds[0]), _ns(seconds[1])),
        chance=when.get("chance"),
    )


def _respond(respond: str | Mapping[str, Any]) -> Respond:
    if isinstance(respond, str):
        return Respond(name=respond)
    return Respond(
        status=respond["status"],
        body=respond.get("body"),
        has_body="body" in respond,
        headers=respond.get("headers", NOTHING),
    )


def _delay(delay: Any) -> Delay:
    if not isinstance(delay, Mapping):
        return Delay(kind="constant", a=_ns(delay))
    if "uniform" in delay:
        first, second = sorted(map(_ns, delay["uniform"]))
        return Delay(kind="uniform", a=first, b=second)
    spread = delay["lognormal"]
    return Delay(kind="lognormal", a=_ns(spread["median"]), sigma=float(spread["sigma"]))


def _retry_after(retry_after: Any) -> RetryAfter:
    if retry_after == "absent":
        return RetryAfter()
    if isinstance(retry_after, Mapping):
        return RetryAfter(seconds=retry_after["date"], as_date=True)
    return RetryAfter(seconds=retry_after)


def _more(more: Mapping[str, Any]) -> More:
    return More(count=more["count"], progression=_steps(more.get("progression", [])))
