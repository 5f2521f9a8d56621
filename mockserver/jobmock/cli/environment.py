"""Commands whose options the environment can set, by click's rule for names: `JOBMOCK_SERVE_PORT` for `--port`."""

from __future__ import annotations

import os
from typing import Any

import click
from click.core import ParameterSource

from ..errors import JobmockError


class EnvironmentCommand(click.Command):
    """A command each of whose options has an environment variable, which `--help` shows.

    Its name is `prefix`, `_`, and the option's name in capitals, with `_` for `-`. An option may have another one too.
    """

    def __init__(self, *args: Any, prefix: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self._variables: dict[str, list[str]] = {}
        for option in self.params:
            if isinstance(option, click.Option) and option.name:
                own = [option.envvar] if isinstance(option.envvar, str) else [*(option.envvar or ())]
                flag = option.opts[0].lstrip("-").replace("-", "_").upper()
                self._variables[option.name] = option.envvar = [*own, f"{prefix}_{flag}"]
                option.show_envvar = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.BadParameter as error:
            if error.param is not None and error.param.name in self._variables:
                variable = self._variable(ctx, error.param)
                error.param_hint = f"'{error.param.opts[0]}'" + (f" from the variable {variable}" if variable else "")
            raise

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except JobmockError as error:
            if used := [name for param in self.params if (name := self._variable(ctx, param))]:
                error.add_note(f"Options come from the environment too: {', '.join(used)}.")
            raise

    def _variable(self, ctx: click.Context, param: click.Parameter) -> str | None:
        """Return the variable that has set an option, or None if none has."""
        if ctx.get_parameter_source(str(param.name)) is not ParameterSource.ENVIRONMENT:
            return None
        return next(name for name in self._variables[str(param.name)] if os.environ.get(name))
