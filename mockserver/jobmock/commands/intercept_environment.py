"""The environment of a client whose code names the real hosts: the proxy of its run, and whom it trusts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import urlsplit

from . import certificate_bundles as bundles

_DIRECT = "localhost,127.0.0.1,::1"
"""The hosts that the client calls without the proxy. The user's own NO_PROXY is for the proxy, which honours it."""
_PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
_BUNDLES = {
    "SSL_CERT_FILE": ("SSL_CERT_FILE",),
    "REQUESTS_CA_BUNDLE": ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    "CURL_CA_BUNDLE": ("CURL_CA_BUNDLE", "SSL_CERT_FILE"),
}
"""Variable → the variables that may name the user's own bundle for the same clients."""
_EXTRA = "NODE_EXTRA_CA_CERTS"
_JVM_OPTIONS = "JAVA_TOOL_OPTIONS"


class InterceptEnvironment(NamedTuple):
    """Variables for a client, and sentences about what they can't do."""

    variables: dict[str, str]
    notes: tuple[str, ...]


@contextmanager
def intercept_environment(
    environment: Mapping[str, str], proxy_url: str, authority: bytes
) -> Iterator[InterceptEnvironment]:
    """Yield the variables that lead a client with this environment to a proxy, and let it trust the authority.

    `authority` is a certificate in PEM form. The variables name files that are deleted at the end of the block.
    """
    with TemporaryDirectory(prefix="jobmock-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        variables = dict.fromkeys(_PROXY_VARIABLES, proxy_url)
        variables |= {"NO_PROXY": _DIRECT, "no_proxy": _DIRECT, "NODE_USE_ENV_PROXY": "1"}
        for variable, own in _BUNDLES.items():
            content = bundles.bundle(environment, own, authority)
            variables[variable] = str(bundles.write_private(folder / f"{variable.lower()}.pem", content))
        extra = bundles.extra_bundle(environment, _EXTRA, authority)
        variables[_EXTRA] = str(bundles.write_private(folder / f"{_EXTRA.lower()}.pem", extra))
        authority_file = bundles.write_private(folder / "authority.pem", authority)
        options = list(_proxy_options(proxy_url))
        notes: tuple[str, ...] = ()
        try:
            if bundles.has_java(environment):
                options += bundles.make_truststore(environment, authority_file, folder / "truststore")
        except ValueError as error:
            notes = (f"A JVM doesn't trust the proxy's certificates: {error}.",)
        variables[_JVM_OPTIONS] = " ".join(filter(None, (environment.get(_JVM_OPTIONS), *map(_quoted, options))))
        yield InterceptEnvironment(variables, notes)


def _proxy_options(proxy_url: str) -> Iterator[str]:
    """Yield the options of a JVM that uses the proxy."""
    parts = urlsplit(proxy_url)
    for scheme in ("https", "http"):
        yield f"-D{scheme}.proxyHost={parts.hostname}"
        yield f"-D{scheme}.proxyPort={parts.port}"
    yield "-Dhttp.nonProxyHosts=localhost|127.*|[::1]"


def _quoted(option: str) -> str:
    return f'"{option}"' if any(map(str.isspace, option)) else option
