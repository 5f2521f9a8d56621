"""`jobmock serve`: the standalone mock server."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..clock import DEFAULT_SPEED, MODES, Clock
from ..errors import UsageError
from . import logs, options, tls_options
from .environment import EnvironmentCommand
from .ready_line import print_ready_line
from .start_lines import print_start_lines

if TYPE_CHECKING:
    from ..catalogue import Catalogue
    from ..engine.journal_room import Leaving
    from ..engine.progression import Plan
    from ..server.serving import Port
    from ..service.service import Service


@click.command(cls=EnvironmentCommand, prefix="JOBMOCK_SERVE")
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
@options.switches
@click.option(
    "--seed",
    default=0,
    show_default=True,
    help="Seed of the ids of jobs: the same seed and key give the same ids.",
)
@click.option("--id-secret", metavar="TEXT", help="Secret that servers share, to know the ids of jobs of each other.")
@click.option("--coverage", is_flag=True, help="Count what clients meet of the APIs, for the control call coverage.")
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
@click.option(
    "--cors",
    multiple=True,
    metavar="ORIGIN",
    help="Origin whose web pages may call the APIs: http://localhost:3000. * is any. May be given again.",
)
@tls_options.options
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--log-requests", is_flag=True, help="Log a line for each request.")
def command(
    host: str, port: int, port_file: Path | None, folders: tuple[Path, ...], watch: bool, strict: bool,
    control_token: str | None, control_hosts: tuple[str, ...], control_port: int | None,
    cors: tuple[str, ...], log_format: str, log_requests: bool, **choices: Any,
) -> int:  # fmt: skip
    """Serve all APIs until SIGTERM. One line of JSON on stdout says that the server is ready; logs go to stderr.

    The environment may set each option. For several values of one option, put blanks between them, and between folders
    what separates those of PATH.
    """
    logs.to_stderr(log_format, requests=log_requests)
    _check_token(control_token, host)
    tls_choices = {name: choices.pop(name) for name in ("tls", "tls_port", "certfile", "keyfile", "ca_file")}
    _check_ports({"--port": port, "--control-port": control_port, "--tls-port": tls_choices["tls_port"]})
    if port_file:
        options.check_replaceable(port_file, "--port-file")
    if watch and not folders:
        raise UsageError("--watch reads the folders of --scenarios again: give at least one.")
    from ..server.app import create_app
    from ..server.listeners import bound_socket
    from ..server.serving import Port

    tls = tls_options.choice((host, *control_hosts), **tls_choices)
    catalogue = options.catalogue(folders, report=logging.getLogger("jobmock").error)
    if strict and catalogue.problems:
        return 2
    service = _service(catalogue, **choices)
    app = create_app(service, control_token=control_token, control_hosts=control_hosts, cors=cors)
    with ExitStack() as stack:
        stack.callback(service.namespaces.closed.log_rest)
        ports = [Port(app, stack.enter_context(bound_socket(host, port)), tls.of_first_port)]
        if control_port is not None:
            bound = stack.enter_context(bound_socket(host, control_port))
            ports.append(Port(app.separate_control(ports[0].listener.getsockname()[1]), bound, tls.of_first_port))
        if tls.port is not None:
            ports.append(Port(app, stack.enter_context(bound_socket(host, tls.port)), tls.context))
        if watch:
            stack.callback(_watching(catalogue))
        return _serve(ports, port_file, tls.ca_file, lambda *urls: _report_start(service, log_format, *urls))


def _serve(
    ports: Sequence[Port], port_file: Path | None, ca_file: Path | None, started: Callable[[str, str, str | None], None]
) -> int:
    """Serve on the first port and the others until a signal comes. The control API may be on one of the others.

    `started` is called with the URLs of the first port, of the control API, and of another port with TLS or None.
    """
    from ..server.certificates import authority_pem
    from ..server.listeners import address
    from ..server.serving import serve

    first, *others = ports
    control = next((port for port in others if port.app is not first.app), first)
    tls_url = next((address(port.listener, tls=port.tls)[2] for port in ports if port.tls), None)
    more = {} if tls_url is None else {"tls_url": tls_url}

    def ready() -> None:
        if ca_file:
            options.write(ca_file, authority_pem(), "file of --ca-file")
        if port_file:
            options.write(port_file, b"%d\n" % address(first.listener)[1], "port file")
        control_url = address(control.listener, tls=control.tls)[2]
        print_ready_line(first.listener, first.tls, control_url=control_url, **more)
        started(address(first.listener, tls=first.tls)[2], control_url, tls_url)

    return serve(first, ready, others)


def _report_start(service: Service, log_format: str, url: str, control_url: str, tls_url: str | None) -> None:
    """Print the lines for a person, unless stderr has lines of JSON."""
    if log_format == "text":
        urls = dict.fromkeys((url, tls_url or url))
        print_start_lines([*urls], control_url, service.defaults.plans, service.namespaces.clock.mode)


def _check_ports(ports: Mapping[str, int | None]) -> None:
    """Raise UsageError if two options name the same port; 0 is a free one."""
    owners: dict[int, str] = {}
    for option, port in ports.items():
        if port and (owner := owners.setdefault(port, option)) != option:
            raise UsageError(f"{owner} and {option} are both {port}. Give two, or leave {option} out.")


def _check_token(token: str | None, host: str) -> None:
    """Raise UsageError if the token is empty, or if there is none and other machines can reach the server."""
    if token == "":
        raise UsageError("--control-token is empty. Give a text, or leave it out.")
    if token is None and not _is_loopback(host):
        raise UsageError(f"{host!r} can be reached from other machines: give a --control-token, or serve on 127.0.0.1.")


def _service(
    catalogue: Catalogue, *, defaults: tuple[str, ...], speed: float | None, mode: str | None, limits: Path | None,
    switches: tuple[str, ...], seed: int, id_secret: str | None, coverage: bool,
) -> Service:  # fmt: skip
    from ..engine.namespace import Namespaces
    from ..service.service import Service

    chosen, factor = options.clock_mode(mode, speed, "real")
    plans: dict[str, Plan] = {}
    for wanted in defaults:
        plan = options.plan(catalogue, wanted)
        api = plan.scenario.api
        if api in plans:
            raise UsageError(f"--scenario names two scenarios of {api}: {plans[api].name!r} and {plan.name!r}.")
        plans[api] = plan
    return Service(
        catalogue,
        Namespaces(
            clock=lambda: Clock(chosen, factor), seed=seed, id_secret=id_secret,
            leaving=_counter() if coverage else None,
        ),
        plans=plans,
        **options.server_settings(limits, switches),
    )


def _counter() -> Leaving:
    from ..coverage import CoverageCounter

    return CoverageCounter()


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
