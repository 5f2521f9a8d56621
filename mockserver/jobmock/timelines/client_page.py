"""The page about one client: its lanes and requests with each API, alone in a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from xml.etree.ElementTree import Element

from ..client_reports.activity import ClientActivity
from ..client_reports.story import story
from .client_section import client_section
from .client_timeline import timelines_of
from .elements import element
from .html_page import page
from .page_bound import bounded

_ALL_FINDINGS = "the list above has all"


def client_page(title: str, activities: Sequence[ClientActivity]) -> str:
    """Return a page about what a client did with some APIs."""
    content = [*client_sections(activities), story_details(story(activities, all_findings=_ALL_FINDINGS))]
    return page(title, element("header", element("h1", title)), element("main", *content))


def client_sections(activities: Sequence[ClientActivity], run: str = "") -> Iterator[Element]:
    """Yield the parts of a page about what a client did with each key, first those with findings.

    `run` makes their ids differ from those of other runs, each of which has a heading of its own.
    """
    timelines = [timeline for activity in activities for timeline in timelines_of(activity)]
    timelines.sort(key=lambda timeline: not timeline.findings)
    heading = "h3" if run else "h2"
    yield from bounded(
        partial(client_section, timeline, f"{run}k{number}" if number else run, heading)
        for number, timeline in enumerate(timelines)
    )


def story_details(text: str) -> Element | None:
    """Return the story of a client, folded away; None if there is none."""
    return text_details("The same as text", text) if text else None


def text_details(summary: str, text: str) -> Element:
    """Return a text that is folded away below its summary."""
    return element("details", element("summary", summary), element("pre", text))
