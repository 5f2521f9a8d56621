"""Certificates of an authority that exists for one run of the tests, and only in memory."""

from __future__ import annotations

import os
import ssl
from functools import cache
from typing import Any


@cache
def authority() -> Any:
    """Return the authority, made on first use."""
    import trustme

    return trustme.CA()


@cache
def server_context(host: str) -> ssl.SSLContext:
    """Return the context of a server that has a certificate for this host."""
    certificate = authority().issue_cert(host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.num_tickets = 0
    if os.path.isdir("/dev/fd"):
        _load_from_pipes(context, certificate)
    else:  # Windows: OpenSSL reads files alone there, so the certificate's own key is in one for a moment
        certificate.configure_cert(context)
    return context


def client_context(given: ssl.SSLContext) -> ssl.SSLContext:
    """Return a context that verifies as much as the client's own, but trusts only the authority."""
    context = _client_context(given.check_hostname, given.verify_mode)
    context.sslsocket_class, context.sslobject_class = given.sslsocket_class, given.sslobject_class
    return context


def _client_context(check_hostname: bool, verify_mode: ssl.VerifyMode) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = verify_mode
    context.check_hostname = check_hostname
    context.load_verify_locations(cadata=authority().cert_pem.bytes().decode())
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
