"""The command `jobmock`. Each command is a module of its own, imported when it is called.

Exit codes: 0 fine, 1 findings or violations, 2 usage or scenario error, 3 could not start, reach or write,
130 interrupted.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from io import TextIOWrapper
from typing import Any, NoReturn

import click

from .. import api_problems
from ..errors import JobmockError, ScenarioError, StartError, UnknownScenario, hint
from ..redaction import redact
from ..version import __version__

_COMMANDS = (
    "serve", "ready", "list", "lint", "explain", "schema", "keys", "rules", "run", "conform", "exhaust", "demo",
    "check", "drift", "record", "new-api",
)  # fmt: skip


class _Lazy(click.Group):
    """A group whose commands are modules of this folder."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_COMMANDS]  # `list` is a module of this package

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f".{cmd_name.replace('-', '_')}", __name__).command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args[0] not in _COMMANDS:
            ctx.fail(f"No such command {args[0]!r}. Commands: {', '.join(_COMMANDS)}.{hint(args[0], _COMMANDS)}")
        return super().resolve_command(ctx, args)


def _version(ctx: click.Context, option: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"jobmock {__version__}")
        ctx.exit()


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Stand-in for the Clado deep-research and Orbit Deep Search APIs: plays YAML scenarios to the clients you test."""
    if os.environ.get("NO_COLOR"):
        ctx.color = False


def main(args: list[str] | None = None) -> NoReturn:
    """Run the command and exit. Names that aren't valid text, such as of files, are printed with escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(execute(args))


def execute(args: list[str] | None = None) -> int:
    """Run the command and return its exit code. Errors are printed to stderr, and so is why APIs can't be used."""
    api_problems.report_to(lambda name, problem: click.echo(problem, err=True))
    try:
        return int(cli.main(args, prog_name="jobmock", standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.ClickException as error:
        click.echo(f"jobmock: {redact(error.format_message())}{_usage(error)}", err=True)
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("jobmock: Interrupted.", err=True)
        return 130
    except JobmockError as error:
        has_place = isinstance(error, ScenarioError) and not isinstance(error, UnknownScenario)
        click.echo(str(error) if has_place else f"jobmock: {error}", err=True)
        for note in getattr(error, "__notes__", ()):
            click.echo(note, err=True)
        return 3 if isinstance(error, StartError) else 2
    except SystemExit:
        return 0  # click exits by itself when the reader of the output has left


def _usage(error: click.ClickException) -> str:
    """Return the lines about the usage of the command that an error belongs to; empty if it belongs to none."""
    context = getattr(error, "ctx", None)
    return f"\n{context.get_usage()}\nTry '{context.command_path} --help' for help." if context else ""


def progress(items: list[Any], label: str) -> Any:
    """Return a context manager that yields the items, with a progress bar on stderr where that is a terminal."""
    return click.progressbar(items, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())
