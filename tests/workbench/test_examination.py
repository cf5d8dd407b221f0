"""An image is worked out once; after that only what has changed is."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.workbench.checks.images import It, Step, image
from workbench import checks, examination
from workbench.errors import WorkbenchError
from workbench.examination import examine
from workbench.model.acquired import AcquiredImage
from workbench.sources.analysis_cache import AnalysisCache

KEY = b"-----BEGIN OPENSSH PRIVATE KEY-----\n"


class Files:
    """The content of files by their paths; others cannot be read."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self.contents = contents
        self.asked: list[str] = []

    def read_file(self, layer: int, path: str, limit: int) -> bytes:
        self.asked.append(path)
        assert layer == 0
        if path not in self.contents:
            raise WorkbenchError("the engine is away", "wait")
        return self.contents[path][:limit]

    def chunks(self, layer: int, path: str) -> Iterator[bytes]:
        yield self.read_file(layer, path, 1 << 30)

    def close(self) -> None:
        pass


def acquired(contents: Mapping[str, bytes], user: str = "app") -> AcquiredImage:
    analysis = image(
        Step("ADD rootfs /", {"srv/api.pem": 400, "srv/wheel.whl": 5_000_000}),
        Step("RUN rm", {"srv/again": It(7_000_000, "x"), "srv/copy": It(7_000_000, "x")}),
        user=user,
    )
    return AcquiredImage(analysis.index, analysis.contents, Files(contents))


@pytest.fixture
def cache(tmp_path: Path) -> AnalysisCache:
    return AnalysisCache(tmp_path)


def never(*_: object) -> None:
    raise AssertionError("it was worked out again")


def test_the_second_time_nothing_is_worked_out(cache: AnalysisCache, monkeypatch: pytest.MonkeyPatch) -> None:
    first = examine(acquired({"srv/api.pem": KEY}), cache=cache)
    assert [one.severity for one in first.findings if one.check == "secret_files"] == ["high"]
    monkeypatch.setattr(examination, "work_out", never)
    monkeypatch.setattr(checks, "look", never)
    again = acquired({})
    assert examine(again, cache=cache) == first
    assert isinstance(again.files, Files)
    assert again.files.asked == []


def test_what_could_not_be_read_is_asked_for_again(cache: AnalysisCache, monkeypatch: pytest.MonkeyPatch) -> None:
    first = examine(acquired({}), cache=cache)
    assert not [one for one in first.findings if one.check == "secret_files"]
    monkeypatch.setattr(examination, "work_out", never)
    second = examine(acquired({"srv/api.pem": KEY}), cache=cache)
    assert [one.severity for one in second.findings if one.check == "secret_files"] == ["high"]


def test_another_configuration_is_checked_anew(cache: AnalysisCache, monkeypatch: pytest.MonkeyPatch) -> None:
    examine(acquired({"srv/api.pem": KEY}), cache=cache)
    monkeypatch.setattr(examination, "work_out", never)
    as_root = examine(acquired({"srv/api.pem": KEY}, user=""), cache=cache)
    assert [one for one in as_root.findings if one.check == "root_user"]


def test_where_it_came_from_is_told_anew(cache: AnalysisCache) -> None:
    first = acquired({"srv/api.pem": KEY})
    examine(first, cache=cache)
    again = replace(first, index=replace(first.index, acquired_via="cache", layers_from_cache=2))
    told = examine(again, cache=cache).analysis.index
    assert (told.acquired_via, told.layers_from_cache) == ("cache", 2)
