"""Bugs that public clients shipped, with the pairs of clients that have them, and the rules that find them."""

from __future__ import annotations

from dataclasses import dataclass

BUDGET = "budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedBug:
    """A bug, the project where it was seen, and the pairs that plant it; each of the `rules` finds one of them.

    `BUDGET` stands for a client that has to be stopped.
    """

    bug: str
    seen_in: str
    pairs: tuple[str, ...]
    rules: tuple[str, ...]


SHIPPED_BUGS = (
    ShippedBug(
        bug="an unknown status: loops for ever, or returns it as if finished",
        seen_in="ecmwf/cdsapi#49, apimatic/apimatic-cli#305",
        pairs=("returns-an-unknown-status", "no-deadline-at-an-unknown-status"),
        rules=("unknown-status-as-result", "no-deadline"),
    ),
    ShippedBug(
        bug="no deadline: polls for days",
        seen_in="getsentry/sentry-cli#3118, Digital-Process-Tools/claude-supertool#1852",
        pairs=("no-deadline",), rules=("no-deadline",),
    ),
    ShippedBug(
        bug="the terminal status on the last allowed poll is reported as a timeout",
        seen_in="modelcontextprotocol/servers#4811",
        pairs=("clock-before-answer",), rules=("result-raised-as-error",),
    ),
    ShippedBug(
        bug="one 503 aborts the whole wait, and its Retry-After is ignored",
        seen_in="browser-use/sdk#274",
        pairs=("raises-at-a-503", "honours-429-only"), rules=("gave-up-early", "retry-after-ignored"),
    ),
    ShippedBug(
        bug="Retry-After as milliseconds: waits a thousandth",
        seen_in="Azure/azure-sdk-for-js#19479",
        pairs=("retry-after-in-milliseconds",), rules=("retry-after-ignored",),
    ),
    ShippedBug(
        bug="Retry-After as a date: ignored, or rounded down to a second early",
        seen_in="basecamp/basecamp-sdk#564, e2b-dev/E2B#1797",
        pairs=("date-not-read", "date-a-second-early"), rules=("retry-after-ignored",),
    ),
    ShippedBug(
        bug="Retry-After is honoured on 429 but not on 503, or the other way round",
        seen_in="basecamp/basecamp-sdk#775, #857",
        pairs=("honours-429-only", "honours-503-only"), rules=("retry-after-ignored",),
    ),
    ShippedBug(
        bug="waits for a state that never exists",
        seen_in="boto/botocore#2059",
        pairs=("waits-for-another-end", "waits-for-another-end-orbit", "no-deadline"),
        rules=("polled-after-end", "no-deadline"),
    ),
    ShippedBug(
        bug="a start whose answer was lost is sent again: work and charge twice",
        seen_in="zernio-dev/zernio-python#42",
        pairs=("replays-the-start",), rules=("started-twice",),
    ),
    ShippedBug(
        bug="a new idempotency key for each attempt",
        seen_in="gocardless/gocardless-pro-python#12, codalab/codabench#2425",
        pairs=("new-key-for-each-try", "new-key-after-a-503"), rules=("started-twice",),
    ),
    ShippedBug(
        bug="a repeated cursor or page: loops",
        seen_in="PrefectHQ/fastmcp#3167",
        pairs=("reads-each-page-twice", "first-page-for-ever"), rules=("page-repeated", "polled-after-end", BUDGET),
    ),
    ShippedBug(
        bug="a guard against loops drops legal pages",
        seen_in="modelcontextprotocol/typescript-sdk#2735",
        pairs=("guards-against-loops", "guard-drops-a-page"), rules=("page-missed", "wrong-count"),
    ),
    ShippedBug(
        bug="an empty page with more to come: stops early",
        seen_in="TestSprite/testsprite-cli#48, PrefectHQ/fastmcp#5026",
        pairs=("stops-at-an-empty-page",), rules=("page-missed",),
    ),
    ShippedBug(
        bug="the total still grows: the first one is taken as final",
        seen_in="langwatch/langwatch#7364",
        pairs=("reads-the-first-total", "cuts-at-the-first-total"), rules=("page-missed", "wrong-count"),
    ),
    ShippedBug(
        bug="`processing` isn't known: returned at once, unfinished",
        seen_in="a public Clado SDK",
        pairs=("returns-processing",), rules=("gave-up-early",),
    ),
    ShippedBug(
        bug="`cancelled` isn't known: polled to the time limit, or handed back as done",
        seen_in="every public Clado client that was read",
        pairs=("cancelled-not-known", "empty-list-for-cancelled"), rules=("polled-after-end", "failure-as-nothing"),
    ),
    ShippedBug(
        bug="the HTTP status isn't looked at: the envelope of a 429 is taken for a failed run",
        seen_in="Orbit's own samples",
        pairs=("status-code-not-read",), rules=("error-as-result",),
    ),
    ShippedBug(
        bug="a 404 isn't looked at: an unknown run is polled for ever",
        seen_in="Orbit's own samples",
        pairs=("not-found-not-heeded",), rules=("polls-after-refusal",),
    ),
    ShippedBug(
        bug="`error` is read where the body has `detail`: an error is shown as success",
        seen_in="a public Clado MCP server",
        pairs=("another-member-of-an-error",), rules=("error-as-result",),
    ),
)  # fmt: skip
