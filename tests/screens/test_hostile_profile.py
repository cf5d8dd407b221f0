"""A profile whose names are hostile, on the screen: nothing steers the terminal, nothing becomes markup."""

import cProfile
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from tests.live.hostile import NAMES
from tests.screens.test_profile import profiled, shown
from workbench.measure.flame.collapsed import from_collapsed
from workbench.model.profile import Profile
from workbench.profile_files import parse_profile

SIZES = [(80, 24), (120, 40), (200, 50)]


def sampled() -> Profile:
    """As py-spy's stacks have it."""
    frames = [f"{name} (/srv/{name}.py:3)".replace(";", ":").replace("\n", " ") for name in NAMES.values()]
    lines = [";".join(frames[: depth + 1]) + " 50" for depth in range(len(frames))]
    return Profile("samples", from_collapsed("\n".join(lines)), "py-spy", "sidecar", "api", samples=450)


def counted(folder: Path) -> Profile:
    """As cProfile writes it."""
    calls: list[Any] = []
    for name in NAMES.values():
        made: dict[str, Any] = {}
        exec("def f(below):\n    return below and below[0](below[1:])", made)
        code = made["f"].__code__.replace(co_name=name, co_filename="/srv/" + name.replace("\0", "") + ".py")
        made["f"].__code__ = code
        calls.append(made["f"])
    profiler = cProfile.Profile()
    profiler.runcall(calls[0], calls[1:])
    profiler.dump_stats(folder / "x.pstats")
    return parse_profile((folder / "x.pstats").read_bytes(), "api")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("made_by", ["py-spy", "cprofile"])
async def test_names_are_shown_and_steer_nothing(size: tuple[int, int], made_by: str, tmp_path: Path) -> None:
    profile = sampled() if made_by == "py-spy" else counted(tmp_path)
    async with profiled(profile, size=size) as open_desk:
        for keys in (("down",) * 9, ("t",), ("s",), ("enter",), ("escape", "slash")):
            await open_desk.press(*keys)
            text = open_desk.text
            assert {unicodedata.category(char) for char in text.replace("\n", "")}.isdisjoint({"Cc", "Cf", "Cs"})
            assert all(len(line) <= size[0] for line in open_desk.lines)
        await open_desk.type("[bold")
        assert "[bold red]markup[/]" in open_desk.text
        assert shown(open_desk)
