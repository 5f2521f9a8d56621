"""`jobmock serve`: the standalone mock server."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..clock import DEFAULT_SPEED, MODES, Clock
from ..errors import StartError, UsageError
from ..files import whole_file
from . import logs, options
from .ready import print_ready_line

if TYPE_CHECKING:
    from socket import socket

    from ..catalogue import Catalogue
    from ..engine.progression import Plan
    from ..server.app import App
    from ..service.service import Service


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. One that other machines can reach needs --control-token.",
)
@click.option("--port", default=8087, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option(
    "--port-file",
    type=click.Path(path_type=Path),
    help="Write the port to this file when the server is ready.",
)
@click.option(
    "--scenario",
    "defaults",
    multiple=True,
    metavar="NAME",
    help="Default scenario of new jobs; once per API.",
)
@options.scenarios
@click.option(
    "--time",
    "mode",
    type=click.Choice(MODES),
    help="manual: control calls move the clocks. skip-delays: real time, but no delayed answer is held. Default: real.",
)
@click.option(
    "--speed",
    type=float,
    help=f"How many times faster scaled time is. It implies --time scaled. Default: {DEFAULT_SPEED:g}.",
)
@click.option(
    "--limits",
    type=click.Path(path_type=Path),
    help="File with rate limits that replace the documented ones.",
)
@click.option("--switch", "switches", multiple=True, metavar="API.NAME=VALUE", help="Set a switch: clado.tier=free.")
@click.option(
    "--seed",
    default=0,
    show_default=True,
    help="Seed of the ids of jobs: the same seed and key give the same ids.",
)
@click.option("--watch", is_flag=True, help="Read scenario files again when they change.")
@click.option("--strict", is_flag=True, help="Don't start if any scenario file is broken.")
@click.option(
    "--control-token",
    envvar="JOBMOCK_CONTROL_TOKEN",
    help="Token that control calls must send in X-Jobmock-Token. Then they may have any Host.",
)
@click.option(
    "--control-host",
    "control_hosts",
    multiple=True,
    metavar="NAME",
    help="Name by which control calls may reach the server, besides localhost and addresses. May be given again.",
)
@click.option(
    "--control-port",
    type=click.IntRange(0, 65535),
    help="A port for control calls alone; 0 takes a free one. Default: they are on the port of the APIs.",
)
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--log-requests", is_flag=True, help="Log a line for each request.")
def command(
    host: str, port: int, port_file: Path | None, folders: tuple[Path, ...], watch: bool, strict: bool,
    control_token: str | None, control_hosts: tuple[str, ...], control_port: int | None,
    log_format: str, log_requests: bool, **choices: Any,
) -> int:  # fmt: skip
    """Serve both APIs until SIGTERM. One line of JSON on stdout says that the server is ready; logs go to stderr."""
    logs.to_stderr(log_format, requests=log_requests)
    _check_token(control_token, host)
    if control_port and control_port == port:
        raise UsageError(f"--port and --control-port are both {port}. Give two, or leave --control-port out.")
    if port_file:
        _check_port_file(port_file)
    if watch and not folders:
        raise UsageError("--watch reads the folders of --scenarios again: give at least one.")
    from ..server.app import create_app
    from ..server.listeners import bound_socket

    catalogue = options.catalogue(folders, report=logging.getLogger("jobmock").error)
    if strict and catalogue.problems:
        return 2
    service = _service(catalogue, **choices)
    app = create_app(service, control_token=control_token, control_hosts=control_hosts)
    with ExitStack() as stack:
        stack.callback(service.namespaces.closed.log_rest)
        listener = stack.enter_context(bound_socket(host, port))
        separate = None if control_port is None else stack.enter_context(bound_socket(host, control_port))
        if watch:
            stack.callback(_watching(catalogue))
        return _serve(app, listener, separate, port_file)


def _serve(app: App, listener: socket, separate: socket | None, port_file: Path | None) -> int:
    """Serve on a socket until a signal comes, with the control API on a `separate` one or on the same."""
    from ..server.listeners import address
    from ..server.serving import ControlPort, serve

    def ready() -> None:
        if port_file:
            _write(port_file, f"{address(listener)[1]}\n")
        print_ready_line(listener, control_url=address(separate or listener)[2])

    return serve(app, listener, ready, ControlPort(app.separate_control(), separate) if separate else None)


def _check_token(token: str | None, host: str) -> None:
    """Raise UsageError if the token is empty, or if there is none and other machines can reach the server."""
    if token == "":
        raise UsageError("--control-token is empty. Give a text, or leave it out.")
    if token is None and not _is_loopback(host):
        raise UsageError(f"{host!r} can be reached from other machines: give a --control-token, or serve on 127.0.0.1.")


def _service(
    catalogue: Catalogue, *, defaults: tuple[str, ...], speed: float | None, mode: str | None, limits: Path | None,
    switches: tuple[str, ...], seed: int,
) -> Service:  # fmt: skip
    from ..engine.namespace import Namespaces
    from ..service.service import Service

    if speed is not None and mode not in (None, "scaled"):
        raise UsageError(f"--speed is for --time scaled alone, and --time is {mode}.")
    chosen = mode or ("real" if speed is None else "scaled")
    factor = DEFAULT_SPEED if speed is None else speed
    plans: dict[str, Plan] = {}
    for wanted in defaults:
        plan = options.plan(catalogue, wanted)
        api = plan.scenario.api
        if api in plans:
            raise UsageError(f"--scenario names two scenarios of {api}: {plans[api].name!r} and {plan.name!r}.")
        plans[api] = plan
    return Service(
        catalogue,
        Namespaces(clock=lambda: Clock(chosen, factor), seed=seed),
        plans=plans,
        **_settings(limits, switches),
    )


def _settings(limits: Path | None, switches: tuple[str, ...]) -> dict[str, Any]:
    if not limits and not switches:
        return {}
    from ..catalogue.server_settings import limits_from_file, switches_from_flags

    return {"limits": limits_from_file(limits) if limits else {}, "switches": switches_from_flags(switches)}


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_port_file(path: Path) -> None:
    """Raise UsageError for a link, a device, a pipe or a folder: the file is replaced when the server is ready."""
    if path.is_symlink() or (os.path.lexists(path) and not path.is_file()):
        raise UsageError(f"--port-file {str(path)!r} is no regular file. Name a new file, or one to replace.")


def _write(path: Path, text: str) -> None:
    """Write a file in one step, so that no reader sees a part of it."""
    try:
        with whole_file(path) as temporary:
            temporary.write_text(text)
    except OSError as error:
        raise StartError(f"Can't write the port file {str(path)!r}: {error.strerror}.") from error


def _watching(catalogue: Catalogue) -> Callable[[], None]:
    """Watch the scenario files in a thread. The returned function ends that."""
    import threading

    from ..catalogue.watch import watch_files

    stop = threading.Event()
    thread = threading.Thread(target=watch_files, args=(catalogue, stop), name="jobmock-watch", daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join()

    return end
