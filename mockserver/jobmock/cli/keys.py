"""`jobmock keys`: explains the bearer keys of clients."""

from __future__ import annotations

from collections.abc import Iterable

import click

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

    served = apis.all_apis()
    examples = {api: next(iter(api.default_scenarios.values())).partition("/")[2] for api in served}
    click.echo(
        _FORM.format(
            prefixes=_rows((f"{api.prefix}…", api.name) for api in served),
            examples=_rows((f"{api.prefix}ci42--{name}", f"{api.name}/{name}") for api, name in examples.items()),
            reserved=_rows((key, f"{api.name}: {what}") for api in served for key, what in api.reserved.items()),
        ),
        nl=False,
    )
    return 0


def _rows(pairs: Iterable[tuple[str, str]]) -> str:
    rows = list(pairs)
    width = max(len(left) for left, _ in rows)
    return "\n".join(f"  {left:<{width}}  {right}" for left, right in rows)
