"""An independent oracle: layers applied to a plain dict, one entry at a time, every total counted anew each time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Body = tuple[int, int]


@dataclass
class Outcome:
    shipped: int = 0
    final: int = 0
    removed: int = 0
    overwritten: int = 0
    copied_up: int = 0
    layers: list[tuple[int, int, int]] = field(default_factory=list)
    """Shipped, contribution, hidden."""
    hidden: dict[Body, tuple[frozenset[str], int, str, int, int]] = field(default_factory=dict)
    """Body -> the paths it last had, size, kind, written by, hidden by."""
    tree: dict[str, tuple[str, Any]] = field(default_factory=dict)


def apply(layers: list[list[tuple[Any, ...]]]) -> Outcome:
    """Layers of (kind letter, path, size, content, link), base first."""
    tree: dict[str, tuple[str, Any]] = {"": ("d", None)}
    sizes: dict[Body, int] = {}
    contents: dict[Body, Any] = {}
    outcome = Outcome()

    def visible() -> set[Body]:
        return {what for kind, what in tree.values() if kind == "f" and what is not None}

    def below(path: str) -> list[str]:
        return [other for other in tree if other != path and (path == "" or other.startswith(path + "/"))]

    def delete(paths: list[str]) -> None:
        for other in paths:
            del tree[other]

    def note(before: dict[str, tuple[str, Any]], kind: str, layer: int) -> None:
        now = visible()
        for what in {what for k, what in before.values() if k == "f" and what is not None} - now:
            paths = frozenset(path for path, (k, w) in before.items() if k == "f" and w == what)
            if sizes[what]:
                outcome.hidden[what] = (paths, sizes[what], kind, what[0], layer)

    for number, layer in enumerate(layers):
        start = sum(sizes[body] for body in visible())
        for kind, path, *_ in layer:
            before = dict(tree)
            if kind == "w" and path:
                delete([*below(path), *([path] if path in tree else [])])
            elif kind == "o":
                delete(below(path))
            note(before, "removed", number)
        for place, (kind, path, size, content, link) in enumerate(layer):
            if kind in "wo":
                continue
            if kind == "f":
                sizes[number, place] = size
                contents[number, place] = content
            if path == "":
                if kind == "f" and size:
                    outcome.hidden[number, place] = (frozenset({""}), size, "overwritten", number, number)
                continue
            parts = path.split("/")
            for depth in range(1, len(parts)):
                parent = "/".join(parts[:depth])
                before = dict(tree)
                if tree.get(parent, ("", None))[0] != "d":
                    tree[parent] = ("d", None)
                note(before, "overwritten", number)
            before = dict(tree)
            if kind == "d":
                if tree.get(path, ("", None))[0] != "d":
                    tree[path] = ("d", None)
                note(before, "overwritten", number)
                continue
            delete(below(path))
            note(before, "removed", number)
            before = dict(tree)
            body: Body | None = None
            if kind == "f":
                body = (number, place)
            elif kind == "h":
                target = tree.get(link)
                body = target[1] if target is not None and target[0] == "f" else None
            old = tree.get(path)
            tree[path] = ("f", body) if kind in "fh" else (kind, link)
            same = (
                old is not None
                and old[0] == "f"
                and old[1] is not None
                and body is not None
                and (sizes[old[1]], contents[old[1]]) == (sizes[body], contents[body])
            )
            note(before, "copied_up" if same else "overwritten", number)
        end = sum(sizes[body] for body in visible())
        outcome.layers.append((sum(entry[2] for entry in layer if entry[0] == "f"), end - start, 0))
    outcome.layers = [
        (shipped, gain, sum(h[1] for h in outcome.hidden.values() if h[3] == number))
        for number, (shipped, gain, _) in enumerate(outcome.layers)
    ]
    outcome.shipped = sum(layer[0] for layer in outcome.layers)
    outcome.final = sum(sizes[body] for body in visible())
    for _, size, kind, _, _ in outcome.hidden.values():
        setattr(outcome, kind, getattr(outcome, kind) + size)
    outcome.tree = tree
    return outcome
