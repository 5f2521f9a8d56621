"""What is kept of one exchange. All inference works on this, and knows no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..checking.stated_pages import PageRequest
from ..dialect.api import Operation
from ..dialect.observation import ObservedPeople
from ..models import RetryAfter
from .cursors import NO_CURSORS, Cursors

NO_PEOPLE = ObservedPeople(None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SanitizedExchange:
    """What is kept of one exchange. `at` is in nanoseconds.

    `job` and `item` are digests of ids in the path, `created_job` of the id in a start's answer, `idempotency_key` of
    the key in a start. `status` is 0 if no complete answer came. `body` and `request_body` have passed the allow-list.
    `opaque` means that the body is nested too deeply to be read. `outline` has the body's member names and kinds; it is
    only compared, and None if the body is no JSON. `fault` has the members of the scenario's fault that the network or
    the gateway caused. `took` is the time until the answer came, in nanoseconds. `dripped` means that the body came in
    pieces, even if `fault` has no room for it. `deviations` are values by JSON Pointer: where the answer leaves the
    contract, and `body` doesn't show it. `page` is the requested page, if the answer can be compared with other pages.
    `cursors` are those of a page in an API that has them.
    """

    at: int
    operation: Operation
    job: str | None = None
    item: str | None = None
    idempotency_key: str | None = None
    created_job: str | None = None
    run_shape: str | None = None
    query: str = ""
    request_body: Any = None
    status: int = 0
    content_type: str = ""
    body: Any = None
    outline: Any = field(default=None, repr=False)
    people: ObservedPeople = NO_PEOPLE
    retry_after: RetryAfter | None = None
    fault: Mapping[str, Any] = field(default_factory=dict)
    took: int = 0
    dripped: bool = False
    opaque: bool = False
    byte_order_mark: bool = False
    page: PageRequest | None = None
    cursors: Cursors = NO_CURSORS
    deviations: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_object(self) -> bool:
        """Whether the body is a JSON object."""
        return isinstance(self.body, Mapping)

    @property
    def answer_lost(self) -> bool:
        """Whether the live API's answer isn't known: it didn't come, or its body was spoilt."""
        return self.status == 0 or self.fault.get("corrupt") in ("truncated_json", "empty_body")

    @property
    def about_person(self) -> bool:
        """Whether the request is about a person and not about a job; a mock has other people."""
        return self.item is not None
