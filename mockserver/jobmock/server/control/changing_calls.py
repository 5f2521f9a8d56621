"""The control calls that change something: in one namespace, or in all of them where a call names none."""

from __future__ import annotations

from functools import partial
from typing import Any

from ... import apis
from ...clock import MODES, SECOND, moment
from ...dialect.api import Api
from ...engine.namespace import Namespace
from ...engine.progression import Plan
from ...errors import UsageError, hint, short_repr
from ...service.service import Service
from ..held_answers import HeldAnswers
from . import balances, clocks, scenarios
from .fields import Body, CallTable, Problem, fields
from .long_calls import LongCall

_MOST_CREDITS = 10**12
_NEEDED = "send it as a bearer token, or name its namespace."


class ChangingCalls:
    """The calls that change one service. `table` has each by its name."""

    def __init__(self, service: Service, held_answers: HeldAnswers) -> None:
        self._service, self._held_answers = service, held_answers
        self.table: CallTable = {
            "scenario": {"PUT": self._put_scenario},
            "lint": {"POST": scenarios.linted},
            "jobs": {"POST": self._post_job},
            "clock": {"PUT": self._put_clock},
            "clock/advance": {"POST": self._advance},
            "credits": {"PUT": self._put_credits},
            "journal": {"DELETE": self._clear_journal},
            "reset": {"POST": self._reset},
        }

    def _put_scenario(self, namespace: Namespace | None, body: Body) -> Any:
        given = fields(body, {}, {**scenarios.GIVEN, "api": (str,)})
        api = _api(given, namespace)
        make_plan = scenarios.plan_maker(self._service.catalogue, given, api.name if api else None)
        return LongCall(make_plan, partial(self._use, namespace))

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
            raise Problem(400, f"A job belongs to a key: {_NEEDED}")
        given = fields(body, {}, {**scenarios.GIVEN, "api": (str,), "id": (str,)})
        _api(given, namespace)
        make_plan = scenarios.plan_maker(self._service.catalogue, given, namespace.api)
        return LongCall(make_plan, partial(self._place, namespace, given.get("id")))

    def _place(self, namespace: Namespace, job_id: str | None, plan: Plan) -> Any:
        """Add a job that plays a scenario. Raises Problem."""
        namespace = self._still_open(namespace)
        if job_id in namespace.jobs:
            raise Problem(409, f"The id {short_repr(job_id)} is taken by another job of this key.")
        job = self._service.place(namespace, plan, job_id)
        return {"id": job.id, "api": namespace.api, "scenario": plan.name}

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
        return clocks.of(self._service.namespaces, self._held_answers, namespace, {})

    def _advance(self, namespace: Namespace | None, body: Body) -> Any:
        from decimal import Decimal

        seconds = fields(body, {"seconds": (int, float)}, {})["seconds"]
        nanoseconds = int(Decimal(str(seconds)) * SECOND)
        moved = [target.clock for target in self._targets(namespace)]
        moved += [] if namespace else [self._service.namespaces.clock]
        for clock in moved:
            clock.check_advance(nanoseconds)
        for clock in moved:
            clock.advance(nanoseconds)
        return clocks.of(self._service.namespaces, self._held_answers, namespace, {})

    def _put_credits(self, namespace: Namespace | None, body: Body) -> Any:
        given = fields(body, {"balance": (int,)}, {"api": (str,)})
        api, balance = _api(given, namespace), given["balance"]
        if not 0 <= balance <= _MOST_CREDITS:
            raise UsageError(f"'balance' is {balance}. Allowed: a whole number from 0 to {_MOST_CREDITS}.")
        for name in [one.name for one in ([api] if api else apis.all_apis())]:
            if namespace is None:
                self._service.namespaces.opening[name] = balance
            for target in self._targets(namespace):
                if target.api == name:
                    apis.load(name).settle(target, target.clock.now())
                    target.credits.set(balance, opening=namespace is None)
        return balances.of(self._service.namespaces, namespace, {})

    def _clear_journal(self, namespace: Namespace | None, body: Body) -> Any:
        cleared = sum(target.journal.clear() for target in self._targets(namespace))
        return {"cleared": cleared + (self._service.namespaces.outside.clear() if namespace is None else 0)}

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
        raise Problem(400, f"A 'start' belongs to a key: {_NEEDED}")
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
