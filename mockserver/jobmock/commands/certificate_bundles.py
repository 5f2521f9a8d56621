"""Files with the certificates that a client trusts: those that it would trust anyway, and the authority of this run."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..files import read_regular_file

_LARGEST_BUNDLE = 16 << 20
_USUAL_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_KEYTOOL_SECONDS = 60
_OPTION = "-Djavax.net.ssl.trustStore"
_STORE = re.compile(r"-Djavax\.net\.ssl\.trustStore(|Password)=(\"[^\"]*\"|\S+)")
_PASSWORD = "changeit"
"""The usual password of a JVM's truststore. It protects nothing, as the certificates aren't secret."""
_made_truststores: dict[tuple[Path, str, bytes, bytes], bytes] = {}
"""What `keytool` has made: a start of it takes longer than a run, and all runs have the same authority."""


def system_bundle() -> bytes:
    """Return the certificates of the system in PEM form.

    They are in OpenSSL's own file, or else in the usual one of a distribution, or else in that of certifi.
    """
    for place in (_openssl_bundle(), *_USUAL_BUNDLES, _certifi()):
        if place and (content := _content(Path(place))):
            return content
    return b""


def bundle(environment: Mapping[str, str], variables: Iterable[str], authority: bytes) -> bytes:
    """Return the user's own bundle, which one of the variables may name, or the system's, with the authority."""
    own = (environment.get(variable) for variable in variables)
    found = next(filter(None, (_content(Path(path)) for path in own if path)), None)
    return b"\n".join((system_bundle() if found is None else found, authority))


def extra_bundle(environment: Mapping[str, str], variable: str, authority: bytes) -> bytes:
    """Return the authority, and what the user adds to a client's own certificates with this variable."""
    path = environment.get(variable)
    return b"\n".join((_content(Path(path)) if path else b"", authority))


def has_java(environment: Mapping[str, str]) -> bool:
    """Return whether a command finds Java, by its name or by JAVA_HOME."""
    return bool(environment.get("JAVA_HOME") or _java(environment))


def make_truststore(environment: Mapping[str, str], authority: Path, target: Path) -> tuple[str, ...]:
    """Write a truststore for JVMs: the user's own, or the JVM's, with the authority. Return a JVM's options for it.

    Raises ValueError, with the reason, if it can't be made.
    """
    home = _java_home(environment)
    if home is None:
        raise ValueError("no keytool was found beside java")
    own = {found[1]: found[2].strip('"') for found in _STORE.finditer(environment.get("JAVA_TOOL_OPTIONS", ""))}
    store, password = Path(own.get("", home / "lib" / "security" / "cacerts")), own.get("Password", _PASSWORD)
    try:
        content = read_regular_file(store, _LARGEST_BUNDLE)
    except OSError as error:
        raise ValueError(f"{store} can't be read ({error.strerror or error})") from error
    key = home, password, content, authority.read_bytes()
    write_private(target, _made_truststores.get(key, content))
    if key not in _made_truststores:
        _run_keytool(
            home, environment, "-importcert", "-noprompt", "-alias", "jobmock-run", "-file", authority,
            "-keystore", target, "-storepass", password,
        )  # fmt: skip
        _made_truststores[key] = target.read_bytes()
    return f"{_OPTION}={target}", f"{_OPTION}Password={password}"


def write_private(path: Path, content: bytes) -> Path:
    """Write a new file that only this user can read."""
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
    return path


def _run_keytool(home: Path, environment: Mapping[str, str], *arguments: object) -> None:
    """Run keytool without the user's options of JVMs, which may load agents. Raises ValueError."""
    command = [str(home / "bin" / "keytool"), *map(str, arguments)]
    own = {name: value for name, value in environment.items() if name not in ("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS")}
    try:
        ran = subprocess.run(
            command, env=own, stdin=subprocess.DEVNULL, capture_output=True, timeout=_KEYTOOL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ValueError(f"{command[0]} couldn't be run ({error})") from error
    if ran.returncode:
        lines = (ran.stdout + ran.stderr).decode(errors="replace").split("\n")
        reason = next((line.strip() for line in lines if "error" in line.lower()), f"exit code {ran.returncode}")
        raise ValueError(f"{command[0]} failed ({reason})")


def _java_home(environment: Mapping[str, str]) -> Path | None:
    """Return the home of the JVM that a command would find, if that has a keytool."""
    found = _java(environment)
    homes = [Path(environment["JAVA_HOME"])] if environment.get("JAVA_HOME") else []
    homes += [Path(found).resolve().parent.parent] if found else []
    return next((home for home in homes if shutil.which("keytool", path=str(home / "bin"))), None)


def _java(environment: Mapping[str, str]) -> str | None:
    return shutil.which("java", path=environment.get("PATH", os.defpath))


def _openssl_bundle() -> str:
    return ssl.get_default_verify_paths().openssl_cafile


def _certifi() -> str | None:
    try:
        import certifi
    except ImportError:
        return None
    return certifi.where()


def _content(path: Path) -> bytes:
    try:
        return read_regular_file(path, _LARGEST_BUNDLE)
    except OSError:
        return b""
