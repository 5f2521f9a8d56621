"""`jobmock keys`: explains the bearer keys of clients."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from ..dialect.credentials import BEARER

if TYPE_CHECKING:
    from ..dialect.api import Api

_FORM = """\
Each bearer key has a namespace of its own: jobs, clock, limits, credits, journal. Any key with an API's prefix works:

{prefixes}

The text after a key's last `--` names the scenario that its jobs play:

{examples}

Reserved keys are always refused, in the way that the APIs document. One that is refused everywhere opens no namespace:

{reserved}
"""


@click.command()
def command() -> int:
    """Explain bearer keys: their prefixes, how a key names a scenario, and which keys are always refused."""
    from .. import apis

    served = [api for api in apis.all_apis() if api.credential.header is not None]
    examples = {api: next(iter(api.default_scenarios.values())).partition("/")[2] for api in served}
    click.echo(
        _FORM.format(
            prefixes=_rows((f"{api.prefix}…", api.name + _way(api)) for api in served),
            examples=_rows((f"{api.prefix}ci42--{name}", f"{api.name}/{name}") for api, name in examples.items()),
            reserved=_rows((key, f"{api.name}: {what}") for api in served for key, what in api.reserved.items()),
        ),
        nl=False,
    )
    return 0


def _way(api: Api) -> str:
    """Return in words how a key is sent, unless it is a bearer token."""
    return "" if api.credential == BEARER else f", sent as {api.credential.form(api.prefix)}"


def _rows(pairs: Iterable[tuple[str, str]]) -> str:
    rows = list(pairs)
    width = max(len(left) for left, _ in rows)
    return "\n".join(f"  {left:<{width}}  {right}" for left, right in rows)
