"""The options of `serve` for TLS, and what they choose."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from .. import apis
from ..errors import UsageError
from .options import FC, check_replaceable

if TYPE_CHECKING:
    from ssl import SSLContext

_FILE = click.Path(path_type=Path)
_OPTIONS: tuple[Callable[[FC], FC], ...] = (
    click.option("--tls", is_flag=True, help="Serve https, with a certificate that is made for this run."),
    click.option(
        "--tls-port",
        type=click.IntRange(0, 65535),
        help="A port for https, in addition to http on --port; 0 takes a free one. It implies --tls.",
    ),
    click.option("--certfile", type=_FILE, help="Your own certificate, in PEM form. It implies --tls."),
    click.option("--keyfile", type=_FILE, help="The key of --certfile, if that file doesn't have it."),
    click.option("--ca-file", type=_FILE, help="Write the certificate that clients must trust to this file."),
)


def options(command: FC) -> FC:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


class TlsChoice(NamedTuple):
    """What the options choose. Without a `context` there is no TLS."""

    context: SSLContext | None = None
    port: int | None = None
    """The port for TLS alone; None if `--port` has it."""
    ca_file: Path | None = None

    @property
    def of_first_port(self) -> SSLContext | None:
        """The context of `--port`, if that has TLS."""
        return self.context if self.port is None else None


def choice(
    names: Iterable[str], *, tls: bool, tls_port: int | None, certfile: Path | None, keyfile: Path | None,
    ca_file: Path | None,
) -> TlsChoice:  # fmt: skip
    """Return what the options choose for a server with these names. Raises UsageError."""
    if keyfile and not certfile:
        raise UsageError("--keyfile is the key of a certificate: give --certfile too.")
    if certfile and ca_file:
        raise UsageError("--ca-file is for a certificate that is made for this run: leave it or --certfile out.")
    if not (tls or certfile or tls_port is not None):
        if ca_file:
            raise UsageError("--ca-file needs a server with TLS: give --tls or --tls-port too.")
        return TlsChoice()
    if ca_file:
        check_replaceable(ca_file, "--ca-file")
    from ..server import certificates

    if certfile:
        context = certificates.context_of_files(certfile, keyfile)
    else:
        hosts = ("localhost", "127.0.0.1", "::1", *(api.host for api in apis.all_apis()), *names)
        context = certificates.server_context(*dict.fromkeys(hosts))
    return TlsChoice(context, tls_port, ca_file)
