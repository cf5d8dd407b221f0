"""Finding paths by a part of their names, against looking at every one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbench.measure.layer_building import file, folder, layers
from workbench.measure.name_search import NameSearch
from workbench.measure.overlay import stack

OVERLAY = stack(
    layers([folder("usr"), file("usr/Lib.py", 1), file("usr/lib/libc.so", 1), file("App/lib\nx", 1), file("ä/İx", 1)])
)
SEARCH = NameSearch(OVERLAY)


def found(words: str, most: int | None = None) -> list[str]:
    return [OVERLAY.path(node) for node in SEARCH.find(words, most)]


def test_capital_letters_make_no_difference() -> None:
    assert found("LIB") == ["usr/Lib.py", "usr/lib", "usr/lib/libc.so", "App/lib\nx"]
    assert found("lib.") == ["usr/Lib.py"]


def test_a_slash_asks_the_path() -> None:
    assert found("lib/lib") == ["usr/lib/libc.so"]
    assert found("usr/l") == ["usr/Lib.py", "usr/lib"]
    assert found("/usr/lib/") == ["usr/lib"] or "usr/lib" in found("usr/lib/")


def test_nothing_and_line_ends_find_nothing() -> None:
    assert found("") == []
    assert found("\n") == []
    assert found("no such") == []


def test_it_stops_at_so_many() -> None:
    assert len(found("i", 2)) == 2


def test_it_stops_at_so_many_that_are_where_the_path_says() -> None:
    names = [f"many/lib{number}" for number in range(20)]
    overlay = stack(layers([*(file(name, 1) for name in names), file("one/lib", 1), file("one/other", 1)]))
    assert [overlay.path(node) for node in NameSearch(overlay).find("one/lib", 1)] == ["one/lib"]
    assert [overlay.path(node) for node in NameSearch(overlay).find("y/LIB1", 2)] == ["many/lib1", "many/lib10"]


NAMES = st.characters(exclude_characters="/\0\n", exclude_categories=["Cs"])
"""What a name may hold; an undecodable byte has tests of its own."""


@settings(deadline=None)
@given(
    st.lists(st.text(NAMES, min_size=1, max_size=6), min_size=1, max_size=12),
    st.text(NAMES, min_size=1, max_size=3),
)
def test_it_finds_what_looking_at_every_name_finds(names: list[str], words: str) -> None:
    overlay = stack(layers([file(name, 1) for name in names]))
    wanted = [node for node, name in enumerate(overlay.names) if words.lower() in name.lower()]
    assert list(NameSearch(overlay).find(words)) == wanted


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.text("aB", max_size=2), st.text("aB", min_size=1, max_size=3)), min_size=1, max_size=12),
    st.text("ab", max_size=3),
    st.text("aB", min_size=1, max_size=2),
)
def test_with_a_slash_it_finds_what_looking_at_every_path_finds(
    files: list[tuple[str, str]], folder: str, start: str
) -> None:
    paths = {f"{above}-/{name}" if above else name for above, name in files}
    overlay = stack(layers([file(path, 1) for path in sorted(paths)]))
    words = f"{folder}-/{start}" if folder else f"/{start}"
    wanted = []
    for node in range(1, len(overlay.names)):
        above, _, name = f"/{overlay.path(node)}".lower().rpartition("/")
        if name.startswith(start.lower()) and above.endswith(words.lower().rpartition("/")[0]):
            wanted.append(node)
    assert list(NameSearch(overlay).find(words)) == wanted
