"""The control API under `/__jobmock/`: JSON in, JSON out, errors as RFC 9457 problem documents.

A call acts on the namespace of the bearer key it carries; without a key, on all namespaces and those to come.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hmac import compare_digest
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ... import __version__, apis
from ...clock import MODES, SECOND, moment
from ...contract import openapi
from ...dialect.answers import Refused
from ...dialect.api import Api
from ...engine.credits import OPENING_BALANCE
from ...engine.headers import bearer, is_key
from ...engine.journal import shown
from ...engine.namespace import Namespace
from ...errors import JobmockError, ScenarioError, UsageError, hint
from ...service.service import Service
from ..held_answers import Holds
from . import views
from .fields import Body, Problem, as_object, document, fields, raw_body

_MOST_CREDITS = 10**12


class Control:
    """The control calls of one service."""

    def __init__(self, service: Service, holds: Holds, token: str | None = None) -> None:
        self._service, self._holds = service, holds
        self._token = token
        self._calls: dict[str, dict[str, Callable[[Namespace | None, Body], Any]]] = {
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
            "reset": {"POST": self._reset},
            **{f"openapi/{api}.json": {"GET": partial(self._openapi, api)} for api in apis.names()},
        }

    def routes(self) -> list[Route]:
        """Return the routes, relative to `/__jobmock`."""
        return [Route("/{call:path}", self)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HttpRequest(scope, receive)
        try:
            response: Response = JSONResponse(*self._handle(request, await raw_body(request)))
        except ClientDisconnect:
            return
        except Problem as problem:
            response = document(problem)
        await response(scope, receive, send)

    def _handle(self, request: HttpRequest, raw: bytes) -> tuple[Any, int]:
        name = request.path_params["call"]
        methods = self._calls.get(name)
        if methods is None:
            known = ", ".join(self._calls)
            raise Problem(404, f"There is no control call {name!r}. Calls: {known}.{hint(name, self._calls)}")
        call = methods.get("GET" if request.method == "HEAD" else request.method)
        if call is None:
            allowed = ", ".join(methods)
            raise Problem(405, f"{name!r} has {allowed} only, not {request.method}.", headers={"allow": allowed})
        if self._token and name not in ("health", "ready") and not self._allowed(request):
            raise Problem(403, "This server is open to other machines: send its token in X-Jobmock-Token.")
        try:
            query = request.query_params if request.method in ("GET", "HEAD") else {}
            answer = call(self._namespace(request), {**query, **as_object(raw)})
        except ScenarioError as error:
            problems = [{"where": problem.where, "detail": problem.message} for problem in error.problems]
            raise Problem(400, str(error), errors=problems) from None
        except JobmockError as error:
            raise Problem(400, str(error)) from None
        return answer, 201 if (name, request.method) == ("jobs", "POST") else 200

    def _allowed(self, request: HttpRequest) -> bool:
        sent = request.headers.get("x-jobmock-token", "")
        return compare_digest(sent.encode(), (self._token or "").encode())

    def _namespace(self, request: HttpRequest) -> Namespace | None:
        """Return the namespace of the key that the call carries, opening it if need be; None without a key."""
        header = request.headers.get("authorization")
        if header is None:
            return None
        token = bearer(header.encode("latin-1")) or ""
        api = next((api for api in apis.all_apis() if is_key(token, api.prefix)), None)
        if api is None:
            raise Problem(400, f"No API has such a key. Prefixes: {', '.join(api.prefix for api in apis.all_apis())}.")
        try:
            return self._service.namespace(api, api.authorize(header.encode("latin-1"), None))
        except Refused as refused:
            if token in api.reserved:
                raise Problem(400, f"This key is reserved ({api.reserved[token]}) and opens no namespace.") from None
            raise Problem(400, refused.text or api.errors[refused.name][1]) from None

    def _health(self, namespace: Namespace | None, body: Body) -> Any:
        namespaces = self._service.namespaces
        return {
            "status": "ok", "version": __version__, "namespaces": len(namespaces), "evicted": namespaces.evicted,
        }  # fmt: skip

    def _scenarios(self, namespace: Namespace | None, body: Body) -> Any:
        return [entry.row() for entry in self._service.catalogue.entries()]

    def _put_scenario(self, namespace: Namespace | None, body: Body) -> Any:
        given = fields(body, {"scenario": (str, dict)}, {"api": (str,)})
        api = _api(given, namespace)
        plan = self._service.catalogue.resolve(given["scenario"], api.name if api else None)
        if namespace is None:
            self._service.deployment.plans[plan.scenario.api] = plan
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
        api = _api(given, namespace)
        plan = self._service.catalogue.resolve(given["scenario"], namespace.api)
        if given.get("id") in namespace.jobs:
            raise Problem(409, f"The id {given['id']!r} is taken by another job of this key.")
        job = self._service.place(namespace, plan, given.get("id"))
        return {"id": job.id, "api": namespace.api if api is None else api.name, "scenario": plan.name}

    def _jobs(self, namespace: Namespace | None, body: Body) -> Any:
        return [views.job(target, job) for target in self._targets(namespace) for job in target.jobs.values()]

    def _clock(self, namespace: Namespace | None, body: Body) -> Any:
        clock = namespace.clock if namespace else self._service.namespaces.clock
        return views.reading(clock, self._holds.busy)

    def _put_clock(self, namespace: Namespace | None, body: Body) -> Any:
        given = fields(body, {"mode": (str,)}, {"speed": (int, float)})
        mode, speed = given["mode"], given.get("speed", 1)
        if (mode == "scaled") != ("speed" in given):
            raise Problem(400, "A scaled clock has a 'speed' above 0, and no other has one.")
        if mode not in MODES:
            raise Problem(400, f"'mode' is {mode!r}. Allowed: {', '.join(MODES)}.{hint(mode, MODES)}")
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
        for clock in clocks if namespace else [*clocks, self._service.namespaces.clock]:
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
        journals = [target.journal for target in self._targets(namespace)]
        if namespace is None:
            journals.append(self._service.namespaces.outside)
        exchanges = sorted((exchange for journal in journals for exchange in journal), key=lambda e: (e.at, e.number))
        return {"exchanges": list(map(shown, exchanges)), "dropped": sum(journal.dropped for journal in journals)}

    def _clear_journal(self, namespace: Namespace | None, body: Body) -> Any:
        cleared = sum(target.journal.clear() for target in self._targets(namespace))
        return {"cleared": cleared + (self._service.namespaces.outside.clear() if namespace is None else 0)}

    def _findings(self, namespace: Namespace | None, body: Body) -> Any:
        from . import findings  # the rules come with it, and a server should be ready before they are wanted

        return findings.of_key(namespace, body) if namespace else findings.of_all(self._service.namespaces, body)

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

    def _targets(self, namespace: Namespace | None) -> list[Namespace]:
        return [namespace] if namespace else list(self._service.namespaces)


def _start(text: str | None, namespace: Namespace | None) -> int | None:
    """Return the reading at which a key's clock is to begin anew, if a call says so."""
    if text is None:
        return None
    if namespace is None:
        raise Problem(400, "A 'start' belongs to a key: send the one whose clock begins there, as a bearer token.")
    try:
        return moment(text)
    except UsageError as error:
        raise Problem(400, f"'start' is {text!r}. {error}") from None


def _api(given: Body, namespace: Namespace | None) -> Api | None:
    """Return the API that a call names, or that its key belongs to."""
    name = given.get("api", namespace.api if namespace else None)
    if name is not None and name not in apis.names():
        raise Problem(400, f"'api' is {name!r}. Allowed: {', '.join(apis.names())}.{hint(name, apis.names())}")
    if namespace and name != namespace.api:
        raise Problem(400, f"The key belongs to {namespace.api}, not to {name}.")
    return apis.load(name) if name else None
