"""HTTP/1.1 by httptools. An offer to upgrade the protocol is ignored, as RFC 9110, section 7.8 allows.

The parser stops after the head of a request with `Upgrade`, and takes everything after it for the other protocol. So
another parser reads the body, and all that follows.

A client may send more requests before it has the answer to the first. If it leaves, uvicorn reports that to the last of
them only, so the one that is being answered would wait for a client that isn't there.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .server_log import OwnLog

_FRAMING = (b"content-length", b"transfer-encoding")
_on_headers_complete = HttpToolsProtocol.on_headers_complete
"""Called as a function, because each request needs it, and `super()` takes four times as long."""


class Protocol(OwnLog, HttpToolsProtocol):
    """uvicorn's protocol, which ignores offers to upgrade. A lost connection ends the answer that is being made."""

    _earlier: deque[Any] | None = None
    """The requests before the last one, if there are any. Those that are answered are removed from its beginning."""

    def data_received(self, data: bytes) -> None:
        """Parse data. It replaces uvicorn's method, because only the parser's error says where the body begins."""
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._feed_after(offer, memoryview(data))
        except httptools.HttpParserError:
            self._refuse()

    def on_headers_complete(self) -> None:
        earlier = self.cycle
        _on_headers_complete(self)
        if self.pipeline:
            self._add_earlier(earlier)

    def connection_lost(self, exc: Exception | None) -> None:
        for cycle in self._earlier or ():
            cycle.disconnected = True
            cycle.message_event.set()
        super().connection_lost(exc)

    def _add_earlier(self, cycle: Any) -> None:
        """Keep the request before the last one, and let go of those that are answered."""
        earlier = self._earlier = self._earlier or deque()
        earlier.append(cycle)
        while earlier[0].response_complete:
            earlier.popleft()

    def _feed_after(self, offer: httptools.HttpParserUpgrade | None, data: memoryview) -> None:
        """Parse what follows the head with an offer, which may have more requests with offers."""
        while offer is not None:
            if self.parser.get_method() == b"CONNECT":
                self._unsupported_upgrade_warning()
                return
            data = data[offer.args[0] :]
            offer = None
            try:
                self._ignore_offer()
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as next_offer:
                offer = next_offer
            except httptools.HttpParserError:
                self._refuse()

    def _ignore_offer(self) -> None:
        """Go on after the head of a request that offers an upgrade: if it has a body, with another parser."""
        framing = [b"%b: %b\r\n" % header for header in self.headers if header[0] in _FRAMING]
        if framing:
            self.cycle.more_body = True  # the first parser has reported the end of the request
            callbacks = _CallbacksAfterHead(self)
            self.parser = httptools.HttpRequestParser(callbacks)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
            self.parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n" % b"".join(framing))
            callbacks.are_muted = False

    def _refuse(self) -> None:
        """Answer what isn't HTTP, and close the connection. The requests before it are answered first."""
        message, last = "Invalid HTTP request received.", self.cycle
        self.logger.warning(message)
        if self.pipeline and last.more_body and self._earlier:
            self.pipeline.popleft()  # its own body is what isn't HTTP
            last = self._earlier[-1]
        if last is None or last.response_complete or (last.more_body and not last.response_started):
            self.send_400_response(message)
        else:
            last.keep_alive = False


class _CallbacksAfterHead:
    """The callbacks of a parser that is fed a head first, for a request whose head was reported before."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol, self.are_muted = protocol, True
        self.on_body, self.on_message_complete = protocol.on_body, protocol.on_message_complete

    def on_message_begin(self) -> None:
        if not self.are_muted:
            self._protocol.on_message_begin()

    def on_url(self, url: bytes) -> None:
        if not self.are_muted:
            self._protocol.on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.are_muted:
            self._protocol.on_header(name, value)

    def on_headers_complete(self) -> None:
        if not self.are_muted:
            self._protocol.on_headers_complete()
