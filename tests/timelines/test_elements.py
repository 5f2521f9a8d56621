"""Elements are written with all texts escaped."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

from tests.timelines.pictures import parsed

from jobmock.timelines.elements import element, to_html, to_svg

MARKUP, ESCAPED = "<b onclick='x'>&</b>", "&lt;b onclick='x'&gt;&amp;&lt;/b&gt;"
NO_TEXT, SHOWN = "\x00\x1b\ud800\ufffe", r"\x00\x1b\ud800\ufffe"


def test_texts_and_attributes_are_escaped() -> None:
    """Markup in a text or an attribute comes back as that text, and what a file can't hold is escaped."""
    hostile = f'{MARKUP}"{NO_TEXT}'
    root = parsed(to_svg(element("svg", element("text", hostile, title=hostile))))
    assert root[0].text == root[0].get("title") == f'{MARKUP}"{SHOWN}'
    page = to_html(element("html", element("p", "a", element("br"), hostile)))
    assert page == f'<!DOCTYPE html>\n<html><p>a<br>{ESCAPED}"{SHOWN}</p></html>\n'


def test_children_and_attributes() -> None:
    """None is left out, numbers are short, names have hyphens, and texts keep their order and line breaks."""
    made = element("g", "a\nb", None, element("i"), "c", "d", class_="x", font_size=1 / 3, width=None, height=100.0)
    (copy,) = fromstring(to_svg(element("svg", made)))
    assert dict(copy.attrib) == {"class": "x", "font-size": "0.33", "height": "100"}
    assert (copy.text, copy[0].tail) == ("a\nb", "cd")
