"""The values of an API's switches that are tried, to find the ones with which the live host runs."""

from __future__ import annotations

from typing import Any

from ..contract import documents
from ..dialect.api import Api


def switch_choices(api: Api, *, with_run_shapes: bool) -> list[tuple[str, Any]]:
    """Return name and value of every choice but the defaults, for switches with a list of values.

    `with_run_shapes` adds the run shapes, for a job whose start wasn't recorded.
    """
    definitions = documents.definitions(api.name)
    switches = list(definitions["switches"]["properties"].items())
    if with_run_shapes and "run_shape" in definitions:
        switches.append(("run_shape", definitions["run_shape"]))
    return [
        (name, value)
        for name, switch in switches
        for value in (switch.get("enum") or ([True, False] if switch.get("type") == "boolean" else []))
        if value != switch["default"]
    ]
