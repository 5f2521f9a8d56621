"""A raw path is split, then decoded, and leads to an operation; an unknown path leads to the nearest API."""

from __future__ import annotations

import difflib
from dataclasses import replace

import pytest

from jobmock import apis
from jobmock.dialect.api import Api
from jobmock.dialect.routing import Routes
from jobmock.models import Request


def _like_orbit() -> Api:
    """Return an API whose paths begin like those of Orbit."""
    operation = replace(apis.load("orbit").operations[0], path="/v2/tea", name="start", method="GET")
    return Api(name="tea", operations=(operation,), transitions={}, shows={}, errors=apis.load("orbit").errors)


ROUTES = Routes(apis.all_apis())
ALIKE = Routes((*(apis.load(name) for name in ("clado", "orbit")), _like_orbit()))
CLADO, ORBIT = b"/api/search/deep_research", b"/v2/developer/deep-search"


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("POST", CLADO, ("clado", "start", {})),
        ("GET", CLADO + b"/x", ("clado", "status", {"job": "x"})),
        ("POST", ORBIT, ("orbit", "start", {})),
        ("GET", ORBIT + b"/x", ("orbit", "status", {"job": "x"})),
        ("GET", ORBIT + b"/prof%2F1", ("orbit", "status", {"job": "prof/1"})),
        ("GET", ORBIT + b"/a%252Fb", ("orbit", "status", {"job": "a%2Fb"})),
        ("GET", ORBIT + b"/%C3%BC+%20", ("orbit", "status", {"job": "ü+ "})),
        ("GET", ORBIT + b"/%ff\xfe", ("orbit", "status", {"job": "\ufffd\ufffd"})),
        ("GET", ORBIT + b"/%zz%", ("orbit", "status", {"job": "%zz%"})),
        ("GET", ORBIT + b"/{job}", ("orbit", "status", {"job": "{job}"})),
        ("GET", ORBIT + b"/..", ("orbit", "status", {"job": ".."})),
        ("GET", ORBIT + b"/", ("orbit", None, {})),
        ("GET", CLADO + b"//", ("clado", None, {})),
        ("GET", CLADO + b"/a/b/c", ("clado", None, {})),
        ("GET", CLADO, ("clado", None, {})),
        ("get", CLADO + b"/x", ("clado", None, {})),
        ("HEAD", ORBIT + b"/x", ("orbit", None, {})),
        ("POST", b"/API/search/deep_research", ("clado", None, {})),
        ("POST", b"/api/search/deep%5Fresearch", ("clado", "start", {})),
        ("GET", b"/%76%32/developer/deep%2dsearch/x", ("orbit", "status", {"job": "x"})),
        ("GET", b"/api/search/deep%255Fresearch/x", ("clado", None, {})),
        ("POST", b"/api/search%2Fdeep_research", ("clado", None, {})),
        ("GET", CLADO + b"%2Fx", ("clado", None, {})),
        ("GET", CLADO + b"/a%2Fcancel", ("clado", "status", {"job": "a/cancel"})),
    ],
)
def test_find(method: str, path: bytes, found: tuple[str, str | None, dict[str, str]]) -> None:
    """A route fits by method and path segments, which are split before they are decoded; a parameter isn't empty."""
    api, operation, params = ROUTES.find(Request(method, path))
    assert (api.name, operation and operation.name, dict(params)) == found


@pytest.mark.parametrize(
    ("path", "key", "api"),
    [
        (b"/api", b"", "clado"),
        (b"/api/x", b"Bearer sk_orb_x", "orbit"),
        (b"/v2/", b"", "orbit"),
        (b"/v2", b"Bearer lk_x", "clado"),
        (ORBIT, b"Bearer lk_x", "orbit"),
        (b"/x", b"Bearer sk_orb_x", "orbit"),
        (b"/x", b"Bearer lk_x", "clado"),
        (b"/x", b"Bearer other", "clado"),
        (b"/", b"Bearer sk_orb_x", "orbit"),
        (b"", b"", "clado"),
        (b"*", b"", "clado"),
    ],
)
def test_nearest_api(path: bytes, key: bytes, api: str) -> None:
    """An unknown path belongs to the key's API, else to the one whose routes begin like it, else to the first."""
    found, operation, params = ROUTES.find(Request("GET", path, b"", ((b"authorization", key),)))
    assert (found.name, operation, params) == (api, None, {})


@pytest.mark.parametrize(
    ("path", "needed"), [(CLADO, "POST"), (CLADO + b"/x", "GET"), (ORBIT, "POST"), (ORBIT + b"/x", "GET")]
)
def test_methods_of_a_route(path: bytes, needed: str) -> None:
    """The methods of a path are those of its routes, sorted."""
    methods = ROUTES.methods(Request("GET", path))
    assert needed in methods and methods == sorted(set(methods))


def test_methods_of_an_encoded_path() -> None:
    """The methods of a path are those of the path it decodes to."""
    paths = (CLADO, b"/api/search/deep%5Fresearch")
    assert [ROUTES.methods(Request("GET", path)) for path in paths] == [["POST"], ["POST"]]


@pytest.mark.parametrize("path", [b"", b"*", b"/", CLADO + b"/", b"/nothing", CLADO + b"/a/b/c", b"/v2/developer"])
def test_unknown_path_has_no_methods(path: bytes) -> None:
    """A path that no route fits has no methods, which makes its answer a 404 rather than a 405."""
    assert ROUTES.methods(Request("GET", path)) == []


@pytest.mark.parametrize("host", [b"search.clado.ai", b"Search.Clado.AI:443"])
def test_a_host_tells_the_api(host: bytes) -> None:
    """Where the paths of APIs begin alike, a request that names the host of one is for that one alone."""

    def asked(path: bytes, name: bytes) -> Request:
        return Request("GET", path, b"", ((b"authorization", b"Bearer sk_orb_x"), (b"host", name)))

    found = [ALIKE.find(asked(path, host)) for path in (CLADO + b"/x", ORBIT + b"/x", b"/v2/unknown")]
    assert [(api.name, operation and operation.name) for api, operation, _ in found] == [
        ("clado", "status"), ("clado", None), ("clado", None)
    ]  # fmt: skip
    assert ALIKE.methods(asked(ORBIT, host)) == [] and ALIKE.methods(asked(CLADO, host)) == ["POST"]
    assert ALIKE.nearest(asked(b"/v2/credits", host)) == "GET /api/credits"
    assert ALIKE.find(asked(b"/v2/tea", b"tea.invalid"))[0].name == "tea"
    assert ALIKE.find(asked(b"/v2/tea", b"api.orbit.invalid:1"))[0].name == "tea"
    assert ROUTES.headers == (b"authorization",) and ALIKE.headers == (b"authorization", b"host")


@pytest.mark.parametrize("path", [CLADO + b"/x/y", CLADO + b"/" + b"x/" * 30_000, b"/v2" + b"/" * 60_000])
def test_nearest_route_of_a_long_path(path: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest route of a path is that of its beginning, and no more than the beginning is compared."""
    compared = list[int]()

    class Matcher(difflib.SequenceMatcher[str]):
        def __init__(self, junk: None, first: str, second: str, autojunk: bool) -> None:
            compared.append(len(first) * len(second))
            super().__init__(junk, first, second, autojunk)

    monkeypatch.setattr(difflib, "SequenceMatcher", Matcher)
    assert ROUTES.nearest(Request("GET", path)) == ROUTES.nearest(Request("GET", path[:100]))
    assert max(compared) <= 10_000
