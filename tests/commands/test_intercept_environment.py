"""The environment of a client whose code names the real hosts: its variables, its files, and real clients."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.server.stand_ins import OTHER, https_server, names_lead_here
from tests.support import HANGS, Mock

from jobmock.commands import certificate_bundles
from jobmock.commands.intercept_environment import intercept_environment
from jobmock.server.app import create_app
from jobmock.server.certificates import authority_pem
from jobmock.server.connect_proxy import ConnectProxy, open_connect_proxy
from jobmock.server.listeners import Host, Listener

HERE = Path(__file__).parent
PROXY = "http://127.0.0.1:4321"
OWN = b"-----BEGIN CERTIFICATE-----\nof the user\n-----END CERTIFICATE-----\n"
NO_JVM = {"PATH": "", "JAVA_HOME": ""}
BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def test_variables_lead_to_the_proxy() -> None:
    """All spellings name the proxy, and only this machine is called without it; the user's NO_PROXY is the proxy's."""
    with intercept_environment({**NO_JVM, "NO_PROXY": "*", "HTTPS_PROXY": "http://corp"}, PROXY, OWN) as found:
        variables = found.variables
    assert {variables[name] for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")} == {PROXY}
    assert variables["NO_PROXY"] == variables["no_proxy"] == "localhost,127.0.0.1,::1"
    assert "-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=4321" in variables["JAVA_TOOL_OPTIONS"]


def test_bundles_are_the_systems_and_ours() -> None:
    """Each bundle has the system's certificates and the authority; Node adds the authority to its own."""
    authority = authority_pem()
    with intercept_environment(NO_JVM, PROXY, authority) as found:
        contents = {name: Path(found.variables[name]).read_bytes() for name in BUNDLES}
        extra = Path(found.variables["NODE_EXTRA_CA_CERTS"]).read_bytes()
    for content in contents.values():
        assert certificate_bundles.system_bundle() in content and content.endswith(authority)
    assert certificate_bundles.system_bundle().count(b"-----BEGIN CERTIFICATE-----") > 20
    assert extra.strip() == authority.strip()


def test_own_bundles_are_kept(tmp_path: Path) -> None:
    """A bundle that the user has chosen stays part of the one for the same clients; a wrong path is the system's."""
    own = tmp_path / "own.pem"
    own.write_bytes(OWN)
    chosen = {"CURL_CA_BUNDLE": str(own), "NODE_EXTRA_CA_CERTS": str(own), "SSL_CERT_FILE": str(tmp_path / "none")}
    with intercept_environment({**NO_JVM, **chosen}, PROXY, b"ours") as found:
        contents = {name: Path(found.variables[name]).read_bytes() for name in (*BUNDLES, "NODE_EXTRA_CA_CERTS")}
    system = certificate_bundles.system_bundle()
    assert contents == {
        "SSL_CERT_FILE": system + b"\nours", "REQUESTS_CA_BUNDLE": OWN + b"\nours",
        "CURL_CA_BUNDLE": OWN + b"\nours", "NODE_EXTRA_CA_CERTS": OWN + b"\nours",
    }  # fmt: skip


def test_systems_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where neither OpenSSL nor the system has a bundle, certifi's is used."""
    monkeypatch.setattr(certificate_bundles, "_USUAL_BUNDLES", ())
    monkeypatch.setattr(certificate_bundles, "_openssl_bundle", lambda: "/nowhere/cert.pem")
    certifi = pytest.importorskip("certifi")
    assert certificate_bundles.system_bundle() == Path(certifi.where()).read_bytes()


def test_files_are_private_and_go_away() -> None:
    """Only this user can read the files; none is left at the end, also after an error."""
    folders = []
    for error, own in ((None, os.environ), (RuntimeError("failed"), NO_JVM)):
        try:
            with intercept_environment(own, PROXY, authority_pem()) as found:
                folder = Path(found.variables["SSL_CERT_FILE"]).parent
                folders.append(folder)
                assert stat.S_IMODE(folder.stat().st_mode) == 0o700
                assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
                if error:
                    raise error
        except RuntimeError:
            pass
    assert [folder.exists() for folder in folders] == [False, False]


JVM = pytest.mark.skipif(not (shutil.which("java") and shutil.which("keytool")), reason="Java isn't installed.")


def test_without_a_jvm() -> None:
    """The user's options are kept. A note says that there is no truststore if there may be a JVM, and only then."""
    with intercept_environment({**NO_JVM, "JAVA_TOOL_OPTIONS": "-Xmx1g"}, PROXY, OWN) as found:
        assert found.notes == ()
        assert found.variables["JAVA_TOOL_OPTIONS"].startswith("-Xmx1g -Dhttps.proxyHost=")
        assert "trustStore" not in found.variables["JAVA_TOOL_OPTIONS"]
    with intercept_environment({**NO_JVM, "JAVA_HOME": "/none"}, PROXY, OWN) as found:
        assert found.notes == ("A JVM doesn't trust the proxy's certificates: no keytool was found beside java.",)


@JVM
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("-Djavax.net.ssl.trustStore=/none", "/none can't be read (No such file or directory)"),
        ("-Djavax.net.ssl.trustStorePassword=wrong-one", "failed (keytool error: java.io.IOException: Keystore was"),
    ],
    ids=["no file", "wrong password"],
)
def test_truststore_that_cant_be_used(options: str, reason: str) -> None:
    """If the user's own truststore can't be extended, the note says why."""
    with intercept_environment({**os.environ, "JAVA_TOOL_OPTIONS": options}, PROXY, authority_pem()) as found:
        (note,) = found.notes
        assert reason in note and found.variables["JAVA_TOOL_OPTIONS"].startswith(f"{options} -Dhttps.proxyHost=")


@JVM
def test_truststore_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All runs of a process with the same authority get the same truststore from a single call of keytool."""
    stores = []
    for _ in range(2):
        with intercept_environment(os.environ, PROXY, authority_pem()) as found:
            store = Path(found.variables["SSL_CERT_FILE"]).parent / "truststore"
            stores.append(store.read_bytes())
            assert stat.S_IMODE(store.stat().st_mode) == 0o600
        monkeypatch.setattr(certificate_bundles, "_run_keytool", None)
    assert stores[0] == stores[1]


class Site(NamedTuple):
    """A mock, and the host that serves it and its proxies."""

    mock: Mock
    host: Host
    listener: Listener

    def proxy(self, *, no_network: bool = False) -> ConnectProxy:
        """Open a proxy before the mock."""
        return open_connect_proxy(self.host, self.listener, {}, no_network=no_network)


@pytest.fixture
def site(mock: Mock) -> Iterator[Site]:
    """A mock that is served."""
    host = Host()
    yield Site(mock, host, host.open(create_app(mock.service)))
    host.end()


CLIENTS: dict[str, tuple[str, Sequence[str]]] = {
    **{
        library: (sys.executable, [str(HERE / "host_written_in.py"), library])
        for library in ("urllib", "httpx", "requests")
    },
    "node": ("node", [str(HERE / "host_written_in.mjs")]),
    "java": ("java", [str(HERE / "HostWrittenIn.java")]),
    "curl": ("curl", ["-sS", "-w", "%{http_code}\n", "-o", "/dev/null", "-H", "Authorization: Bearer lk_curl"]),
}


WARNINGS = ("Picked up JAVA_TOOL_OPTIONS", "(node:", "(Use `node --trace-warnings")
"""The beginnings of lines in which a tool remarks that it honours a variable. Node 22 calls that experimental."""


def run(name: str, proxy: ConnectProxy, *urls: str) -> list[str]:
    """Run a client in the environment of a proxy, and return the lines that it printed."""
    tool, arguments = CLIENTS[name]
    command = shutil.which(tool)
    if command is None:
        pytest.skip(f"{tool} isn't installed.")
    own = os.environ if name == "java" else {**os.environ, **NO_JVM}  # a truststore takes a second
    with intercept_environment(own, proxy.url, authority_pem()) as found:
        ran = subprocess.run(
            [command, *arguments, *urls], env={**os.environ, **found.variables}, capture_output=True, text=True,
            timeout=HANGS, check=False,
        )  # fmt: skip
    lines = (ran.stdout + ran.stderr).splitlines()
    return [line for line in lines if not line.startswith(WARNINGS)]


@pytest.mark.parametrize("name", CLIENTS)
def test_clients_reach_the_mock(site: Site, name: str) -> None:
    """A client whose code names the real hosts reaches the mock; another host is refused where there is no network."""
    proxy = site.proxy(no_network=True)
    seen = run(name, proxy, "https://search.clado.ai/api/credits", f"https://{OTHER}/")
    assert seen[0] == "200" and "200" not in seen[1:]
    assert proxy.refused == {OTHER: 1}
    assert [one.path for namespace in site.mock.service.namespaces for one in namespace.journal] == ["/api/credits"]


@pytest.mark.parametrize("name", CLIENTS)
def test_clients_reach_other_hosts(site: Site, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a network, a call to another host reaches it, and the mock isn't asked."""
    with https_server() as port:
        looked_up = names_lead_here(monkeypatch)
        seen = run(name, site.proxy(), f"https://{OTHER}:{port}/")
    assert seen == ["200"] and looked_up == [OTHER]
    assert not any(namespace.journal for namespace in site.mock.service.namespaces)


def test_calls_to_this_machine_need_no_proxy(site: Site) -> None:
    """A client calls the mock's own address directly, without the proxy."""
    proxy = site.proxy(no_network=True)
    site.host.shut(proxy)
    assert run("urllib", proxy, f"{site.listener.url}/api/credits") == ["200"]
