"""`jobmock rules`: the rules by which clients are judged."""

from __future__ import annotations

import textwrap

import click

from ..errors import UsageError, hint

_WIDTH = 100


@click.command()
@click.argument("rule", required=False)
def command(rule: str | None) -> int:
    """List the rules by which clients are judged, or print all about one RULE: its evidence, remedy and source."""
    from .. import apis
    from ..etiquette import EXPLAINED
    from ..etiquette.rule_texts import described

    if rule is None:
        width = max(map(len, EXPLAINED))
        for one in EXPLAINED.values():
            click.echo(f"{click.style(one.id.ljust(width), bold=True)}  {one.severity:<7}  {one.summary}")
        return 0
    if rule not in EXPLAINED:
        raise UsageError(f"There is no rule {rule!r}. Rules: {', '.join(EXPLAINED)}.{hint(rule, EXPLAINED)}")
    click.echo(f"{click.style(rule, bold=True)} ({EXPLAINED[rule].severity})")
    for heading, text in described(EXPLAINED[rule], apis.all_apis()):
        click.echo(f"\n{heading}:")
        click.echo(textwrap.fill(text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False))
    return 0
