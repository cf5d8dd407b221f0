"""The page: all of its data is data, whatever the profile calls its functions."""

import html.parser
import json
import re

from tests.workbench.measure.flame.stacks import tree_of
from workbench.measure.flame.html_page import to_html
from workbench.model.frame_tree import Place
from workbench.model.profile import Profile

HOSTILE = "</script><script>alert(1)</script><!--\"'&\x1b[2J\u2028"


class Elements(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.data = ""
        self.title = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._in_data = ("id", "data") in attrs

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] == ["script"] and self._in_data:
            self.data += data
        elif self.tags[-1:] == ["title"]:
            self.title += data


def page(profile: Profile) -> Elements:
    found = Elements()
    found.feed(to_html(profile))
    return found


def test_hostile_names_are_data() -> None:
    place = Place(HOSTILE, f"/srv/{HOSTILE}.py", 3)
    profile = Profile("samples", tree_of([((place,), 5.0)]), target=HOSTILE, warnings=(HOSTILE,))
    found = page(profile)
    assert found.tags.count("script") == 2
    assert "\x1b" not in to_html(profile)
    data = json.loads(found.data)
    assert data["places"][1][0] == HOSTILE.replace("\x1b", "␛").replace("\u2028", data["places"][1][0][-1])
    assert HOSTILE[:20] in found.title
    assert "default-src 'none'" in to_html(profile)
    assert not re.search(r"https?://", to_html(profile))


def test_what_is_too_small_to_see_is_left_out_and_counted() -> None:
    stacks = [((Place("main", "/srv/a.py", 1), Place(f"f{number}", "/srv/a.py", 1)), 1.0) for number in range(100)]
    tree = tree_of([*stacks, ((Place("main", "/srv/a.py", 1), Place("hot", "/srv/a.py", 1)), 1e6)])
    data = json.loads(page(Profile("samples", tree)).data)
    assert data["left_out"] == 100
    assert [data["places"][node[1]][0] for node in data["nodes"]] == ["all", "main", "hot"]
    assert data["nodes"][0][2] == 1_000_100
    assert data["nodes"][2][0] == 1
