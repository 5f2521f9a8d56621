"""TLS in memory, as event loops use it: notes what a client sends to and receives from an external server.

Each function here replaces the method of `ssl` with the same name; `real` is the original.
"""

from __future__ import annotations

import ssl
from typing import Any
from weakref import WeakKeyDictionary

from .participant import current_participant

_outgoing: WeakKeyDictionary[ssl.SSLObject, ssl.MemoryBIO] = WeakKeyDictionary()
"""The output buffer of each client's object, until its first message is known."""


def wrap_bio(real: Any, context: ssl.SSLContext, incoming: Any, outgoing: Any, *args: Any, **kwargs: Any) -> Any:
    """Note the output buffer of a client's object."""
    ssl_object = real(context, incoming, outgoing, *args, **kwargs)
    if current_participant() is not None and not ssl_object.server_side:
        _outgoing[ssl_object] = outgoing
    return ssl_object


def do_handshake(real: Any, ssl_object: ssl.SSLObject) -> None:
    """Shake hands. The first message will show which connection this is."""
    me = current_participant()
    try:
        real(ssl_object)
    except ssl.SSLWantReadError:
        if me is not None and (outgoing := _outgoing.pop(ssl_object, None)) is not None:
            message = outgoing.read()
            outgoing.write(message)
            me.scheduler.external.servers.note_client_hello(ssl_object, message)
        raise
    if me is not None:
        me.scheduler.external.servers.note_tls_received(ssl_object)


def write(real: Any, ssl_object: ssl.SSLObject, data: Any) -> int:
    """Note that data is sent."""
    if (me := current_participant()) is not None and len(data):
        me.scheduler.external.servers.note_tls_sent(ssl_object)
    return int(real(ssl_object, data))


def read(real: Any, ssl_object: ssl.SSLObject, *args: Any, **kwargs: Any) -> Any:
    """Note that data or the end is received. Messages that aren't for the reader don't count."""
    try:
        found = real(ssl_object, *args, **kwargs)
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
        raise
    except ssl.SSLError:
        _note_received(ssl_object)
        raise
    _note_received(ssl_object)
    return found


def unwrap(real: Any, ssl_object: ssl.SSLObject) -> Any:
    """Note that the end is sent, which the other side confirms."""
    if (me := current_participant()) is not None:
        me.scheduler.external.servers.note_tls_sent(ssl_object)
    return read(real, ssl_object)


def _note_received(ssl_object: ssl.SSLObject) -> None:
    if (me := current_participant()) is not None:
        me.scheduler.external.servers.note_tls_received(ssl_object)


METHODS = (
    (ssl.SSLContext, "wrap_bio", wrap_bio),
    (ssl.SSLObject, "do_handshake", do_handshake),
    (ssl.SSLObject, "write", write),
    (ssl.SSLObject, "read", read),
    (ssl.SSLObject, "unwrap", unwrap),
)
