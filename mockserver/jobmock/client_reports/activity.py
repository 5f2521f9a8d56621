"""What a client did with one API, over all namespaces of a mock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple

from .. import apis
from ..clock import SECOND
from ..dialect.api import Api
from ..engine.jobs import Job, StatusSpan
from ..engine.journal import Journal
from ..engine.namespace import Namespace, Namespaces
from ..etiquette import Finding, ReturnedValue, RuleSettings, Verdict, findings_of, judge
from ..models import Exchange, Scenario
from .titles import scenario_title

NOT_JUDGED = Verdict(findings=(), not_judged={})
"""The verdict on a client that no rule judges."""


class KnownJob(NamedTuple):
    """What a server reports about a job: its scenario, and its statuses over time."""

    scenario: str
    spans: tuple[StatusSpan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyActivity:
    """What a client did with one key, or without one: its requests, its jobs by the id in them, and its mistakes.

    `name` is the public name of the key's namespace. `lost` are the numbers of the exchanges whose answers no client
    can have received, `dropped` is how many older ones the journal no longer has, `now` the clock's reading at the end.
    `known_jobs` are those of another process.
    """

    name: str | None
    journal: Sequence[Exchange]
    lost: frozenset[int] = frozenset()
    dropped: int = 0
    jobs: Mapping[str, Job] = field(default_factory=dict)
    known_jobs: Mapping[str, KnownJob] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientActivity:
    """What a client did with one API: its requests, the titles of what its jobs played, and the verdict on it.

    `dropped` is the number of older requests that the journal no longer has. `started_at` is the reading at which the
    clock started, in nanoseconds, and `elapsed` are the seconds since then. `keys` has the same for each key.
    """

    api: str
    name: str = ""
    """The name of the client in a story; by default its API."""
    journal: Sequence[Exchange]
    dropped: int
    titles: Sequence[str]
    verdict: Verdict
    started_at: int
    elapsed: float
    keys: Sequence[KeyActivity] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the client did wrong."""
        return self.verdict.findings


def client_activity(
    namespaces: Namespaces, own: Namespace, *, settings: RuleSettings | None, time: str
) -> ClientActivity:
    """Return what a client did with one API, whose namespace `own` was made for it.

    Its requests alone are judged; nothing is without settings. `time` is the mode of time in which the client lived.
    """
    api, clock = own.api, own.clock
    verdicts = _verdicts(namespaces, own, settings, time) if settings else []
    keys = _key_activities(namespaces, api, clock.now(), verdicts)
    return ClientActivity(
        api=api, journal=_sorted(exchange for key in keys for exchange in key.journal),
        dropped=dropped_from(namespaces, api), titles=titles_of(namespaces, api),
        verdict=_merged(verdicts) if verdicts else NOT_JUDGED, started_at=clock.started,
        elapsed=clock.elapsed / SECOND, keys=keys,
    )  # fmt: skip


def keys_of(namespaces: Namespaces, api: str, *, settings: RuleSettings, time: str, now: int) -> list[KeyActivity]:
    """Return what a client did with each key of an API, judged by its requests alone."""
    dialect = apis.load(api)
    journals = [one.journal for one in namespaces if one.journal]
    judged = [(one, findings_of(one, dialect, settings=settings, time=time)) for one in journals]
    strays = _stray_findings(namespaces, dialect, settings, time, beside_client=bool(journals))
    verdicts = [*judged, (namespaces.outside, tuple(strays))]
    return _key_activities(
        namespaces, api, now, [(one, Verdict(findings=found, not_judged={})) for one, found in verdicts]
    )


def journal_of(namespaces: Namespaces) -> list[Exchange]:
    """Return all requests and their outcomes, oldest first."""
    journals = [namespace.journal for namespace in namespaces] + [namespaces.outside]
    return _sorted(exchange for journal in journals for exchange in journal)


def _sorted(exchanges: Iterable[Exchange]) -> list[Exchange]:
    return sorted(exchanges, key=lambda one: (one.at, one.number))


def dropped_from(namespaces: Namespaces, api: str | None = None) -> int:
    """Return how many of the oldest requests the journals no longer have: all, or with keys of one API."""
    return namespaces.outside.dropped + sum(one.journal.dropped for one in namespaces if api in (None, one.api))


def played_by(namespaces: Namespaces, api: str | None = None) -> dict[str, Scenario]:
    """Return the scenarios that jobs of all keys played, or of the keys of one API, by their names."""
    return {scenario.name: scenario for scenario in _scenarios(namespaces, api)}


def titles_of(namespaces: Iterable[Namespace], api: str | None = None) -> tuple[str, ...]:
    """Return what a story calls the scenarios that jobs played, as `played_by` does."""
    return tuple(dict.fromkeys(map(scenario_title, _scenarios(namespaces, api))))


def client_findings(
    namespaces: Namespaces, api: str, *, settings: RuleSettings, time: str
) -> tuple[Finding, ...]:  # fmt: skip
    """Return the findings about a client of one API with all keys that it used, by its requests alone."""
    dialect = apis.load(api)
    clients = sorted((one for one in namespaces if one.journal), key=_last_request, reverse=True)
    of_clients = (findings_of(one.journal, dialect, settings=settings, time=time) for one in clients)
    return tuple(chain(*of_clients, _stray_findings(namespaces, dialect, settings, time, beside_client=bool(clients))))


def judge_client(
    namespaces: Namespaces, own: Namespace, *, settings: RuleSettings, time: str, outcome: str | None = None,
    job: str | None = None, returned: ReturnedValue | None = None,
) -> Verdict:  # fmt: skip
    """Return the verdict on a client of the API of `own`, the namespace that was made for it, with all its keys.

    `outcome` is how its call for `job`, or the last one with the key that it used last, ended: see `judge`.
    """
    return _merged(_verdicts(namespaces, own, settings, time, outcome, job, returned))


def _verdicts(
    namespaces: Namespaces, own: Namespace, settings: RuleSettings, time: str, outcome: str | None = None,
    job: str | None = None, returned: ReturnedValue | None = None,
) -> list[tuple[Journal, Verdict]]:  # fmt: skip
    """Return the verdict on a client by each journal. The first one is that of the key that it used last."""
    api = apis.load(own.api)
    *others, last = sorted([one for one in namespaces if one.journal] or [own], key=_last_request)
    verdict = judge(
        last.journal, api, outcome=outcome, returned=returned, job=job, now=last.clock.now(), settings=settings,
        time=time, jobs=last.jobs,
    )  # fmt: skip
    found = [(one.journal, findings_of(one.journal, api, settings=settings, time=time)) for one in others]
    strays = _stray_findings(namespaces, api, settings, time, beside_client=len(last.journal) > 0)
    found.append((namespaces.outside, tuple(strays)))
    return [(last.journal, verdict), *((one, Verdict(findings=each, not_judged={})) for one, each in found)]


def _merged(verdicts: Sequence[tuple[Journal, Verdict]]) -> Verdict:
    """Return one verdict with all findings, and with what the first one doesn't judge."""
    findings = chain.from_iterable(verdict.findings for _, verdict in verdicts)
    return replace(verdicts[0][1], findings=tuple(findings))


def jobs_of(namespace: Namespace) -> dict[str, Job]:
    """Return the jobs of a namespace by the id that the journal shows."""
    return {job.redacted: job for job in tuple(namespace.jobs.values())}


def _key_activities(
    namespaces: Namespaces, api: str, now: int, verdicts: Sequence[tuple[Journal, Verdict]]
) -> list[KeyActivity]:
    """Return what a client of an API did with each key, and without one, as far as it sent requests."""
    findings = {id(journal): verdict.findings for journal, verdict in verdicts}
    sources = [(one.name, one.journal, jobs_of(one)) for one in sorted(namespaces, key=lambda one: one.opened)]
    found = [
        KeyActivity(
            name=name, journal=tuple(exchange for exchange in journal if exchange.api == api),
            lost=frozenset(journal.lost), dropped=journal.dropped, jobs=jobs, findings=findings.get(id(journal), ()),
            now=now,
        )
        for name, journal, jobs in [*sources, (None, namespaces.outside, {})]
    ]  # fmt: skip
    return [one for one in found if one.journal]


def _stray_findings(
    namespaces: Namespaces, api: Api, settings: RuleSettings, time: str, *, beside_client: bool
) -> Iterator[Finding]:
    """Yield the findings on requests without a key. Beside a client with one, unknown routes are a warning."""
    outside = namespaces.outside
    for finding in findings_of(outside, api, settings=settings, time=time) if len(outside) else ():
        is_mild = beside_client and finding.rule == "unknown-route"
        yield replace(finding, severity="warning") if is_mild else finding


def _scenarios(namespaces: Iterable[Namespace], api: str | None) -> Iterator[Scenario]:
    """Yield the scenarios that were played, or that refused a start."""
    for namespace in namespaces:
        if api in (None, namespace.api):
            jobs, refused = tuple(namespace.jobs.values()), tuple(namespace.refused_by.values())
            yield from (plan.scenario for plan in (*(job.plan for job in jobs), *refused))


def _last_request(namespace: Namespace) -> list[int]:
    """Return when the last request of a namespace came, in a list that is empty if none came."""
    return [exchange.at for exchange in namespace.journal][-1:]
