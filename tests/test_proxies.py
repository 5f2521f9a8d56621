"""The environment's proxies, and the list of hosts that are called without one."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest

from jobmock.proxies import no_proxy, proxies, proxy_for, without_proxy

HOSTS = ["127.0.0.1", "search.clado.ai"]
BOTH = "127.0.0.1,search.clado.ai"


@pytest.mark.parametrize(
    ("environment", "upper", "lower"),
    [
        ({}, BOTH, BOTH),
        ({"NO_PROXY": ""}, BOTH, BOTH),
        ({"NO_PROXY": "a.corp, b.corp"}, f"a.corp,b.corp,{BOTH}", f"a.corp,b.corp,{BOTH}"),
        ({"no_proxy": "a.corp"}, f"a.corp,{BOTH}", f"a.corp,{BOTH}"),
        ({"NO_PROXY": "a.corp", "no_proxy": "b.corp"}, f"a.corp,{BOTH}", f"b.corp,{BOTH}"),
        ({"NO_PROXY": "search.clado.ai"}, "search.clado.ai,127.0.0.1", "search.clado.ai,127.0.0.1"),
        ({"no_proxy": "*"}, "*", "*"),
    ],
)
def test_both_spellings(environment: Mapping[str, str], upper: str, lower: str) -> None:
    """Both spellings have the hosts, after the user's own; one that is missing takes over the other's; `*` stays."""
    assert without_proxy(environment, HOSTS) == {"NO_PROXY": upper, "no_proxy": lower}


def test_no_hosts() -> None:
    """Without hosts nothing is added."""
    assert without_proxy({"NO_PROXY": "a"}, []) == {}


def test_environment_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the block the environment is as it was, also where a variable didn't exist."""
    monkeypatch.setenv("NO_PROXY", "a.corp")
    monkeypatch.delenv("no_proxy", raising=False)
    before = dict(os.environ)
    with no_proxy(HOSTS), no_proxy(["api.orbitsearch.com"]):
        assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == f"a.corp,{BOTH},api.orbitsearch.com"
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("http://Proxy.corp:3128", ("proxy.corp", 3128)), ("proxy.corp:3128/", ("proxy.corp", 3128)),
        ("http://me:word@proxy.corp", ("proxy.corp", 80)), ("https://proxy.corp", ("proxy.corp", 443)),
        ("socks5h://[::1]", ("::1", 1080)), ("http://proxy.corp:no", None), ("", None),
    ],
)  # fmt: skip
def test_places_of_proxies(value: str, place: tuple[str, int] | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each variable of a proxy gives its host and port; one that can't be understood gives nothing."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "a.corp")
    monkeypatch.setenv("https_proxy", value)
    assert proxies() == ({} if place is None else {"https_proxy": place})


@pytest.mark.parametrize(
    ("environment", "host", "found"),
    [
        ({}, "a.corp", None),
        ({"HTTPS_PROXY": "http://p:1"}, "a.corp", ("HTTPS_PROXY", "p", 1)),
        ({"HTTPS_PROXY": "http://p:1", "https_proxy": "q"}, "a.corp", ("https_proxy", "q", 80)),
        ({"ALL_PROXY": "https://p"}, "a.corp", ("ALL_PROXY", "p", 443)),
        ({"HTTP_PROXY": "http://p:1"}, "a.corp", None),
        ({"HTTPS_PROXY": "http://p:1"}, "localhost", None),
        ({"HTTPS_PROXY": "http://p:1"}, "127.0.0.9", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "b, A.corp"}, "a.corp", None),
        ({"HTTPS_PROXY": "http://p:1", "no_proxy": ".corp"}, "a.corp", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "corp"}, "a.corp", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "corp"}, "acorp", ("HTTPS_PROXY", "p", 1)),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, "a.corp", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": " , "}, "a.corp", ("HTTPS_PROXY", "p", 1)),
    ],
)
def test_proxy_for_a_host(environment: Mapping[str, str], host: str, found: tuple[str, str, int] | None) -> None:
    """The proxy of a scheme, in lower case first, or that for all; none for this machine and the hosts of NO_PROXY."""
    proxy = proxy_for(environment, "https", host)
    assert (proxy and (proxy.variable, proxy.host, proxy.port)) == found


@pytest.mark.parametrize("value", ["http://p:x", "http://:1", "http://p:99999"])
def test_proxy_that_is_no_address(value: str) -> None:
    """A value that is no address raises an error that names the variable, and not the value."""
    with pytest.raises(ValueError, match=r"^HTTPS_PROXY$"):
        proxy_for({"HTTPS_PROXY": value}, "https", "a.corp")
