"""The bytes of requests, well-formed unless their parts aren't."""

from __future__ import annotations

CONTROL = "/__jobmock/"
JSON = ("Content-Type", "application/json")


def request(
    method: str, path: str | bytes, key: str | None = None, body: bytes = b"", *headers: tuple[str, str | bytes],
    host: str = "127.0.0.1", length: bool = True,
) -> bytes:  # fmt: skip
    """Return one request; it has a Content-Length if it has a body, unless it is without `length`."""
    lines = [(b"Host", host.encode())]
    lines += [(b"Authorization", b"Bearer " + key.encode())] if key is not None else []
    lines += [(b"Content-Length", b"%d" % len(body))] if body and length else []
    lines += [(name.encode("latin-1"), _bytes(value)) for name, value in headers]
    head = b"".join(b"%b: %b\r\n" % line for line in lines)
    return b"%b %b HTTP/1.1\r\n%b\r\n%b" % (method.encode(), _bytes(path), head, body)


def control(method: str, call: str, key: str | None = None, body: bytes = b"", *headers: tuple[str, str]) -> bytes:
    """Return a control call."""
    return request(method, CONTROL + call, key, body, *((JSON,) if body else ()), *headers)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")
