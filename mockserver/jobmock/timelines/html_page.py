"""A page of HTML that needs nothing else: no script, no network. It shows where a server of CI allows neither."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from ..version import __version__
from . import marks, svg_style
from .colours import COLOURS
from .elements import Child, element, to_html

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
*{box-sizing:border-box}
body{margin:0 auto;max-width:1180px;padding:20px 24px 48px;background:var(--page);color:var(--text);
font-family:FONT;font-size:.9375rem;line-height:1.5;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 4px}h2{font-size:1.2rem;margin:36px 0 6px}
h3,.client>h2{font-size:1.05rem;margin:20px 0 2px}p{margin:4px 0}a{color:var(--link)}
.counts,.remedy,.folded,footer,figcaption,th,.facts dt{color:var(--muted)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.passed::before,.failed::before{font-weight:700;margin-right:.4em}
.passed::before{content:"✓";color:var(--success-edge)}.failed::before{content:"✗";color:var(--ended-edge)}
.facts{display:flex;flex-wrap:wrap;gap:4px 28px;margin:10px 0;padding:0}.facts dt{font-size:.8rem}
.facts dd{margin:0;font-variant-numeric:tabular-nums}
figure{margin:14px 0;padding:14px 14px 8px;border:1px solid var(--line);border-radius:8px}
svg.lanes{display:block}.scenario{border:0;padding:0}.scenario svg{display:block;
max-width:100%;height:auto}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:16px 0 0;padding:0;list-style:none;font-size:.85rem}
.legend svg,td svg{vertical-align:-2px;overflow:visible}
.findings{margin:8px 0;padding-left:0;list-style:none;counter-reset:finding}
.findings li{counter-increment:finding;margin:6px 0;padding:6px 12px;border-left:4px solid var(--finding);
background:var(--panel);border-radius:0 6px 6px 0}
.findings li.warning{border-left-style:double}
.findings li:not(.folded)::before{content:"▲" counter(finding) " ";color:var(--finding);font-weight:700}
.links{white-space:normal}.links a{font-variant-numeric:tabular-nums}
td.passed,td.failed{white-space:nowrap}
table{border-collapse:collapse;width:100%;font-size:.875rem;margin:8px 0}
th{text-align:left;font-weight:600;font-size:.8rem}th,td{padding:3px 10px 3px 0;border-bottom:1px solid var(--line);
vertical-align:top}td{font-variant-numeric:tabular-nums}
.requests td:nth-child(1){padding-left:6px}.requests{table-layout:fixed}
.requests th:nth-child(1){width:6.5em}.requests th:nth-child(2){width:9em}.requests th:nth-child(4){width:14em}
.requests th:nth-child(5){width:30%}.number{text-align:right;padding-right:18px}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.8125rem}
pre{overflow-x:auto;padding:10px 12px;background:var(--panel);border-radius:6px}
tr:target,li:target{background:var(--target)}tr[id],a[id]{scroll-margin:45vh 0}
details{margin:10px 0}summary{cursor:pointer}summary h2{display:inline}
details.run>summary{padding:6px 0;font-weight:600}
.scroll{overflow-x:auto;overflow-wrap:break-word}
@media(max-width:640px){body{padding:14px 12px 32px}
.requests thead{display:none}.requests tr{display:grid;grid-template-columns:auto auto 1fr;gap:0 12px;
border-bottom:1px solid var(--line);padding:4px 0}.requests td{border:0;padding:0 0 0 6px}
.requests .target{grid-column:1/-1;order:5}.requests td:last-child{grid-column:1/-1;order:6}
.requests td:last-child:empty{display:none}.requests .folded td{grid-column:1/-1}}
@media(min-width:2560px){html{font-size:20px}body{max-width:1900px}}
@media print{figure,tr{break-inside:avoid}}
@media(prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
""".replace("\n", "").replace("FONT", svg_style.FONT.removeprefix("font-family:"))


def page(title: str, *content: Child, times: str = "Times are those of the mock's clock.") -> str:
    """Return a page with a title and its content, texts and elements. `times` is a sentence about its times."""
    head = element(
        "head", element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width,initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("title", title), element("style", _variables() + svg_style.CSS + _STYLE),
    )  # fmt: skip
    shapes = element("svg", marks.definitions(), width=0, height=0, aria_hidden="true", class_="defs")
    footer = element("footer", element("p", f"Written by jobmock {__version__}. {times}"))
    return to_html(element("html", head, element("body", shapes, *content, footer), lang="en"))


def facts(**values: object) -> Element:
    """Return a list of facts, each with its name above it. `_` in a name is a space."""
    pairs = (
        element("div", element("dt", name.replace("_", " ").capitalize()), element("dd", str(value)))
        for name, value in values.items()
    )
    return element("dl", *pairs, class_="facts")


def table(headings: tuple[str, ...], rows: list[Element], numbers: tuple[str, ...] = ()) -> Element:
    """Return a table with headings; those in `numbers` are aligned to the right, as their cells are."""
    head = (element("th", one, scope="col", class_="number" if one in numbers else None) for one in headings)
    made = element("table", element("thead", element("tr", *head)), element("tbody", *rows))
    return element("div", made, class_="scroll")


def _variables() -> str:
    """Return the colours as variables."""
    light, dark = (
        ";".join(f"--{name}:{colour[theme]}" for name, colour in COLOURS.items()) for theme in (0, 1)
    )  # fmt: skip
    return f":root{{color-scheme:light dark;{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"
