"""Elements of SVG and HTML. Texts and attributes are escaped when an element is written, so no text becomes markup."""

from __future__ import annotations

from xml.etree.ElementTree import Element, tostring

from ..errors import printable
from ..reports.plain_text import printable_lines

SVG_NAMESPACE = "http://www.w3.org/2000/svg"
Child = Element | str | None
Attribute = str | float | None


def element(tag: str, *children: Child, **attributes: Attribute) -> Element:
    """Return an element. Children and attributes that are None are left out.

    A name of an attribute has `_` for `-`, and may end with `_`, as in `class_`. Characters that can't be shown are
    escaped. Line breaks are kept in texts.
    """
    made = Element(tag, {_name(name): _value(value) for name, value in attributes.items() if value is not None})
    append(made, *children)
    return made


def append(parent: Element, *children: Child) -> None:
    """Append children to an element: elements, and texts. None is left out."""
    for child in children:
        if isinstance(child, Element):
            parent.append(child)
        elif child is not None:
            _append_text(parent, printable_lines(child))


def to_svg(root: Element) -> str:
    """Return an element as the text of an SVG file. It ends with a line break."""
    root.set("xmlns", SVG_NAMESPACE)
    return f"{tostring(root, encoding='unicode')}\n"


def to_html(root: Element) -> str:
    """Return an element as the text of an HTML file. It ends with a line break."""
    return f"<!DOCTYPE html>\n{tostring(root, encoding='unicode', method='html')}\n"


def _append_text(parent: Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def _name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    """Return a value as text. Numbers have at most two decimals, which are enough for a screen."""
    return printable(value) if isinstance(value, str) else f"{round(value, 2):g}"
