"""A comparison as one page of HTML that needs nothing else. Everything foreign is escaped."""

from collections.abc import Iterator
from html import escape

from workbench.measure.compare.words import change, interval, told
from workbench.measure.text import printable
from workbench.model.comparison import ComparedRow, Comparison

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em; color: #222 }
table { border-collapse: collapse; width: 100% } th, td { padding: .3em .8em; text-align: right; white-space: nowrap }
th { border-bottom: 2px solid #999; font-weight: 600 } tr + tr td { border-top: 1px solid #ddd }
td:first-child, th:first-child, td:nth-last-child(-n+2), th:nth-last-child(-n+2) { text-align: left }
td:last-child { white-space: normal; color: #555 }
.better { color: #176b2c; font-weight: 600 } .worse { color: #b3261e; font-weight: 600 } .changed { font-weight: 600 }
.same { color: #777 } .inconclusive { color: #8a5a00 } .serious { color: #b3261e }
.bar { display: inline-block; height: .6em; background: #9bb4d0; vertical-align: middle; margin-left: .6em }
.room { display: inline-block; width: 6em; text-align: left }
@media (prefers-color-scheme: dark) {
  body { background: #181818; color: #ddd } .better { color: #6fcf87 } .worse, .serious { color: #ff8a80 }
  .inconclusive { color: #e0b050 } tr + tr td { border-color: #444 } td:last-child { color: #aaa }
}
"""


def page(compared: Comparison) -> Iterator[str]:
    """Its lines."""
    before, after = compared.before, compared.after
    title = f"{_safe(before.name)} → {_safe(after.name)}"
    yield f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    yield f"<style>{_STYLE}</style></head><body><h1>{title}</h1>"
    yield f"<p>before: {_safe(before.detail or before.name)}<br>after: {_safe(after.detail or after.name)}</p>"
    headings = ("", "before", "after", "change", "95% interval", "verdict", "cause")
    yield f"<table><tr>{''.join(f'<th>{heading}</th>' for heading in headings)}</tr>"
    for row in compared.rows:
        yield _row(row)
    yield "</table>"
    if compared.flags or compared.notes:
        yield "<ul>"
        for flag in compared.flags:
            yield f"<li{' class=serious' if flag.serious else ''}>{_safe(flag.words)}</li>"
        for note in compared.notes:
            yield f"<li>{_safe(note)}</li>"
        yield "</ul>"
    yield f"<p>{_safe(compared.method)}</p></body></html>"


def _row(row: ComparedRow) -> str:
    largest = max(abs(row.before or 0.0), abs(row.after or 0.0)) or 1.0
    cells = [
        f"<td>{_safe(row.title)}</td>",
        *(f"<td>{_safe(told(side, row.unit))}{_bar(side, largest)}</td>" for side in (row.before, row.after)),
        f"<td>{_safe(change(row))}</td>",
        f"<td>{_safe(interval(row))}</td>",
        f'<td class="{row.verdict}">{_safe(row.words)}</td>',
        f"<td>{_safe(row.cause)}</td>",
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _bar(side: float | None, largest: float) -> str:
    width = 6 * abs(side or 0.0) / largest
    return f'<span class="room"><span class="bar" style="width:{width:.2f}em"></span></span>'


def _safe(text: str) -> str:
    return escape(printable(text))
