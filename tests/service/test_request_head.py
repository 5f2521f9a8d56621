"""The heads of requests are parsed correctly and cached, and no request gets the head of another."""

from __future__ import annotations

import pytest
from tests.support import JOBS, KEYS

from jobmock import apis
from jobmock.dialect.routing import Routes
from jobmock.models import Request
from jobmock.service.request_head import RequestHeads


@pytest.fixture
def heads() -> RequestHeads:
    return RequestHeads(Routes(apis.all_apis()))


def asked(path: str, *, key: str | None = KEYS["clado"], query: str = "", method: str = "GET") -> Request:
    sent = ((b"authorization", f"Bearer {key}".encode()),) if key else ()
    return Request(method, path.encode(), query.encode(), ((b"accept", b"*/*"), *sent))


POLL = f"{JOBS['clado']}/j1"


def test_what_a_head_says(heads: RequestHeads) -> None:
    """A head has the API, the operation, the key and the job of a request."""
    head = heads.of(asked(POLL, query="page=1"))
    assert head.operation is not None and (head.api.name, head.operation.name) == ("clado", "status")
    assert (head.key, head.job, head.params) == (KEYS["clado"], "j1", {"job": "j1"})
    assert head.shown == ("clado", "status", "GET", POLL, "page=1")


def test_no_key_is_shown(heads: RequestHeads) -> None:
    """What the journal shows of a head has no key in it, whether in the path or in the query."""
    head = heads.of(asked(f"{JOBS['clado']}/lk_secret", query="key=sk_orb_secret"))
    assert head.job == "lk_secret" and "secret" not in "".join(filter(None, head.shown))


@pytest.mark.parametrize("key", [None, "sk_orb_other", "lk_", "nothing"])
def test_a_key_that_is_refused_is_none(key: str | None, heads: RequestHeads) -> None:
    """A head has no key where the API refuses it; the API itself raises the reason."""
    assert heads.of(asked(POLL, key=key)).key is None


@pytest.mark.parametrize(
    "other",
    [asked(POLL, method="POST"), asked(f"{POLL}x"), asked(POLL, query="page=1"), asked(POLL, key="lk_other")],
)
def test_only_heads_that_are_alike_are_read_once(other: Request, heads: RequestHeads) -> None:
    """The same request has the same head; another method, path, query or key has another."""
    assert heads.of(asked(POLL)) is heads.of(asked(POLL))
    assert heads.of(other).shown != heads.of(asked(POLL)).shown or heads.of(other).key != heads.of(asked(POLL)).key


@pytest.mark.parametrize("long", [{"query": "a=" + "b" * 1_000}, {"key": "lk_" + "x" * 2_000}])
def test_long_heads_are_not_remembered(long: dict[str, str], heads: RequestHeads) -> None:
    """A very long head isn't cached, so that many of them can't fill the memory."""
    assert heads.of(asked(POLL, **long)) is not heads.of(asked(POLL, **long))


def test_the_first_of_two_keys_counts(heads: RequestHeads) -> None:
    """Of two Authorization headers the first is read."""
    sent = tuple((b"authorization", b"Bearer lk_" + word) for word in (b"one", b"two"))
    assert heads.of(Request("GET", POLL.encode(), b"", sent)).key == "lk_one"
