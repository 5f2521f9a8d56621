"""The control calls: what each does to a namespace, or to all of them where a call carries no key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ... import apis
from ...clock import MODES, SECOND, moment
from ...contract import openapi
from ...dialect.api import Api
from ...engine.credits import OPENING_BALANCE
from ...engine.namespace import Namespace
from ...engine.progression import Plan
from ...errors import UsageError, hint, short_repr
from ...service.service import Service
from ...version import __version__
from ..handling_times import HandlingTimes
from ..held_answers import HeldAnswers
from . import journals, scenarios, views
from .fields import Body, Problem, fields
from .long_calls import LongCall
from .selection import is_text, selected

_MOST_CREDITS = 10**12


class Calls:
    """The control calls of one service. `table` has each by its name and method."""

    def __init__(
        self, service: Service, held_answers: HeldAnswers, handling_times: HandlingTimes | None = None
    ) -> None:
        self._service, self._held_answers = service, held_answers
        self._handling_times = handling_times or HandlingTimes()
        self.table: dict[str, dict[str, Callable[[Namespace | None, Body], Any]]] = {
            "health": {"GET": self._health},
            "ready": {"GET": self._health},
            "scenarios": {"GET": self._scenarios},
            "scenario": {"PUT": self._put_scenario},
            "jobs": {"GET": self._jobs, "POST": self._post_job},
            "clock": {"GET": self._clock, "PUT": self._put_clock},
            "clock/advance": {"POST": self._advance},
            "credits": {"GET": self._credits, "PUT": self._put_credits},
            "journal": {"GET": self._journal, "DELETE": self._clear_journal},
            "findings": {"GET": self._findings},
            "coverage": {"GET": self._coverage},
            "metrics": {"GET": self._metrics},
            "reset": {"POST": self._reset},
            **{f"openapi/{api}.json": {"GET": partial(self._openapi, api)} for api in apis.names()},
        }

    def _health(self, namespace: Namespace | None, body: Body) -> Any:
        namespaces = self._service.namespaces
        return {
            "status": "ok", "version": __version__, "namespaces": len(namespaces), "evicted": namespaces.evicted,
            "jobs_dropped": namespaces.jobs.dropped, "exchanges_dropped": namespaces.room.dropped,
            "answers_dropped": namespaces.answers.dropped, "broken_scenarios": len(self._service.catalogue.problems),
        }  # fmt: skip

    def _scenarios(self, namespace: Namespace | None, body: Body) -> Any:
        return scenarios.listed(self._service.catalogue)

    def _put_scenario(self, namespace: Namespace | None, body: Body) -> Any:
        given = fields(body, {"scenario": (str, dict)}, {"api": (str,)})
        api = _api(given, namespace)
        compile_scenario = partial(self._service.catalogue.resolve, given["scenario"], api.name if api else None)
        return LongCall(compile_scenario, partial(self._use, namespace))

    def _use(self, namespace: Namespace | None, plan: Plan) -> Any:
        """Let a key play a scenario from now on, or all keys. Raises Problem."""
        namespace = namespace and self._still_open(namespace)
        if namespace is None:
            self._service.defaults.plans[plan.scenario.api] = plan
        elif namespace.key_plan:
            raise Problem(409, f"The key itself names {namespace.key_plan.name}, which goes before any other scenario.")
        for target in self._targets(namespace):
            if target.api == plan.scenario.api:
                target.use(plan)
        return {"api": plan.scenario.api, "scenario": plan.name}

    def _post_job(self, namespace: Namespace | None, body: Body) -> Any:
        if namespace is None:
            raise Problem(400, "A job belongs to a key: send the one that the client will use, as a bearer token.")
        given = fields(body, {"scenario": (str, dict)}, {"api": (str,), "id": (str,)})
        _api(given, namespace)
        compile_scenario = partial(self._service.catalogue.resolve, given["scenario"], namespace.api)
        return LongCall(compile_scenario, partial(self._place, namespace, given.get("id")))

    def _place(self, namespace: Namespace, job_id: str | None, plan: Plan) -> Any:
        """Add a job that plays a scenario. Raises Problem."""
        namespace = self._still_open(namespace)
        if job_id in namespace.jobs:
            raise Problem(409, f"The id {short_repr(job_id)} is taken by another job of this key.")
        job = self._service.place(namespace, plan, job_id)
        return {"id": job.id, "api": namespace.api, "scenario": plan.name}

    def _jobs(self, namespace: Namespace | None, body: Body) -> Any:
        namespace = selected(self._service.namespaces, namespace, body)
        return views.jobs_of(self._targets(namespace), body)

    def _clock(self, namespace: Namespace | None, body: Body) -> Any:
        clock = namespace.clock if namespace else self._service.namespaces.clock
        return views.reading(clock, self._held_answers.busy)

    def _put_clock(self, namespace: Namespace | None, body: Body) -> Any:
        given = fields(body, {"mode": (str,)}, {"speed": (int, float)})
        mode, speed = given["mode"], given.get("speed", 1)
        if (mode == "scaled") != ("speed" in given):
            raise Problem(400, "A scaled clock has a 'speed' above 0, and no other has one.")
        if mode not in MODES:
            raise Problem(400, f"'mode' is {short_repr(mode)}. Allowed: {', '.join(MODES)}.{hint(mode, MODES)}")
        if namespace is None:
            self._service.namespaces.set_clocks(mode, speed)
        for target in self._targets(namespace):
            target.clock.set(mode, speed)
        return self._clock(namespace, body)

    def _advance(self, namespace: Namespace | None, body: Body) -> Any:
        from decimal import Decimal

        seconds = fields(body, {"seconds": (int, float)}, {})["seconds"]
        nanoseconds = int(Decimal(str(seconds)) * SECOND)
        clocks = [target.clock for target in self._targets(namespace)]
        clocks += [] if namespace else [self._service.namespaces.clock]
        for clock in clocks:
            clock.check_advance(nanoseconds)
        for clock in clocks:
            clock.advance(nanoseconds)
        return self._clock(namespace, body)

    def _credits(self, namespace: Namespace | None, body: Body) -> Any:
        if namespace is None:
            opening = self._service.namespaces.opening
            return [{"api": api, "balance": opening.get(api, OPENING_BALANCE)} for api in apis.names()]
        apis.load(namespace.api).settle(namespace, namespace.clock.now())
        return {"api": namespace.api, "balance": namespace.credits.balance}

    def _put_credits(self, namespace: Namespace | None, body: Body) -> Any:
        given = fields(body, {"balance": (int,)}, {"api": (str,)})
        api, balance = _api(given, namespace), given["balance"]
        if not 0 <= balance <= _MOST_CREDITS:
            raise UsageError(f"'balance' is {balance}. Allowed: a whole number from 0 to {_MOST_CREDITS}.")
        for name in [api.name] if api else apis.names():
            if namespace is None:
                self._service.namespaces.opening[name] = balance
            for target in self._targets(namespace):
                if target.api == name:
                    apis.load(name).settle(target, target.clock.now())
                    target.credits.set(balance, opening=namespace is None)
        return self._credits(namespace, body)

    def _journal(self, namespace: Namespace | None, body: Body) -> Any:
        namespaces, chosen = self._service.namespaces, selected(self._service.namespaces, namespace, body)
        if is_text(body):
            from . import clients  # imported late with the rules, so that a server starts quickly

            return clients.stories_of_journals(self._targets(chosen), None if chosen else namespaces, body)
        if namespace is not None:
            return journals.of_key(namespace, body)
        return journals.pages(self._targets(chosen), [] if chosen else [namespaces.outside], body)

    def _clear_journal(self, namespace: Namespace | None, body: Body) -> Any:
        cleared = sum(target.journal.clear() for target in self._targets(namespace))
        return {"cleared": cleared + (self._service.namespaces.outside.clear() if namespace is None else 0)}

    def _findings(self, namespace: Namespace | None, body: Body) -> Any:
        from . import findings  # imported late with its rules, so that a server starts quickly

        namespace = selected(self._service.namespaces, namespace, body)
        return findings.of_one(namespace, body) if namespace else findings.of_all(self._service.namespaces, body)

    def _coverage(self, namespace: Namespace | None, body: Body) -> Any:
        from . import coverage  # imported late, so that a server starts quickly

        return coverage.of(self._service.namespaces, namespace, body)

    def _metrics(self, namespace: Namespace | None, body: Body) -> Any:
        from . import metrics  # imported late, so that a server starts quickly

        return metrics.of(self._service, self._held_answers, self._handling_times, namespace, body)

    def _reset(self, namespace: Namespace | None, body: Body) -> Any:
        start = _start(fields(body, {}, {"start": (str,)}).get("start"), namespace)
        total: dict[str, float] = {"namespaces": 0, "jobs": 0, "clock": 0, "buckets": 0, "credits": 0, "journal": 0}
        for target in self._targets(namespace):
            total["namespaces"] += 1
            for name, count in target.reset(start).items():
                total[name] += count
        if namespace is None:
            self._service.namespaces.clock.restart()
            total["journal"] += self._service.namespaces.outside.clear()
        return {"cleared": total}

    def _openapi(self, api: str, namespace: Namespace | None, body: Body) -> Any:
        return {**openapi.bundled(api), "servers": [{"url": "/", "description": "This mock."}]}

    def _still_open(self, namespace: Namespace) -> Namespace:
        """Return the namespace of the same key: it may have been closed while a scenario was compiled."""
        return self._service.namespace(apis.load(namespace.api), namespace.key)

    def _targets(self, namespace: Namespace | None) -> list[Namespace]:
        return [namespace] if namespace else list(self._service.namespaces)


def _start(text: str | None, namespace: Namespace | None) -> int | None:
    """Return the time at which the key's clock is to restart, or None. Raises Problem."""
    if text is None:
        return None
    if namespace is None:
        raise Problem(400, "A 'start' belongs to a key: send the one whose clock begins there, as a bearer token.")
    try:
        return moment(text)
    except UsageError as error:
        raise Problem(400, f"'start' is {short_repr(text)}. {error}") from None


def _api(given: Body, namespace: Namespace | None) -> Api | None:
    """Return the API that a call names or that its key belongs to, or None. Raises Problem."""
    name = given.get("api", namespace.api if namespace else None)
    if name is not None and name not in apis.names():
        allowed = f"Allowed: {', '.join(apis.names())}.{hint(name, apis.names())}"
        raise Problem(400, f"'api' is {short_repr(name)}. {allowed}")
    if namespace and name != namespace.api:
        raise Problem(400, f"The key belongs to {namespace.api}, not to {name}.")
    return apis.load(name) if name else None
