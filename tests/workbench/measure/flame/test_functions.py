"""Figures of functions, searched and classified: against stacks counted one by one."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.measure.flame.stacks import STACKS, Stacks, tree_of
from workbench.measure.flame.functions import functions_of, lines_of, neighbours
from workbench.measure.flame.origin import module, origin
from workbench.measure.flame.search import FrameSearch
from workbench.measure.flame.waits import waits
from workbench.model.frame_tree import Place


@given(STACKS)
def test_own_and_total_of_each_function(stacks: Stacks) -> None:
    own: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for stack, value in stacks:
        own[stack[-1].function] += int(value)
        total.update(dict.fromkeys({place.function for place in stack}, int(value)))
    found = functions_of(tree_of(stacks))
    assert {each.place.function: each.own for each in found} == {name: own[name] for name in total}
    assert {each.place.function: each.total for each in found} == total
    assert [each.own for each in found] == sorted((each.own for each in found), reverse=True)


@given(STACKS, st.integers(0, 5))
def test_callers_and_callees(stacks: Stacks, pick: int) -> None:
    tree = tree_of(stacks)
    chosen = tree.places[pick % len(tree.places)].function
    above: defaultdict[tuple[str, str], float] = defaultdict(float)
    beneath: defaultdict[tuple[str, str], float] = defaultdict(float)
    for stack, value in stacks:
        pairs = {(caller.function, callee.function) for caller, callee in pairwise(stack)}
        for caller, callee in pairs:
            if callee == chosen:
                above[caller] += value
            if caller == chosen:
                beneath[callee] += value
    callers, callees = neighbours(tree, chosen)
    assert {each.place.function: each.total for each in callers} == above
    assert {each.place.function: each.total for each in callees} == beneath


@given(STACKS)
def test_lines_of_a_file(stacks: Stacks) -> None:
    own: Counter[int] = Counter()
    total: Counter[int] = Counter()
    for stack, value in stacks:
        lines = {place.line for place in stack if place.file == "app.py" and place.line}
        total.update(dict.fromkeys(lines, int(value)))
        if stack[-1].line in lines and stack[-1].file == "app.py":
            own[stack[-1].line] += int(value)
    found = lines_of(tree_of(stacks), "app.py")
    assert {line: figures.total for line, figures in found.items()} == total
    assert {line: figures.own for line, figures in found.items() if figures.own} == own


@given(STACKS, st.sampled_from(["ma", "WORK", "app work", "lib.so", "zzz", "", "ö"]))
def test_a_search_counts_every_stack_once(stacks: Stacks, words: str) -> None:
    tree = tree_of(stacks)
    wanted = words.lower().split()

    def hit(place: Place) -> bool:
        text = f"{place.name}\n{place.file}".lower()
        return bool(wanted) and all(word in text for word in wanted)

    found = FrameSearch(tree).find(words)
    assert found.total == sum(value for stack, value in stacks if any(map(hit, stack)))
    assert [bool(each) for each in found.nodes] == [node > 0 and hit(tree.at(node)) for node in range(len(tree))]


@pytest.mark.parametrize(
    ("place", "expected", "package"),
    [
        (Place("f", "/srv/app/orders.py", 3), "own", "orders"),
        (Place("f", "app/orders.py", 3), "own", "app"),
        (Place("f", "/usr/lib/python3/dist-packages/requests/api.py"), "library", "requests"),
        (Place("f", "/venv/lib/python3.11/site-packages/six.py"), "library", "six"),
        (Place("f", "/usr/lib/python3.11/json/decoder.py"), "library", "json"),
        (Place("f", "json/decoder.py", 3), "library", "json"),
        (Place("f", "<frozen importlib._bootstrap>", 3), "library", "importlib"),
        (Place("f", "/venv/lib/python3.11/site-packages/numpy/core/_mul.cpython-311.so"), "native", "numpy"),
        (Place("<built-in method zlib.compress>"), "native", ""),
        (Place("0x52c180"), "native", ""),
        (Place("<module>", "<string>", 1), "own", "<string>"),
        (Place("7 python3", kind="process"), "own", ""),
    ],
)
def test_whose_code_it_is(place: Place, expected: str, package: str) -> None:
    assert origin(place) == expected
    assert module(place) == package


def test_known_waits() -> None:
    assert waits(Place("Condition.wait", "/usr/lib/python3.11/threading.py", 320))
    assert waits(Place("<built-in method time.sleep>"))
    assert not waits(Place("wait", "/srv/app/orders.py", 3))
