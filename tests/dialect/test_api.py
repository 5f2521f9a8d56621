"""What both APIs share: bearer tokens, keys, body patches, Retry-After, and the priority of switches."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import EPOCH, KEYS, Mock, scenario

from jobmock import apis
from jobmock.clock import SECOND
from jobmock.dialect.answers import Refused
from jobmock.dialect.request_context import RequestContext
from jobmock.dialect.settings import ServerDefaults, switch_default
from jobmock.engine.body_patches import patched
from jobmock.engine.headers import bearer, is_key, retry_headers
from jobmock.models import Request, RetryAfter, Step


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (None, None),
        (b"", None),
        (b"Basic x", None),
        (b"x", None),
        (b"Bearerx", None),
        (b"Bearer\tx", None),
        (b"Bearer", ""),
        (b"Bearer ", ""),
        (b"Bearer x", "x"),
        (b"bEARER  x ", "x"),
        (b" Bearer x y", "x y"),
        (b"Bearer \xff", "ÿ"),
    ],
)
def test_bearer(header: bytes | None, token: str | None) -> None:
    """The token follows `Bearer` in upper or lower case; another scheme is like no header."""
    assert bearer(header) == token


@pytest.mark.parametrize(
    ("token", "is_one"),
    [
        ("lk_x", True),
        ("lk_" + "~" * 500, True),
        ("lk_!", True),
        ("lk_ci42--two-pages", True),
        ("lk_", False),
        ("lk_" + "~" * 501, False),
        ("lk_a b", False),
        ("lk_a\n", False),
        ("lk_ü", False),
        ("lk_\x7f", False),
        ("xlk_x", False),
        ("LK_x", False),
        ("sk_orb_x", False),
        ("", False),
    ],
)
def test_is_key(token: str, is_one: bool) -> None:
    """A key is the prefix and then 1 to 500 visible ASCII characters."""
    assert is_key(token, "lk_") is is_one


NOTHING: Any = None
BODY: dict[str, Any] = {"a": 1, "b": {"c": [1, 2], "d": {"e": 1}}, "f": None}


@pytest.mark.parametrize(
    ("patch", "omit", "merged"),
    [
        ({}, (), BODY),
        ({"a": 2}, (), {**BODY, "a": 2}),
        ({"a": None}, (), {**BODY, "a": None}),
        ({"g": 3}, (), {**BODY, "g": 3}),
        ({"b": {"c": [3]}}, (), {**BODY, "b": {"c": [3], "d": {"e": 1}}}),
        ({"b": {"d": {"x": 0}}}, (), {**BODY, "b": {"c": [1, 2], "d": {"e": 1, "x": 0}}}),
        ({"b": []}, (), {**BODY, "b": []}),
        ({"a": {"x": {"y": 1}}}, (), {**BODY, "a": {"x": {"y": 1}}}),
        ({"f": {"x": 1}}, (), {**BODY, "f": {"x": 1}}),
        ({}, ("a", "f"), {"b": BODY["b"]}),
        ({"g": 1}, ("g", "nothing"), BODY),
        ({"b": {"c": []}}, ("a",), {"b": {"c": [], "d": {"e": 1}}, "f": None}),
    ],
)
def test_patched(patch: dict[str, Any], omit: tuple[str, ...], merged: dict[str, Any]) -> None:
    """`body` is merged deeply, lists are replaced, null is null; `omit` comes last; the body given stays as it was."""
    before = repr(BODY)
    assert patched(BODY, Step(status="x", body=patch, omit=omit)) == merged
    assert repr(BODY) == before


@pytest.mark.parametrize(
    ("retry", "headers"),
    [
        (None, ()),
        (RetryAfter(), ()),
        (RetryAfter(seconds=0), ((b"retry-after", b"0"),)),
        (RetryAfter(seconds=90), ((b"retry-after", b"90"),)),
        (RetryAfter(seconds=90, as_date=True), ((b"retry-after", b"Thu, 01 Jan 2026 00:01:31 GMT"),)),
    ],
)
def test_retry_headers(retry: RetryAfter | None, headers: Any) -> None:
    """Retry-After is whole seconds, an HTTP-date counted from the clock's next whole second, or absent."""
    assert retry_headers(retry, EPOCH + 999_999_999) == headers


@given(st.integers(0, 10**12), st.integers(0, 100_000))
def test_whoever_waits_for_the_date_has_waited_long_enough(passed: int, seconds: int) -> None:
    """The date of a Retry-After is never before so many seconds from the clock's reading, and less than one after."""
    ((_, value),) = retry_headers(RetryAfter(seconds=seconds, as_date=True), EPOCH + passed)
    date = int(parsedate_to_datetime(value.decode()).timestamp()) * SECOND
    assert 0 <= date - (EPOCH + passed + seconds * SECOND) < SECOND


@pytest.mark.parametrize("api", apis.names())
def test_every_switch_has_its_default(api: str) -> None:
    """Every documented switch has a default value."""
    from jobmock.contract.documents import definitions

    for name, switch in definitions(api)["switches"]["properties"].items():
        assert switch_default(api, name) == switch["default"]


def test_refused_carries_what_it_was_given() -> None:
    """A refusal has its name, its own text, its Retry-After and what it adds to the body."""
    refused = Refused("conflict", "Why.", retry=RetryAfter(seconds=1), extra=5)
    assert (str(refused), refused.name, refused.text) == ("conflict", "conflict", "Why.")
    assert refused.retry == RetryAfter(seconds=1) and refused.members == {"extra": 5}


@pytest.mark.parametrize(
    ("job", "namespace", "server", "value"),
    [
        ("a", "b", "a", "a"),
        ("b", "a", "a", "b"),
        (None, "b", "a", "b"),
        (None, None, "b", "b"),
        (None, None, None, "a"),
    ],
)
def test_switch_is_looked_up_from_the_job_outwards(
    mock: Mock, job: str | None, namespace: str | None, server: str | None, value: str
) -> None:
    """A switch comes from the job's scenario, else the namespace's, else the server's, else its default."""

    def plan(choice: str | None) -> Any:
        switches = {"legacy_shape": choice} if choice else {}
        return mock.service.catalogue.resolve(scenario("clado", "completed", switches=switches))

    api = apis.load("clado")
    space = mock.namespace("clado")
    started = mock.play("clado", scenario("clado", "completed", switches={"legacy_shape": job} if job else {}))
    space.use(plan(namespace))
    served = {"clado": {"legacy_shape": server}} if server else {}
    defaults = ServerDefaults({}, served, {}, mock.service.catalogue.plan, mock.service.catalogue.latest)
    call = RequestContext(Request("GET", b""), api, defaults, None, {})
    call.namespace, call.job = space, space.jobs[started]
    assert call.switch("legacy_shape") == value


def test_switch_without_a_namespace_is_the_servers(mock: Mock) -> None:
    """Without a namespace the server's switches count."""
    catalogue = mock.service.catalogue
    defaults = ServerDefaults({}, {"clado": {"tier": "free"}}, {}, catalogue.plan, catalogue.latest)
    call = RequestContext(Request("GET", b""), apis.load("clado"), defaults, None, {})
    assert call.switch("tier") == "free" and call.switch("legacy_default") is True


@pytest.mark.parametrize("api", apis.names())
def test_every_api_says_what_the_seam_asks(api: str, mock: Mock) -> None:
    """The errors, default scenarios and statuses that an API names all exist."""
    dialect = apis.load(api)
    names = {dialect.unknown_key_error, dialect.foreign_job_error, dialect.not_found_error, dialect.rate_limit_error}
    assert names.union(dialect.by_status.values()) <= set(dialect.errors) and KEYS[api].startswith(dialect.prefix)
    assert all(dialect.errors[name][0] == status for status, name in dialect.by_status.items())
    assert set(dialect.transitions) == set(dialect.shows)
    for usual in dialect.default_scenarios.values():
        assert mock.service.catalogue.plan(usual).scenario.api == api


@pytest.mark.parametrize(
    ("scheme", "headers", "url"),
    [
        ("http", ((b"host", b"127.0.0.1:8087"),), "http://127.0.0.1:8087/jobs/1"),
        ("https", ((b"host", b"search.clado.ai"),), "https://search.clado.ai/jobs/1"),
        ("https", (), "https://search.clado.ai/jobs/1"),
    ],
)
def test_a_whole_url(scheme: str, headers: tuple[tuple[bytes, bytes], ...], url: str) -> None:
    """The URL of a path is that of the server as the client addressed it, or of the real API without a Host."""
    request = Request("GET", b"/", headers=headers, scheme=scheme)
    defaults = ServerDefaults({}, {}, {}, NOTHING, NOTHING)
    assert RequestContext(request, apis.load("clado"), defaults, None, {}).url("/jobs/1") == url
