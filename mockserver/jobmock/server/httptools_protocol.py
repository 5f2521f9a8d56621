"""HTTP/1.1 by httptools. An offer to upgrade the protocol is ignored, as RFC 9110, section 7.8 allows.

The parser stops after the head of a request with `Upgrade`, and takes everything after it for the other protocol. So
another parser reads the body, and all that follows.
"""

from __future__ import annotations

from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_FRAMING = (b"content-length", b"transfer-encoding")


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol. It reads the body of a request that offers an upgrade."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parser = _Parser(self, self)

    def ignore_offer(self) -> None:
        """Go on after the head of a request that offers an upgrade: if it has a body, with another parser."""
        framing = [b"%b: %b\r\n" % header for header in self.headers if header[0] in _FRAMING]
        if framing:
            self.cycle.more_body = True  # the first parser has reported the end of the request
            callbacks = _CallbacksAfterHead(self)
            self.parser = _Parser(self, callbacks)
            self.parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n" % b"".join(framing))
            callbacks.are_muted = False


class _Parser(httptools.HttpRequestParser):
    """A parser that goes on after an offer to upgrade."""

    def __init__(self, protocol: Protocol, callbacks: Any) -> None:
        super().__init__(callbacks)
        self.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self._protocol = protocol

    def feed_data(self, data: Any) -> None:
        """Parse data. Raises HttpParserError."""
        try:
            super().feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._feed_after(offer, memoryview(data))

    def _feed_after(self, offer: httptools.HttpParserUpgrade | None, data: memoryview) -> None:
        """Parse what follows the head with an offer, which may have more requests with offers."""
        while offer is not None:
            data = self._after(offer, data)
            offer = None
            try:
                httptools.HttpRequestParser.feed_data(self._protocol.parser, data)
            except httptools.HttpParserUpgrade as next_offer:
                offer = next_offer

    def _after(self, offer: httptools.HttpParserUpgrade, data: memoryview) -> memoryview:
        """Return what follows the head of a request, which the protocol's parser can read."""
        if self._protocol.parser.get_method() == b"CONNECT":
            raise offer
        self._protocol.ignore_offer()
        return data[offer.args[0] :]


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
