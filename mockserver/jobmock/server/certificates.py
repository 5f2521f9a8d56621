"""TLS contexts of servers: with certificates of an authority that exists for one process, or with those of files.

The authority's key never leaves the memory of the process.
"""

from __future__ import annotations

import os
import ssl
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import UsageError, short_repr
from ..files import read_regular_file

_LARGEST_FILE = 1 << 20


@cache
def authority() -> Any:
    """Return the authority of this process, made on first use."""
    import trustme

    return trustme.CA(organization_name="jobmock", organization_unit_name="Certificates of one run")


def authority_pem() -> bytes:
    """Return the certificate of the authority, without its key."""
    pem: bytes = authority().cert_pem.bytes()
    return pem


@cache
def server_context(*hosts: str) -> ssl.SSLContext:
    """Return the context of a server that has a certificate for these names and addresses. Raises UsageError."""
    try:
        certificate = authority().issue_cert(*hosts)
    except ValueError as error:
        raise UsageError(f"No certificate can have the names {', '.join(map(short_repr, hosts))}: {error}.") from error
    context = _new_context()
    if os.path.isdir("/dev/fd"):
        _load_from_pipes(context, certificate)
    else:  # Windows: OpenSSL reads files alone there, so the certificate's own key is in one for a moment
        certificate.configure_cert(context)
    return context


def context_of_files(certfile: Path, keyfile: Path | None) -> ssl.SSLContext:
    """Return the context of a server with a user's certificate. Without a `keyfile`, the key is in the `certfile`.

    Raises UsageError.
    """
    named = f"--certfile {str(certfile)!r}"
    if b"-----BEGIN CERTIFICATE-----" not in _content(certfile, "--certfile"):
        raise UsageError(f"{named} has no certificate in PEM form.")
    key, holder = keyfile or certfile, named if keyfile is None else f"--keyfile {str(keyfile)!r}"
    text = _content(key, "--keyfile" if keyfile else "--certfile")
    if b"PRIVATE KEY-----" not in text:
        remedy = "Name the file of its key with --keyfile." if keyfile is None else "It begins with PRIVATE KEY."
        raise UsageError(f"{holder} has no private key in PEM form. {remedy}")
    if b"ENCRYPTED" in text:
        raise UsageError(f"The key in {holder} has a password. Give a key without one.")
    context = _new_context()
    try:
        context.load_cert_chain(certfile, keyfile)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise UsageError(f"The key in {holder} doesn't belong to the certificate in {named}.") from error
        raise UsageError(f"{holder} can't be used: {error.reason or error}.") from error
    return context


def _content(path: Path, option: str) -> bytes:
    try:
        return read_regular_file(path, _LARGEST_FILE)
    except OSError as error:
        raise UsageError(f"{option} {str(path)!r} can't be read: {error.strerror or error}.") from error


def _new_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.num_tickets = 0
    context.set_alpn_protocols(["http/1.1"])
    return context


def _load_from_pipes(context: ssl.SSLContext, certificate: Any) -> None:
    """Load a certificate and its key. OpenSSL reads only paths, and here they lead to pipes."""
    chain = b"".join(pem.bytes() for pem in certificate.cert_chain_pems)
    ends = [_filled_pipe(chain), _filled_pipe(certificate.private_key_pem.bytes())]
    try:
        context.load_cert_chain(*(f"/dev/fd/{end}" for end in ends))
    finally:
        for end in ends:
            os.close(end)


def _filled_pipe(content: bytes) -> int:
    """Return the end of a new pipe from which these bytes can be read."""
    reader, writer = os.pipe()
    try:
        os.write(writer, content)
    finally:
        os.close(writer)
    return reader
