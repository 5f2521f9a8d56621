"""Requests in words: when, what, and how it ended."""

from __future__ import annotations

from ..catalogue.scenario_description import duration
from ..models import Exchange
from .outcomes import Outcome


def moment_text(moment: int, zero: int) -> str:
    """Return a moment relative to another one: `+2 min 5 s`. Less than a millisecond isn't shown."""
    elapsed = abs(moment - zero) // 1_000_000 * 1_000_000
    return f"{'−' if moment < zero else '+'}{duration(elapsed) or '0 s'}" if elapsed else "0 s"


def answer_text(exchange: Exchange) -> str:
    """Return the HTTP status of an answer, and the job's status or the error in it."""
    return " ".join(filter(None, (str(exchange.status), exchange.state or exchange.error)))


def exchange_title(exchange: Exchange, outcome: Outcome, zero: int) -> str:
    """Return a request and its answer in one line."""
    what = exchange.operation or f"{exchange.method} {exchange.path}"[:80]
    page = f" page {exchange.page.page}" if exchange.page is not None else ""
    details = [exchange.fault or "", "" if outcome in ("answered", "refused") else outcome]
    if exchange.retry is not None:
        details.append(f"Retry-After until {moment_text(exchange.retry, zero)}")
    if exchange.held is not None:
        details.append(f"held until {moment_text(exchange.held, zero)}")
    begin = f"{exchange.number}. {moment_text(exchange.at, zero)} {what}{page}: {answer_text(exchange)}"
    return "; ".join(filter(None, (begin, *details)))
