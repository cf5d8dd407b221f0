"""A profile as one page of HTML that needs nothing else: a flame graph with zoom and search."""

import html
import json
from pathlib import Path

from workbench.measure.flame.origin import origin
from workbench.measure.flame.transform import by_function, few_threads, left_heavy, without_threads
from workbench.measure.flame.words import amount
from workbench.measure.text import printable
from workbench.model.frame_tree import FrameTree
from workbench.model.profile import Profile

_TEMPLATE = Path(__file__).with_name("html_page.html")
LEAST_SHARE = 1 / 5000
"""Of the whole: a smaller frame is narrower than half a pixel on any screen, and left out."""


def to_html(profile: Profile) -> str:
    """Write the page. Names from the profile are data in it, never markup or code."""
    tree = profile.tree if few_threads(profile.tree) else without_threads(profile.tree)
    tree = left_heavy(by_function(tree) if profile.line_is == "ran" else tree)
    heading = f"{profile.target or 'profile'} · {profile.profiler} · {amount(tree.total[0], profile.unit)}"
    page = _TEMPLATE.read_text(encoding="utf-8")
    page = page.replace("{{title}}", html.escape(printable(heading)))
    # Within a script element only "</" and "<!--" could end it: no "<" is left in the data.
    data = json.dumps(_data(tree, profile), ensure_ascii=True, separators=(",", ":"))
    return page.replace("{{data}}", data.replace("<", "\\u003c").replace("&", "\\u0026"))


def _data(tree: FrameTree, profile: Profile) -> dict[str, object]:
    least = tree.total[0] * LEAST_SHARE
    numbers: dict[int, int] = {0: 0}
    places: dict[int, int] = {}
    nodes: list[list[float]] = []
    for node in range(len(tree)):
        if node and (tree.total[node] < least or tree.parent[node] not in numbers):
            continue
        numbers[node] = len(nodes)
        place = places.setdefault(tree.place[node], len(places))
        above = numbers[tree.parent[node]] if node else -1
        nodes.append([above, place, _short(tree.total[node]), _short(tree.own[node])])
    shown = [tree.places[place] for place in places]
    looks = [origin(place) if place.kind == "code" else "outer" for place in shown]
    return {
        "unit": profile.unit,
        "left_out": len(tree) - len(nodes),
        "places": [
            [printable(place.name), printable(place.file), place.line, look]
            for place, look in zip(shown, looks, strict=True)
        ],
        "nodes": nodes,
        "warnings": [printable(words) for words in profile.warnings],
    }


def _short(value: float) -> float:
    return int(value) if value == int(value) else float(f"{value:.6g}")
