"""Which namespaces, and which exchanges in their journals, a control call is about."""

from __future__ import annotations

from math import isfinite
from typing import NamedTuple

from ...clock import SECOND
from ...engine.journal import Journal
from ...engine.namespace import Namespace, Namespaces
from ...errors import short_repr
from ...models import Exchange
from ...redaction import redact_id
from .fields import Body, Problem

WITHOUT_KEY = "without-key"
"""What `namespace` names in calls that read requests: those without a key that opens a namespace."""
NAMESPACE = {"namespace": (str,)}
FORMAT = {"format": (str,)}
OF_EXCHANGES = {**NAMESPACE, "job": (str,), "since": (str, int, float)}
"""The fields by which a call selects exchanges."""
OF_PAGES = {**OF_EXCHANGES, **FORMAT, "after": (str,)}
"""The fields of a call that shows exchanges, in pages."""


def is_text(body: Body) -> bool:
    """Return whether a call is to be answered as text."""
    return body.get("format") == "text"


def is_without_key(body: Body) -> bool:
    """Return whether a call is about the requests without a key alone."""
    return body.get("namespace") == WITHOUT_KEY


def selected(namespaces: Namespaces, own: Namespace | None, name: object) -> Namespace | None:
    """Return the namespace of a call: that of its key, or the one with the public name `name`. None for all of them.

    Raises Problem for a name that no open namespace has, and for one that isn't the key's.
    """
    if own is not None or name is None:
        if own is not None and name not in (None, own.name):
            raise Problem(400, f"The key's namespace is {own.name!r}, not {short_repr(name)}. Send one of the two.")
        return own
    key = namespaces.names.key_of(name) if isinstance(name, str) else None
    namespace = None if key is None else namespaces.peek(key)
    if namespace is None:
        known = "GET jobs and GET journal show the names. Each start of the server makes new ones"
        raise Problem(404, f"No open namespace has the name {short_repr(name)}. {known}.")
    return namespace


class Selection(NamedTuple):
    """The exchanges about a job, from a reading of the clock on, in seconds; None selects by neither."""

    job: str | None
    since: float | None

    def takes(self, exchange: Exchange) -> bool:
        """Return whether an exchange is selected."""
        is_of_job = self.job is None or exchange.job == self.job
        return is_of_job and (self.since is None or exchange.at / SECOND >= self.since)

    @property
    def takes_all(self) -> bool:
        """Whether every exchange is selected."""
        return self == _ALL

    def check_job(self, namespaces: list[Namespace], journals: list[Journal]) -> None:
        """Raise Problem if the job isn't one of some namespaces, and no exchange in some journals is about it."""
        if self.job is None or any(self._has_job(one) for one in namespaces):
            return
        if not any(exchange.job == self.job for journal in journals for exchange in journal):
            known = "GET jobs shows the jobs that there are"
            raise Problem(404, f"No exchange is about the job {short_repr(self.job)}, and it isn't there. {known}.")

    def _has_job(self, namespace: Namespace) -> bool:
        job = self.job or ""
        if job in namespace.jobs or namespace.why_lost(job):
            return True
        return any(one.redacted == job for one in tuple(namespace.jobs.values()))


_ALL = Selection(None, None)


def selection(given: Body) -> Selection:
    """Return the selection of checked fields. Raises Problem."""
    job, since = given.get("job"), given.get("since")
    return Selection(None if job is None else redact_id(job), None if since is None else _seconds(since))


def _seconds(since: str | float) -> float:
    """Return a reading of the clock in seconds. Raises Problem."""
    try:
        seconds = float("nan" if "_" in str(since) else since)
    except (ValueError, OverflowError):
        seconds = float("nan")
    if not isfinite(seconds):
        allowed = "a reading of the clock in seconds since 1970-01-01 UTC, such as 'at' of an exchange"
        raise Problem(400, f"'since' is {short_repr(since)}. Allowed: {allowed}.")
    return seconds
