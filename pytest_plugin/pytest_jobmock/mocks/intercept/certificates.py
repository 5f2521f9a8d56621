"""TLS between a client and a mocked host, with the certificates of an authority that exists only in memory."""

from __future__ import annotations

import ssl

from jobmock.server.certificates import authority_pem, server_context

__all__ = ["client_context", "server_context"]


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
    context.load_verify_locations(cadata=authority_pem().decode())
    return context
