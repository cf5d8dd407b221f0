"""Packages, their bytes and what each layer did to them, counted from claims."""

from __future__ import annotations  # array[int] cannot be subscripted before Python 3.12

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from workbench.measure.overlay import NONE
from workbench.model.image_index import Package, PackageChange

if TYPE_CHECKING:
    from workbench.measure.overlay import Overlay
    from workbench.measure.ownership.claims import Claims
    from workbench.measure.ownership.installed import Key
    from workbench.measure.ownership.spans import Span


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who owns what."""

    packages: tuple[Package, ...]
    """The largest first."""
    owners: array[int] = field(repr=False)
    """For every node of the overlay, its package's place in `packages`, or -1."""
    unowned_bytes: int
    """Final bytes that no package owns."""
    changes: tuple[PackageChange, ...]
    """By layer; within one, what ships or hides most first."""


class Summary:
    """Counts what was claimed."""

    def __init__(self, overlay: Overlay, claims: Claims, spans: dict[Key, list[Span]]) -> None:
        self._overlay = overlay
        self._owners = claims.owners
        self._keys = claims.keys
        self._spans = spans

    def ownership(self) -> Ownership:
        """The result."""
        sizes, files, layers = self._live()
        shipped, hidden = self._by_layer()
        last = len(self._overlay.layers)
        ranked: list[tuple[Package, int]] = []
        changes: list[PackageChange] = []
        for key, number in self._keys.items():
            spans = self._spans[key]
            touched = files[number] or any((number, layer) in shipped for layer in range(last))
            present = spans[-1] if spans[-1].until == last else None
            if present is not None:
                since = present.since if present.is_known or not layers.get(number) else _commonest(layers[number])
                if touched or not _lists_files(key):
                    again = sum(hidden.get((number, span.since), 0) for span in spans if span.upgraded_from is not None)
                    ranked.append(
                        (
                            Package(
                                key.manager,
                                key.name,
                                present.version,
                                sizes[number],
                                files[number],
                                since,
                                again,
                                key.location,
                            ),
                            number,
                        )
                    )
            if key.manager != "root" and (touched or not _lists_files(key)):
                changes.extend(self._changes(key, number, layers.get(number), shipped, hidden))
        ranked.sort(key=lambda one: (-one[0].size_bytes, one[0].manager, one[0].name, one[0].location))
        places = {number: place for place, (_, number) in enumerate(ranked)}
        owners = array("i", (places.get(number, NONE) for number in self._owners))
        return Ownership(
            tuple(package for package, _ in ranked),
            owners,
            self._overlay.final_bytes - sum(package.size_bytes for package, _ in ranked),
            tuple(
                sorted(
                    changes,
                    key=lambda one: (
                        one.layer,
                        -one.shipped_bytes - one.hidden_bytes,
                        one.manager,
                        one.name,
                        one.location,
                    ),
                )
            ),
        )

    def _changes(
        self,
        key: Key,
        number: int,
        layers: Counter[int] | None,
        shipped: dict[tuple[int, int], int],
        hidden: dict[tuple[int, int], int],
    ) -> list[PackageChange]:
        def change(
            layer: int, kind: Literal["arrived", "upgraded", "removed"], version: str, previous: str
        ) -> PackageChange:
            at = (number, layer)
            return PackageChange(
                layer,
                kind,
                key.manager,
                key.name,
                version,
                previous,
                shipped.get(at, 0),
                hidden.get(at, 0),
                key.location,
            )

        found = []
        spans = self._spans[key]
        for place, span in enumerate(spans):
            since = span.since if span.is_known or not layers else _commonest(layers)
            if span.upgraded_from is None:
                found.append(change(since, "arrived", span.version, ""))
            else:
                found.append(change(since, "upgraded", span.version, span.upgraded_from))
            followed = place + 1 < len(spans) and spans[place + 1].upgraded_from is not None
            if not followed and span.until < len(self._overlay.layers):
                found.append(change(span.until, "removed", "", span.version))
        return found

    def _live(self) -> tuple[Counter[int], Counter[int], dict[int, Counter[int]]]:
        """Bytes and files of every package, and how many of its files each layer wrote.

        Of hard links the first path with an owner counts.
        """
        overlay, owners = self._overlay, self._owners
        sizes: Counter[int] = Counter()
        files: Counter[int] = Counter()
        layers: dict[int, Counter[int]] = {}
        linked: set[tuple[int, int]] = set()
        for node, number in enumerate(owners):
            layer = overlay.body_layer[node]
            if number == NONE or layer < 0:
                continue
            files[number] += 1
            layers.setdefault(number, Counter())[layer] += 1
            if overlay.is_linked(node):
                body = (layer, overlay.body_number[node])
                if body in linked:
                    continue
                linked.add(body)
            sizes[number] += overlay.size(node)
        return sizes, files, layers

    def _by_layer(self) -> tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]]:
        """Bytes of every package that each layer ships, and those of lower layers that it hides."""
        overlay, owners = self._overlay, self._owners
        shipped: dict[tuple[int, int], int] = {}
        hidden: dict[tuple[int, int], int] = {}
        for number, layer in enumerate(overlay.layers):
            for node, size in zip(overlay.nodes_of[number], layer.sizes, strict=True):
                if size and owners[node] != NONE:
                    at = (owners[node], number)
                    shipped[at] = shipped.get(at, 0) + size
        for gone in overlay.hidden:
            if owners[gone.node] != NONE and gone.written_by < gone.hidden_by:
                at = (owners[gone.node], gone.hidden_by)
                hidden[at] = hidden.get(at, 0) + gone.size
        return shipped, hidden


def _commonest(layers: Counter[int]) -> int:
    """The layer that most files are in; of equal ones the lowest."""
    return min(layers, key=lambda layer: (-layers[layer], layer))


def _lists_files(key: Key) -> bool:
    """Whether a package without a single file of its own is another manager's package under a second name."""
    return key.manager in ("pip", "npm", "root")
