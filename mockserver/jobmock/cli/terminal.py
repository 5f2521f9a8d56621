"""Progress of long commands, on a terminal."""

from __future__ import annotations

import sys

import click


def show_progress(text: str) -> None:
    """Print a text to stderr if that is a terminal."""
    if sys.stderr.isatty():
        click.echo(text, err=True, nl=False)
