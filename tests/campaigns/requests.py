"""Generated requests to both APIs, in process: no answer is a 500, and each is one that the contract lists.

An answer is checked with the request, without the service's own view: the operation lists its HTTP status, its body
obeys the document listed there (both validators agree), the journal has it once, and has no key. Bodies that a scenario
breaks on purpose are not checked: a step that `violates: [schema]`, a scripted body, a corruption. After every 2,000
requests a new service begins, with other switches, limits and defaults.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urlencode

import jsonschema_rs
import orjson
from tests.campaigns.reporting import Report, progress_bar, scaled
from tests.support import EPOCH

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND, Clock
from jobmock.contract import documents
from jobmock.dialect.api import Api, Operation
from jobmock.dialect.routing import is_too_long
from jobmock.engine.journal import Journal
from jobmock.engine.namespace import Namespaces
from jobmock.models import Exchange, Limit, Reply, Request
from jobmock.service.body_limits import MAX_BODY
from jobmock.service.service import Service

REQUESTS = 100_000
_REQUESTS_PER_SERVICE = 2_000
_NAMED_KEYS = 6
_BASE = "https://jobmock.invalid/schemas/"
_REFERENCE_SHARE = 0.01

Pairs = list[tuple[str, str]]


class GeneratedRequest(NamedTuple):
    """A request with its API, operation and key; `operation` is None if no route fits."""

    request: Request
    api: Api
    operation: Operation | None
    key: str
    paged: bool = False


# Bodies ---------------------------------------------------------------------------------------------------------------

_SCALARS: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 3, 7, 2.5, 1e300, 10**18, -(10**18), "", " ", "x", "v1", "true", "é𝒳\u0000\u2028",
    "http://[::1", "https://www.linkedin.com/in/example-x", "https://x.invalid/in/y", "a@b.invalid", "+43 316 123456",
    "candidate_discovery", "someone@mail.invalid", "x" * 5_000,
)  # fmt: skip
_NAMES = ("query", "limit", "urls", "structuredIntent", "min", "max", "names", "phone", "version", "", "ü", "$ref")
_RAW = (
    b"", b"null", b"[]", b'"text"', b"{", b"}", b"{}", b"nonsense", b"\xff\xfe{}", b"\xef\xbb\xbf{}", b"[" * 3_000,
    b'{"query": "\\ud800"}', b'{"email": "\\udfff@x.invalid"}', b'{"query": NaN}', b'{"query": "x", "limit": 1e400}',
    b'{"query": "x", "query": "y"}', b'{"query": "x", "limit": ' + b"9" * 400 + b"}", b'{"query": "x"} {}', b"\x00",
    b'{"query":' + b'{"a":' * 500 + b"1" + b"}" * 501, b"query=x&limit=3", b'{"query": "x",}', b"-", b"1" * 5_000,
)  # fmt: skip


def junk(rng: Random, depth: int = 0) -> Any:
    """Draw any JSON value."""
    kind = rng.random()
    if depth < 3 and kind < 0.15:
        return [junk(rng, depth + 1) for _ in range(rng.randrange(4))]
    if depth < 3 and kind < 0.3:
        return {rng.choice(_NAMES): junk(rng, depth + 1) for _ in range(rng.randrange(4))}
    return rng.choice(_SCALARS)


def clado_start(rng: Random, profiles: Sequence[str]) -> dict[str, Any]:
    body: dict[str, Any] = {"query": rng.choice(["chemists in Graz", "x", "ärzte 𝒳"])}
    if rng.random() < 0.6:
        body["limit"] = rng.choice([1, 2, 5, 25, 30, 100, 1_000])
    if rng.random() < 0.3:
        body["hard_filter_company_urls"] = ["https://x.invalid"] * rng.randrange(3)
    return body


def orbit_start(rng: Random, profiles: Sequence[str]) -> dict[str, Any]:
    intent: dict[str, Any] = {
        "version": "v1", "names": ["Someone"], "experiences": [{"organization": "x", "startYear": 1999}],
        "demographics": {"ageRange": {"min": 20, "max": 30}}, "geo": {"place": "Graz"},
    }  # fmt: skip
    signals: dict[str, Any] = {
        "email": "someone@mail.invalid", "phoneNumber": "+43 316 123456", "profileId": rng.choice(profiles),
        "linkedinUrl": "https://www.linkedin.com/in/example-x", "urls": ["https://x.invalid"], "usernames": ["x"],
        "structuredIntent": intent,
    }  # fmt: skip
    body = {name: signals[name] for name in rng.sample(sorted(signals), rng.randrange(1, 4))}
    if rng.random() < 0.5:
        shapes = ["partial_only", "partial_plus_full", "full_generation_only", "candidate_discovery", "shape_x"]
        body["runShape"] = rng.choice(shapes)
    if rng.random() < 0.5:
        body["requestId"] = rng.choice(["r1", "r2", "r3", "a/b", "%2F", "ü 𝒳", "..", "x" * 3_000, " padded "])
    return body


def additional(rng: Random, profiles: Sequence[str]) -> dict[str, Any]:
    return {rng.choice(["additional_limit", "additionalLimit"]): rng.choice([1, 5, 30, 500])}


_BODIES: Mapping[tuple[str, str], Callable[[Random, Sequence[str]], dict[str, Any]]] = {
    ("clado", "start"): clado_start, ("orbit", "start"): orbit_start, ("clado", "more"): additional,
}  # fmt: skip


def body_for(rng: Random, api: str, operation: str, profiles: Sequence[str]) -> bytes:
    """Draw a body: a valid one half of the time if the operation reads one, and mostly none otherwise."""
    draw = _BODIES.get((api, operation))
    if draw is None:
        return b"" if rng.random() < 0.9 else rng.choice(_RAW)
    body, kind = draw(rng, profiles), rng.random()
    if kind < 0.5:
        return orjson.dumps(body)
    if kind < 0.6:
        return rng.choice(_RAW)
    if kind < 0.605:
        return b" " * (MAX_BODY + rng.randrange(2))
    if kind < 0.65:
        return orjson.dumps(junk(rng))
    return orjson.dumps(_corrupt(rng, body))


def _corrupt(rng: Random, body: Any) -> Any:
    """Return a valid body with one change somewhere."""
    if isinstance(body, dict) and body and rng.random() < 0.9:
        name = rng.choice(sorted(body))
        kind = rng.random()
        if kind < 0.15:
            return {key: value for key, value in body.items() if key != name}
        if kind < 0.3:
            return {**body, rng.choice(_NAMES): junk(rng)}
        return {**body, name: _corrupt(rng, body[name])}
    if isinstance(body, list) and body and rng.random() < 0.7:
        return [_corrupt(rng, body[0]), *body[1:]]
    return junk(rng)


# Queries, paths, keys -------------------------------------------------------------------------------------------------

_PAGES = ("1", "2", "3", "40", "0", "-1", "", "x", "1.5", "٣", "+1", " 1", "1_0", "9" * 18, "9" * 19, "01", "1e2")
_SIZES = ("1", "7", "20", "25", "100", "101", "0", "-5", "", "x", "9" * 30)
_LEGACY = ("true", "false", "1", "0", "TRUE", "False", "", "yes", "ü")
_GARBAGE = (b"&&==;", b"%zz&%", b"\xff\xfe=\x00", b"=", b"?" * 50, b"a=b&" * 2_000, b"legacy", b"pages=1", b"Page=1")
_IDS = (
    b"nobody", b"%2e%2e", b"..", b".", b"a%2Fb", b"%FF%FE", b"\xff", b"%", b"%%%", b"x" * 4_000, b"%00", b"events",
    b"%E2%80%AE", b"+", b"r1", b"r2", b"a/b".replace(b"/", b"%2F"), b"cancel", b"{job}", b"%F0%9D%92%B3",
)  # fmt: skip
_NOWHERE = (
    b"", b"/", b"//", b"/api", b"/api/search", b"/api/search/deep_research/", b"/api/search/deep_research//cancel",
    b"/api/search/deep_research/x/y", b"/api/search/deep_research/x/y/z", b"/api/credits/", b"//api/credits",
    b"/v2/developer", b"/v2/developer/deep-search/", b"/v2/developer/deep-search/x/cancel", b"/v2/developer/profiles/",
    b"/v1/developer/deep-search", b"/API/credits", b"/api%2Fcredits", b"*", b"/\xff", b"/favicon.ico", b"/" * 3_000,
)  # fmt: skip
_METHODS = ("PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "get", "BREW", "")
_BAD_KEYS = (
    None, b"", b"Bearer", b"Bearer ", b"Basic lk_x", b"Basic sk_orb_x", b"Bearer lk_", b"Bearer sk_orb_", b"Bearer x",
    b"Bearer lk_revoked", b"Bearer sk_orb_revoked", b"Bearer sk_orb_expired", b"Bearer sk_orb_noscope",
    b"Bearer sk_orb_searchonly", b"Bearer lk_" + b"x" * 501, b"Bearer lk_\xff\xfe", b"Bearer sk_orb_a b", b"\x00",
    b"Bearer lk_x--no-such", b"Bearer sk_orb_x--usuall", b"Bearer lk_x--", b"Bearer lk_x--../orbit/usual", b"lk_bare",
    b"Bearer sk_orb_x--../clado/usual", b"Bearer lk_x--" + b"y" * 400,
)  # fmt: skip


def query_for(rng: Random) -> tuple[bytes, bool]:
    """Draw a query; also return whether it has `page`."""
    kind = rng.random()
    if kind < 0.35:
        return b"", False
    if kind < 0.42:
        return rng.choice(_GARBAGE), False
    drawn: Pairs = []
    for name, values, odds in (("page", _PAGES, 0.7), ("page_size", _SIZES, 0.5), ("legacy", _LEGACY, 0.4)):
        if rng.random() < odds:
            good = rng.random() < 0.6
            drawn.append((name, rng.choice(values[:4] if good else values)))
    if rng.random() < 0.1:
        drawn.append(("other", "x"))
    rng.shuffle(drawn)
    text = urlencode(drawn).encode()
    if rng.random() < 0.05:
        text = text.replace(b"a", b"%61")
    return text, any(name == "page" for name, _ in drawn)


def values_of(switch: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the values that a switch may have, by its schema."""
    if "enum" in switch:
        return tuple(switch["enum"])
    by_type = {"boolean": (True, False), "object": ({}, {"p-1": "p-2", "x": "p-1"}), "array": ([], ["shape_x"])}
    return by_type.get(switch["type"] if isinstance(switch["type"], str) else "", (switch["default"], 5))


class RequestGenerator:
    """One service with its keys, and the ids that its clients have seen."""

    def __init__(self, rng: Random, catalogue: Catalogue) -> None:
        self.rng, self.catalogue = rng, catalogue
        switches = {
            name: {
                switch: rng.choice(values_of(schema))
                for switch, schema in documents.definitions(name)["switches"]["properties"].items()
                if rng.random() < 0.5
            }
            for name in apis.names()
        }
        limits: dict[str, dict[str, Limit | None]] = {}
        if rng.random() < 0.5:
            limits = {name: {"start": None, "status": Limit(requests=50, period=SECOND)} for name in apis.names()}
        plans = {api.name: catalogue.plan(rng.choice(self._scenarios(api))) for api in apis.all_apis()}
        self.service = Service(
            catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH)), switches=switches, limits=limits,
            plans=plans if rng.random() < 0.3 else None,
        )  # fmt: skip
        self.keys = {
            api.name: [f"{api.prefix}plain", f"{api.prefix}other", *rng.sample(self._named(api), _NAMED_KEYS)]
            for api in apis.all_apis()
        }
        self.jobs: dict[str, list[bytes]] = {}
        self.profiles: list[str] = ["p-1", "p-2", "x", "p/1"]
        self.last_start: GeneratedRequest | None = None

    def _scenarios(self, api: Api) -> list[str]:
        return [name for name in self.catalogue.names() if name.startswith(f"{api.name}/")]

    def _named(self, api: Api) -> list[str]:
        return [f"{api.prefix}k--{name.partition('/')[2]}" for name in self._scenarios(api)]

    def draw(self) -> GeneratedRequest:
        """Draw a request."""
        rng, api = self.rng, self.rng.choice(apis.all_apis())
        key = rng.choice(self.keys[api.name])
        if rng.random() < 0.04:
            return self._nowhere(api, key)
        if self.last_start and rng.random() < 0.02:
            return self.last_start
        odds = [{"status": 12.0, "start": 4.0, "more": 2.0}.get(operation.name, 1.0) for operation in api.operations]
        operation = rng.choices(api.operations, odds)[0]
        headers = self._headers(key)
        paged, query = False, b""
        if operation.method == "GET":
            query, paged = query_for(rng)
        path = operation.path.encode()
        path = path.replace(b"{job}", self._job(key)).replace(b"{profile}", _quoted(rng.choice(self.profiles)))
        body = body_for(rng, api.name, operation.name, self.profiles)
        request = Request(operation.method, path, query, headers, body)
        served = None if is_too_long(request) else operation
        generated = GeneratedRequest(request, api, served, _token(headers), paged)
        if operation.name == "start":
            self.last_start = generated
        return generated

    def _nowhere(self, api: Api, key: str) -> GeneratedRequest:
        rng, headers = self.rng, self._headers(key)
        path, method = rng.choice(_NOWHERE), rng.choice(["GET", "POST", *_METHODS])
        if rng.random() < 0.4:
            path = rng.choice(api.operations).path.replace("{job}", "x").replace("{profile}", "x").encode()
            method = rng.choice(_METHODS)
        return GeneratedRequest(Request(method, path, b"", headers, b""), api, None, _token(headers))

    def _headers(self, key: str) -> tuple[tuple[bytes, bytes], ...]:
        rng = self.rng
        scheme = rng.choice([b"Bearer ", b"Bearer ", b"bearer ", b"BEARER   "])
        value = scheme + key.encode() if rng.random() < 0.93 else rng.choice(_BAD_KEYS)
        headers = [] if value is None else [(b"authorization", value)]
        if rng.random() < 0.1:
            headers.append((b"idempotency-key", rng.choice([b"i1", b"i2", b"", b"\xff", b"x" * 2_000])))
        if rng.random() < 0.02:
            headers.append((b"authorization", b"Bearer lk_second"))
        return tuple(headers)

    def _job(self, key: str) -> bytes:
        """Draw the id of a job: mostly one of the key's newest, otherwise another key's or an odd one."""
        rng, own = self.rng, self.jobs.get(key)
        kind = rng.random()
        if own and kind < 0.85:
            return rng.choice(own[-3:])
        if self.jobs and kind < 0.92:
            return rng.choice(rng.choice(list(self.jobs.values())))
        return rng.choice(_IDS)

    def remember(self, generated: GeneratedRequest, body: Any) -> None:
        """Remember the ids in an answer."""
        if not isinstance(body, dict) or generated.operation is None:
            return
        found = body.get("job_id") or body.get("request_id")
        if generated.operation.name == "start" and isinstance(found, str):
            own = self.jobs.setdefault(generated.key, [])
            if (written := _quoted(found)) not in own:
                own.append(written)
        result = body.get("result")
        if isinstance(result, dict) and isinstance(result.get("id"), str):
            self.profiles = [*self.profiles[-20:], result["id"]]

    def change_state(self) -> None:
        """Change something between two requests: mostly nothing, sometimes time passes."""
        rng, kind = self.rng, self.rng.random()
        open_now = list(self.service.namespaces) if kind < 0.12 else []
        if not open_now:
            return
        namespace = rng.choice(open_now)
        if kind < 0.1:
            passed = rng.choice([1, SECOND // 25, SECOND, 5 * SECOND, 30 * SECOND, 61 * SECOND, 900 * SECOND])
            for target in open_now if rng.random() < 0.5 else [namespace]:
                target.clock.advance(passed)
        elif kind < 0.11:
            namespace.use(self.catalogue.plan(rng.choice(self._scenarios(apis.load(namespace.api)))))
        elif kind < 0.117:
            namespace.credits.balance = rng.choice([0, 1, 9, 10, 10_000])
        else:
            namespace.reset()


def _quoted(job_id: str) -> bytes:
    """Return an id as it is written into a path."""
    return urlencode({"": job_id})[1:].replace("+", "%20").encode()


def _token(headers: tuple[tuple[bytes, bytes], ...]) -> str:
    first = next((value for name, value in headers if name == b"authorization"), b"")
    return first.strip().partition(b" ")[2].strip().decode("latin-1")


# Checks ---------------------------------------------------------------------------------------------------------------


@cache
def fast(name: str) -> jsonschema_rs.Draft202012Validator:
    """Return the fast validator of a document."""
    known = [(_BASE + other, dict(documents.document(other))) for other in documents.names()]
    registry = jsonschema_rs.Registry(known)
    return jsonschema_rs.Draft202012Validator({"$ref": _BASE + name}, registry=registry)


class Shapes:
    """The shapes of the bodies so far; equal items of lists are computed once."""

    def __init__(self) -> None:
        self.met: set[tuple[str, frozenset[str]]] = set()
        self._known: dict[bytes, frozenset[str]] = {}

    def is_new(self, document: str, body: Any) -> bool:
        shape = document, frozenset(self._paths(body, ""))
        if shape in self.met:
            return False
        self.met.add(shape)
        return True

    def _paths(self, value: Any, path: str) -> set[str]:
        paths = {f"{path}:{type(value).__name__}"}
        if isinstance(value, dict):
            for key, inner in value.items():
                paths |= self._paths(inner, f"{path}/{key}")
        elif isinstance(value, list):
            paths.update(*{self._item(item, f"{path}/*") for item in value})
        return paths

    def _item(self, item: Any, path: str) -> frozenset[str]:
        written = path.encode() + orjson.dumps(item)
        if written not in self._known:
            self._known[written] = frozenset(self._paths(item, path))
        return self._known[written]


class AnswerChecker:
    """Checks answers with the contract, and counts."""

    def __init__(self, report: Report, rng: Random) -> None:
        self.report, self.rng, self.shapes = report, rng, Shapes()
        self.counts: Counter[tuple[str, str, int]] = Counter()
        self.scenarios: set[str] = set()
        self.validated_twice = self.skipped = 0

    def check(self, generator: RequestGenerator, generated: GeneratedRequest, reply: Reply, exchange: Exchange) -> Any:
        """Check one answer; return its body as data, or None if the body can't be checked."""
        name = generated.operation.name if generated.operation else "nowhere"
        self.counts[generated.api.name, name, reply.status] += 1
        self._head(generated, reply, exchange)
        fault, broken = self._script(generator, generated, exchange)
        document = self._document(generated, reply, fault)
        if broken or document is None:
            self.skipped += 1
            return None
        try:
            body = orjson.loads(reply.body)
        except orjson.JSONDecodeError as error:
            self.report.fail(f"{name} {reply.status}: not JSON", f"{error} {generated.request} {reply.body[:200]!r}")
            return None
        self._body(document, body, generated)
        return body

    def _head(self, generated: GeneratedRequest, reply: Reply, exchange: Exchange) -> None:
        headers = dict(reply.headers)
        good = headers.get(b"content-length") == b"%d" % len(reply.body) and b"date" in headers
        self.report.check(good, "content-length or date", f"{generated.request} {headers}")
        self.report.check(len(headers) == len(reply.headers), "a header twice", f"{generated.request} {reply.headers}")
        text = json.dumps(exchange)
        secret = len(generated.key) > 8 and generated.key in text
        self.report.check(not secret, "a key in the journal", f"{generated.request} {text}")
        named = exchange.operation == (generated.operation.name if generated.operation else None)
        self.report.check(named, "the journal names another operation", f"{generated.request} {text}")
        if reply.status == 405:
            self.report.check(b"allow" in headers, "a 405 without Allow", generated.request)
        if reply.status == 500:
            self.report.check(exchange.fault is not None, "a 500 that nobody scripted", generated.request)

    def _script(
        self, generator: RequestGenerator, generated: GeneratedRequest, exchange: Exchange
    ) -> tuple[str | None, bool]:
        """Return the label of the scripted fault, and whether the body is broken on purpose."""
        namespace = generator.service.namespaces.get(generated.key)
        if generated.operation is None or namespace is None:
            return None, False
        job = namespace.jobs.get(exchange.job or "")
        default = namespace.key_plan or namespace.plan or generator.service.defaults.plans.get(generated.api.name)
        plan = job.plan if job else default
        if plan is None:
            return exchange.fault, False
        self.scenarios.add(plan.name)
        own = {
            fault.label for fault in plan.faults.get(generated.operation.name, ())
            if (fault.respond and fault.respond.has_body) or (fault.corrupt and not fault.on_the_wire)
        }  # fmt: skip
        breaks = exchange.step is not None and "schema" in plan.stages[exchange.step - 1].step.violates
        return exchange.fault, exchange.fault in own or breaks

    def _document(self, generated: GeneratedRequest, reply: Reply, fault: str | None) -> str | None:
        """Return the document that the answer must obey, or None if a scenario scripted the status."""
        folder, operation, status = generated.api.name, generated.operation, reply.status
        too_long = len(generated.request.body) > MAX_BODY
        if operation is None:
            expected = (414,) if is_too_long(generated.request) else (404, 405)
            self.report.check(status in expected, f"nowhere: {status}", generated.request)
            return f"{_answering_api(generated, reply)}/error.json"
        if too_long:
            self.report.check(status == 413, f"too long a body: {status}", operation.name)
            return f"{folder}/error.json"
        if status not in operation.replies:
            scripted = fault is not None and fault.startswith("respond ")
            self.report.check(scripted, f"{folder} {operation.name}: {status} is in no document", generated.request)
            return None
        if status == 200 and generated.paged and (folder, operation.name) == ("clado", "status"):
            return "clado/status-page.json"
        return f"{folder}/{operation.replies[status]}"

    def _body(self, document: str, body: Any, generated: GeneratedRequest) -> None:
        accepted = fast(document).is_valid(body)
        if not accepted:
            wrong = next(fast(document).iter_errors(body))
            self.report.fail(f"not {document}", f"{wrong.message[:200]} at {wrong.instance_path} {generated.request}")
        if self.shapes.is_new(document, body) or self.rng.random() < _REFERENCE_SHARE:
            self.validated_twice += 1
            agreed = documents.validator(document).is_valid(body) == accepted
            self.report.check(agreed, f"the validators disagree on {document}", orjson.dumps(body))


def _answering_api(generated: GeneratedRequest, reply: Reply) -> str:
    """Return the API that answers if no route fits: of the key, unless the path fits; else of a path that begins so."""
    first, sent = generated.request.path.split(b"/")[1:2], generated.request.header(b"authorization") or b""
    begins = [api.name for api in apis.all_apis() if api.operations[0].path.encode().split(b"/")[1:2] == first]
    keyed = [api.name for api in apis.all_apis() if api.prefix.encode() in sent and reply.status != 405]
    return next(iter(keyed or begins), apis.names()[0])


def send(generator: RequestGenerator, generated: GeneratedRequest, report: Report) -> tuple[Reply, Exchange] | None:
    """Send a request; return the answer and its exchange in the journal, or None if either is missing."""
    journals: list[Journal] = [generator.service.namespaces.outside]
    if (before := generator.service.namespaces.get(generated.key)) is not None:
        journals.append(before.journal)
    for journal in journals:
        journal.clear()
    try:
        reply = generator.service.handle(generated.request)
    except Exception as error:  # any error is a failure of the campaign
        report.fail(f"{type(error).__name__} raised", f"{error!r} {generated.request}")
        return None
    if before is None and (opened := generator.service.namespaces.get(generated.key)) is not None:
        journals.append(opened.journal)
    recorded = [exchange for journal in journals for exchange in journal]
    detail = f"{generated.request} {recorded}"
    if not report.check(len(recorded) == 1, "not exactly one exchange in the journal", detail):
        return None
    return reply, recorded[0]


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, rng = Report("requests"), Random(seed)
    checker, catalogue = AnswerChecker(report, Random(seed + 1)), Catalogue()
    generator = RequestGenerator(rng, catalogue)
    number = scaled(REQUESTS, fraction, 500)
    for index in progress_bar(range(number), "Requests"):
        if index and index % _REQUESTS_PER_SERVICE == 0:
            generator = RequestGenerator(rng, catalogue)
        generated = generator.draw()
        if found := send(generator, generated, report):
            generator.remember(generated, checker.check(generator, generated, *found))
        generator.change_state()
    played = f"{len(checker.scenarios & set(catalogue.names()))} of {len(catalogue.names())} scenarios"
    if fraction == 1:
        missed = set(catalogue.names()) - checker.scenarios
        report.check(not missed, "scenarios that no request met", missed)
    return report.end(
        f"{number} requests, {played}, {len(checker.shapes.met)} shapes, {checker.validated_twice} also by jsonschema, "
        f"{checker.skipped} broken on purpose: {_table(checker.counts)}"
    )


def _table(counts: Counter[tuple[str, str, int]]) -> str:
    """Return the counts by operation and status in one line."""
    rows: dict[str, list[str]] = {}
    for (api, operation, status), count in sorted(counts.items()):
        rows.setdefault(f"{api} {operation}", []).append(f"{status}×{count}")
    return ", ".join(f"{name} {' '.join(row)}" for name, row in rows.items())
