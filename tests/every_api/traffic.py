"""What a client of any API sends to a mock and gets from it, in the form of recorded traffic."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from tests.api_facts import content_of, job_id_of, operation_of, path_of, start_body, status_of
from tests.support import EPOCH, KEYS, Mock

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.dialect.api import Api
from jobmock.engine.namespace import Namespaces
from jobmock.engine.progression import Plan
from jobmock.models import Reply, Request
from jobmock.recording.raw_exchange import RawExchange, from_reply
from jobmock.service.service import Service

CATALOGUE = Catalogue()
MOST_POLLS, AFTER_END, PAUSE = 60, 2, 5


def usual(api: str) -> Plan:
    """Return the plan of an API's first default scenario."""
    return CATALOGUE.plan(next(iter(apis.load(api).default_scenarios.values())))


class Traffic(NamedTuple):
    """What a client sent and got, and what of that another mock must answer too."""

    exchanges: list[RawExchange]
    outcomes: list[tuple[Any, ...]]


def traffic(plan: Plan) -> Traffic:
    """Let a client start a job of a plan, and poll it every few seconds until a while after its end."""
    api, seen = apis.load(plan.scenario.api), Traffic([], [])
    plans = {api.name: plan}
    mock = Mock(Service(CATALOGUE, Namespaces(clock=lambda: Clock("manual", start=EPOCH)), plans=plans))
    start, status = operation_of(api, "start"), operation_of(api, "status")
    job, ended = None, 0
    for _ in range(MOST_POLLS):
        if job is None:
            body = json.dumps(start_body(api, plan.scenario.run_shape)).encode()
            reply = _send(mock, api, seen, start.method, path_of(start, "mine"), body)
            job = job_id_of(api, reply.body, reply.headers) if reply.status < 300 else None
        else:
            reply = _send(mock, api, seen, status.method, path_of(status, job))
            ended += status_of(api, reply.body) in api.terminal
        if ended > AFTER_END:
            break
        mock.advance(PAUSE, api.name)
    return seen


def _send(mock: Mock, api: Api, seen: Traffic, method: str, path: str, body: bytes = b"") -> Reply:
    request = Request(method, path.encode(), b"", api.credential.headers(KEYS[api.name]), body)
    at = mock.namespace(api.name).clock.now()
    reply = mock.service.handle(request)
    seen.exchanges.append(from_reply(request, reply, at))
    seen.outcomes.append(_outcome(api, reply))
    return reply


def _outcome(api: Api, reply: Reply) -> tuple[Any, ...]:
    """Return what a recording keeps of an answer: not its ids, results and texts."""
    content = content_of(reply.body)
    shown = api.observation().people(content).visible if isinstance(content, dict) else None
    kept = [pair for pair in reply.headers if pair[0] in (b"content-type", b"retry-after", b"date")]
    return reply.status, kept, reply.due, reply.fault and reply.fault.label, status_of(api, reply.body), shown
