"""Seen → Sighting: what may be known of an exchange. Whatever comes after works on sightings and knows no more."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from ..checking.answer_rules import NOT_JSON, parsed
from ..clock import SECOND
from ..dialect.answers import Refused
from ..dialect.api import Api, Operation
from ..dialect.observation import Heard
from ..models import Delay, Drip, RetryAfter
from ..service.routing import Routes
from .allow_list import Allowed
from .body_diff import outline
from .documented_values import Hidden
from .raw_exchange import Seen, harm

SLOW = SECOND
"""An answer that takes as long is a delay worth telling; below that, it's the distance to the live host."""
STEADY = SECOND // 20
"""Pieces of a body that are as far apart are a drip; below that, it's how the network cuts."""
LONGEST = 365 * 24 * 60 * 60
"""The longest Retry-After, in seconds, that a scenario can say: a year. What asks for more is told as asking for it."""
_FAR_TOO_LONG = 12
_KINDS = ("application/json", "application/problem+json", "text/html", "text/plain")
_GRAIN = SECOND // 1000
_NOBODY = Heard(None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sighting:
    """What may be known of one exchange; `at` in nanoseconds.

    `job`, `item` and `once` are digests of ids in the path and of an idempotency key, `made` of the id that a start
    was answered with. `status` is 0 where no whole answer came. `data` and `sent` have gone through the allow-list;
    `shape` has names and kinds, for measuring only, and is None for what is no JSON. `harm` are the members of the
    fault that it met, as far as the network and the gateway did it; `dripped` says that its body came in pieces, be it
    that the fault has room for that or not.
    """

    at: int
    operation: Operation
    job: str | None = None
    item: str | None = None
    once: str | None = None
    made: str | None = None
    run_shape: str | None = None
    query: str = ""
    sent: Any = None
    status: int = 0
    kind: str = ""
    data: Any = None
    shape: Any = field(default=None, repr=False)
    heard: Heard = _NOBODY
    retry: RetryAfter | None = None
    harm: Mapping[str, Any] = field(default_factory=dict)
    dripped: bool = False

    @property
    def readable(self) -> bool:
        """Whether its body is an object in JSON."""
        return isinstance(self.data, Mapping)

    @property
    def spoilt(self) -> bool:
        """Whether what was answered isn't known."""
        return self.status == 0 or self.harm.get("corrupt") in ("truncated_json", "empty_body")


class Distiller:
    """Distils the exchanges of one API. Ids become digests under a key that ends with the process."""

    def __init__(self, api: Api, allowed: Allowed) -> None:
        self.api, self.allowed = api, allowed
        self._routes, self._secret = Routes((api,)), secrets.token_bytes(32)

    def sighting(self, seen: Seen) -> Sighting | None:
        """Return what may be known; None for a request that is no operation of the API, comes without its key, or
        is answered in an encoding that can't be undone.
        """
        _, operation, params = self._routes.find(seen.request)
        if operation is None or seen.body is None or not self._keyed(seen, operation):
            return None
        sent, answered = _sent(seen.request.body), parsed(seen.body)
        job = params.get("job")
        items = [value for name, value in params.items() if name != "job"]
        once = sent.get(operation.once) if operation.once and isinstance(sent, Mapping) else None
        starting = operation.name == "start"
        return Sighting(
            at=seen.at, operation=operation, job=self.digest(job), item=self.digest(items[0]) if items else None,
            once=self.digest(once), run_shape=self._run_shape(sent) if starting else None,
            made=self.digest(self._made(answered)) if starting and seen.status < 300 else None,
            query=self.allowed.query(operation, seen.request.query), sent=self.allowed.sent(operation, sent),
            status=seen.status, kind=_kind(seen), retry=_retry(seen),
            data=self._known(operation, seen, answered), shape=None if answered is NOT_JSON else outline(answered),
            heard=self._heard(operation, answered), harm=_harm(seen, answered), dripped=_dripped(seen),
        )  # fmt: skip

    def digest(self, value: Any) -> str | None:
        """Return the same short text for the same value, from which nobody can tell the value; None for None."""
        if value is None:
            return None
        raw = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        return hmac.digest(self._secret, raw, "sha256").hex()[:16]

    def _keyed(self, seen: Seen, operation: Operation) -> bool:
        try:
            self.api.authorize(seen.request.header(b"authorization"), operation)
        except Refused:
            return False
        return True

    def _run_shape(self, sent: Any) -> str | None:
        """Return the run shape that a start asks for, if it is one that a document lists."""
        known = self.allowed.sent(self.api.operations[0], sent) if isinstance(sent, Mapping) else None
        return self.api.hearing().run_shape(known) if isinstance(known, Mapping) else None

    def _made(self, answered: Any) -> Any:
        return answered.get(self.api.walk().job_id) if isinstance(answered, Mapping) else None

    def _known(self, operation: Operation, seen: Seen, answered: Any) -> Any:
        if not isinstance(answered, Mapping):
            return Hidden("text")
        return self.allowed.body(operation, seen.status, answered)

    def _heard(self, operation: Operation, answered: Any) -> Heard:
        if operation.name != "status" or not isinstance(answered, Mapping):
            return _NOBODY
        heard = self.api.hearing().people(answered)
        return heard._replace(shown=tuple(self.digest(record) for record in heard.shown))


def _sent(body: bytes) -> Any:
    """Return what a request's body says; None where it isn't JSON."""
    sent = parsed(body)
    return None if sent is NOT_JSON else sent


def _kind(seen: Seen) -> str:
    """Return the content type, if it is one of the usual ones."""
    kind = seen.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind if kind in _KINDS else ""


def _harm(seen: Seen, answered: Any) -> Mapping[str, Any]:
    """Return the members of the fault that an answer met on its way."""
    found = dict(harm(seen.broke))
    if not seen.broke and seen.status == 200:
        found = dict(_corrupt(seen, answered))
    if seen.took >= SLOW and "hang" not in found:
        found["delay"] = Delay(kind="constant", a=seen.took - seen.took % _GRAIN)
    if seen.drip and _dripped(seen) and "corrupt" not in found:
        found["drip"] = Drip(size=seen.drip.size, every=seen.drip.every - seen.drip.every % _GRAIN)
    return found


def _dripped(seen: Seen) -> bool:
    return seen.drip is not None and seen.drip.every >= STEADY


def _corrupt(seen: Seen, answered: Any) -> Mapping[str, Any]:
    if seen.body == b"":
        return {"corrupt": "empty_body"}
    json = _kind(seen) in ("application/json", "")
    if answered is NOT_JSON:
        return {"corrupt": "truncated_json"} if json else {}
    return {} if json else {"corrupt": "wrong_content_type"}


def _retry(seen: Seen) -> RetryAfter | None:
    """Return what Retry-After says; None where there is none, or where it says nothing that can be understood."""
    value = seen.headers.get("retry-after", "")
    if value.isascii() and value.isdigit():
        return RetryAfter(seconds=min(int(value), LONGEST) if len(value) < _FAR_TOO_LONG else LONGEST)
    until = _date(value)
    return None if until is None else RetryAfter(seconds=min(max(0, until - _now(seen)), LONGEST), as_date=True)


def _now(seen: Seen) -> int:
    """Return the second from which a date counts: by our clock, or by the answer's own where the two disagree."""
    ours, theirs = -(-seen.at // SECOND), _date(seen.headers.get("date", ""))
    return ours if theirs is None or abs(theirs - ours) <= 2 else theirs


def _date(text: str) -> int | None:
    try:
        return int(parsedate_to_datetime(text).timestamp())
    except (ValueError, OverflowError):
        return None
