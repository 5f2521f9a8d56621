"""`jobmock serve` with TLS: its ports, its certificate, the files that it reads and writes, and wrong options."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
import trustme
from tests.support import HANGS, JOBS, STARTS, Served, call, served

from jobmock.server import serving

KEY = {"authorization": "Bearer lk_tls"}


def client(server: Served, name: str, trusted: Path) -> httpx.Client:
    """Return a client of one of the URLs in the ready line, which trusts one authority."""
    context = ssl.create_default_context(cafile=trusted)
    return httpx.Client(base_url=server.ready[name], headers=KEY, verify=context, timeout=HANGS, trust_env=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, two certificates of it, and files that can't be used."""
    place = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(place / "own-ca.pem")
    for name in ("first", "second"):
        certificate = authority.issue_cert("127.0.0.1")
        certificate.cert_chain_pems[0].write_to_path(place / f"{name}.pem")
        certificate.private_key_pem.write_to_path(place / f"{name}.key")
        certificate.private_key_and_cert_chain_pem.write_to_path(place / f"{name}-both.pem")
    (place / "locked.key").write_text(
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMA==\n-----END ENCRYPTED PRIVATE KEY-----\n"
    )
    (place / "broken.key").write_text("-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n")
    (place / "link").symlink_to(place / "new.pem")
    return place


def test_https_alone(tmp_path: Path) -> None:
    """With `--tls`, the port has https; the file of `--ca-file` has the authority without its key, for these names."""
    trusted = tmp_path / "ca.pem"
    with served("--tls", "--ca-file", trusted, "--control-host", "mock.example") as server:
        assert server.ready["url"] == server.ready["tls_url"] == server.ready["control_url"]
        assert server.url == f"https://127.0.0.1:{server.ready['port']}"
        assert trusted.read_text().startswith("-----BEGIN CERTIFICATE") and "KEY" not in trusted.read_text()
        with client(server, "url", trusted) as http:
            job = http.post(JOBS["clado"], json=STARTS["clado"]).raise_for_status().json()["job_id"]
            assert http.get(f"{JOBS['clado']}/{job}").json()["job_id"] == job
            assert len(http.get("/__jobmock/jobs").json()["jobs"]) == 1
        for name in ("localhost", "127.0.0.1", "::1", "mock.example", "search.clado.ai", "api.orbitsearch.com"):
            assert handshake(server.ready["port"], name, trusted)
        assert not handshake(server.ready["port"], "other.example", trusted)
        assert os.listdir(tmp_path) == ["ca.pem"]
        assert server.end(signal.SIGTERM) == 0


def handshake(port: int, name: str, trusted: Path) -> bool:
    """Return whether the certificate is valid for a name."""
    context = ssl.create_default_context(cafile=trusted)
    with socket.create_connection(("127.0.0.1", port), HANGS) as plain:
        try:
            context.wrap_socket(plain, server_hostname=name).close()
        except ssl.SSLCertVerificationError:
            return False
    return True


def test_http_and_https_together(tmp_path: Path) -> None:
    """With `--tls-port`, both ports serve the same jobs; control calls stay where they are without TLS."""
    trusted = tmp_path / "ca.pem"
    with (
        served("--tls-port", "0", "--control-port", "0", "--ca-file", trusted) as server,
        client(server, "url", trusted) as plain,
        client(server, "tls_url", trusted) as secure,
        client(server, "control_url", trusted) as control,
    ):
        assert [server.ready[name].partition(":")[0] for name in ("url", "tls_url", "control_url")] == [
            "http", "https", "http",
        ]  # fmt: skip
        job = plain.post(JOBS["clado"], json=STARTS["clado"]).raise_for_status().json()["job_id"]
        assert secure.get(f"{JOBS['clado']}/{job}").json()["job_id"] == job
        assert [row["polls"] for row in control.get("/__jobmock/jobs").json()["jobs"]] == [1]
        assert secure.get("/__jobmock/jobs").status_code == 404
        assert server.end(signal.SIGTERM) == 0


def test_web_pages_are_known_by_the_scheme_too(tmp_path: Path) -> None:
    """Over https, the server's own Origin has https: a page of http at the same place may make no control call."""
    trusted = tmp_path / "ca.pem"
    with served("--tls", "--ca-file", trusted) as server, client(server, "url", trusted) as http:
        own, other = server.url, server.url.replace("https", "http")
        assert http.get("/__jobmock/jobs", headers={"Origin": own}).status_code == 200
        assert http.get("/__jobmock/jobs", headers={"Origin": other}).status_code == 403


@pytest.mark.parametrize(
    "flags", [("--certfile", "{}/first.pem", "--keyfile", "{}/first.key"), ("--certfile", "{}/first-both.pem")]
)
def test_own_certificate(flags: Sequence[str], folder: Path) -> None:
    """`--certfile` serves https with a user's certificate, whose key is in `--keyfile` or in the same file."""
    with (
        served(*(flag.format(folder) for flag in flags)) as server,
        client(server, "tls_url", folder / "own-ca.pem") as http,
    ):
        assert http.get("/api/credits").status_code == 200


@pytest.mark.skipif(not shutil.which("curl"), reason="curl isn't installed.")
def test_curl_trusts_the_file(tmp_path: Path) -> None:
    """curl needs only `--cacert` with the file of `--ca-file`."""
    trusted = tmp_path / "ca.pem"
    with served("--tls", "--ca-file", trusted) as server:
        url = f"https://localhost:{server.ready['port']}/__jobmock/health"
        ran = subprocess.run(["curl", "-sS", "--cacert", str(trusted), url], capture_output=True, timeout=HANGS)
    assert (ran.returncode, ran.stderr) == (0, b"") and b'"ok"' in ran.stdout


def test_end_during_a_handshake() -> None:
    """A client that has connected and says nothing doesn't delay the server's end, and nothing is logged."""
    with served("--tls") as server, socket.create_connection(("127.0.0.1", server.ready["port"]), HANGS):
        assert server.end(signal.SIGTERM) == 0
        assert server.err.until_end() == []


REFUSED: dict[str, tuple[Sequence[str], str]] = {
    "key alone": (("--keyfile", "{}/first.key"), "--keyfile is the key of a certificate: give --certfile too."),
    "no file": (("--certfile", "{}/none"), "--certfile '{}/none' can't be read: No such file or directory."),
    "folder": (("--certfile", "{}"), "--certfile '{}' can't be read: It is no regular file."),
    "no key file": (
        ("--certfile", "{}/first.pem", "--keyfile", "{}/none"),
        "--keyfile '{}/none' can't be read: No such file or directory.",
    ),
    "no key": (
        ("--certfile", "{}/first.pem"),
        "--certfile '{}/first.pem' has no private key in PEM form. Name the file of its key with --keyfile.",
    ),
    "other key": (
        ("--certfile", "{}/first.pem", "--keyfile", "{}/second.key"),
        "The key in --keyfile '{}/second.key' doesn't belong to the certificate in --certfile '{}/first.pem'.",
    ),
    "no certificate": (
        ("--certfile", "{}/first.key", "--keyfile", "{}/first.key"),
        "--certfile '{}/first.key' has no certificate in PEM form.",
    ),
    "password": (
        ("--certfile", "{}/first.pem", "--keyfile", "{}/locked.key"),
        "The key in --keyfile '{}/locked.key' has a password. Give a key without one.",
    ),
    "broken key": (
        ("--certfile", "{}/first.pem", "--keyfile", "{}/broken.key"), "--keyfile '{}/broken.key' can't be used: ",
    ),
    "one port": (("--port", "8087", "--tls-port", "8087"), "--port and --tls-port are both 8087. Give two, "),
    "control port": (
        ("--control-port", "8088", "--tls-port", "8088"), "--control-port and --tls-port are both 8088. Give two, ",
    ),
    "authority without TLS": (("--ca-file", "{}/new.pem"), "--ca-file needs a server with TLS: give --tls or "),
    "authority of a user": (
        ("--certfile", "{}/first-both.pem", "--ca-file", "{}/new.pem"),
        "--ca-file is for a certificate that is made for this run: leave it or --certfile out.",
    ),
    "authority to a device": (("--tls", "--ca-file", "/dev/null"), "--ca-file '/dev/null' is no regular file."),
    "authority to a link": (("--tls", "--ca-file", "{}/link"), "--ca-file '{}/link' is no regular file."),
    "no name": (("--tls", "--control-host", "a_b"), "No certificate can have the names "),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_options(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong option or file exits with 2 and one sentence, before anything is served or written."""
    monkeypatch.setattr(serving, "serve", lambda *args: 99)
    flags, message = REFUSED[name]
    ran = call(capsys, "serve", "--port", 0, *(flag.format(folder) for flag in flags))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("jobmock: " + message.format(folder, folder)), ran.err
    assert ran.err.count("\n") == 1 and not (folder / "new.pem").exists()


def test_authority_that_cant_be_written(tmp_path: Path) -> None:
    """If the file of `--ca-file` can't be written, the command names it and exits with 3."""
    place = tmp_path / "none" / "ca.pem"
    command = [sys.executable, "-m", "jobmock", "serve", "--port", "0", "--tls", "--ca-file", str(place)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=HANGS)
    assert ran.returncode == 3 and ran.stdout == ""
    assert ran.stderr == f"jobmock: Can't write the file of --ca-file '{place}': No such file or directory.\n"
