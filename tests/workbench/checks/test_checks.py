"""What every check has, whatever it looks for; a new one is tested here the day it exists."""

import inspect
import json
import pkgutil
from collections.abc import Iterator

import pytest

from tests.workbench.checks.images import MB, It, Step, emptied, folder, gone, image, linked, pointing
from workbench import checks
from workbench.checks import image as modules
from workbench.checks import load, look, names
from workbench.checks.reclaimable import body_bytes, reclaimable
from workbench.measure.analysis import ImageAnalysis
from workbench.model.image_index import ImageFinding

NASTY = "\x1b]0;own\x07\n[red]"


def hostile() -> ImageAnalysis:
    """Names, links and instructions that nobody writes in good faith, in every place a check looks at."""
    deep = "/".join(["d"] * 3000)
    places = (
        "var/lib/apt/lists",
        "var/cache/apt",
        "root/.cache/pip",
        ".cache/uv",
        "c/pkgs",
        "u/site-packages/torch/lib",
        "u/site-packages/nvidia",
        "usr/local/cuda-99999999999999999999999999.1",
        "tmp",
        "x/.git",
        "x/__pycache__",
    )
    files: dict[str, It | int] = {f"{place}/{NASTY}\udcff.whl": 20 * MB for place in places}
    files |= {f"{place}/{NASTY}.pyc": It(3, mode=0o7777) for place in places}
    files |= {
        deep: 5 * MB,
        "var/lib/dpkg/status": 10,
        "var/lib/dpkg/info/gcc.list": 10,
        "a/site-packages/x-1.dist-info/RECORD": 10,
        "opt/.env": 1,
        "opt/id_rsa": It(2**63, "vast"),
        "site-packages": pointing("site-packages"),
        "dist-packages": 7 * MB,
        "usr/local/cuda": pointing("/"),
        ".git": linked("nowhere"),
        "pyvenv.cfg": 3 * MB,
    }
    junk = {"var/lib/dpkg/status": b"\xff\0Package: \n" * 9, "var/lib/dpkg/info/gcc.list": b"/\n/..\n//\xff\n"}
    again: dict[str, It | int] = {path: folder() for path in list(files)[:5]}
    again |= {path: It(20 * MB, "same") for path in list(files)[5:9]}
    again |= {"u": emptied(), "never/there": gone(), "opt/id_rsa": gone()}
    return image(
        Step(f"COPY . {NASTY}", files, junk),
        Step("RUN " + "apt " * 2000 + "install" + " -" * 500, again),
        Step("RUN pip install " + "x" * 8000, None),
        Step("", {}),
        environment={"API_KEY": "••••••", NASTY: NASTY, "": ""},
        user=f"0:{NASTY}",
        references=(NASTY, ":latest", ""),
        ports=(NASTY,),
        labels={"password": "••••••"},
        healthcheck=False,
    )


def subjects() -> Iterator[ImageAnalysis]:
    yield image()
    yield image({})
    yield image({}, {"a": 1}, {"a": gone()})
    yield hostile()


def test_names_are_told_without_importing() -> None:
    assert list(names()) == sorted(module.name for module in pkgutil.iter_modules(modules.__path__))
    assert len(names()) > 30


@pytest.mark.parametrize("name", names())
def test_a_check_tells_its_name_and_its_help(name: str) -> None:
    check = load(name)
    assert check.name == name
    assert check.title
    assert not check.title.endswith(".")
    help_ = inspect.getdoc(type(check)) or ""
    assert len(help_) > 60


@pytest.mark.parametrize("name", names())
def test_what_a_check_finds_is_complete(name: str) -> None:
    for analysis in subjects():
        for finding in load(name).look(analysis):
            overlay = analysis.overlay
            assert finding.check == name
            assert finding.severity in ("high", "medium", "low", "info")
            assert finding.message
            assert not finding.message.endswith(".")
            assert finding.fix
            assert len(finding.paths) <= 50
            assert len(set(finding.nodes)) == len(finding.nodes)
            assert len(set(finding.hidden)) == len(finding.hidden)
            assert finding.reclaimable_bytes == body_bytes(overlay, finding.nodes, finding.hidden)
            assert all(overlay.body_layer[node] >= 0 for node in finding.nodes)
            assert finding.layer is None or 0 <= finding.layer < len(overlay.layers)
            assert "hunter2" not in repr(finding)


def test_an_empty_image_costs_nothing() -> None:
    assert reclaimable(image(), look(image())) == 0


def test_the_reclaimable_total_is_never_more_than_what_ships() -> None:
    for analysis in subjects():
        found = look(analysis)
        assert reclaimable(analysis, found) <= analysis.bytes.shipped
        assert reclaimable(analysis, found) <= sum(finding.reclaimable_bytes for finding in found)


def test_what_two_findings_count_is_reclaimed_once() -> None:
    wheel = "root/.cache/pip/torch.whl"
    analysis = image({wheel: 50 * MB, "opt/copy.bin": 7}, {wheel: gone()})
    found = look(analysis)
    assert {finding.check for finding in found if finding.reclaimable_bytes} == {"pip_cache", "removed_later"}
    assert [finding.reclaimable_bytes for finding in found[:2]] == [50 * MB, 50 * MB]
    assert reclaimable(analysis, found) == 50 * MB


def test_live_and_hidden_copies_of_one_path_both_count() -> None:
    path = "var/lib/apt/lists/one"
    analysis = image({path: 2 * MB}, {path: 3 * MB})
    found = [finding for finding in look(analysis) if finding.check == "apt_lists"]
    assert [finding.reclaimable_bytes for finding in found] == [3 * MB, 2 * MB]
    assert reclaimable(analysis, look(analysis)) == 5 * MB


def test_a_body_with_a_path_elsewhere_would_stay_and_is_not_counted() -> None:
    pair = {"opt/conda/conda-meta/history": 1, "opt/conda/pkgs/a/lib.so": 9 * MB, "opt/conda/pkgs/b.conda": 4 * MB}
    (found,) = load("conda_packages").look(image(pair | {"opt/conda/lib.so": linked("opt/conda/pkgs/a/lib.so")}))
    assert found.reclaimable_bytes == 4 * MB
    (found,) = load("conda_packages").look(image(pair | {"opt/conda/pkgs/z.so": linked("opt/conda/pkgs/a/lib.so")}))
    assert found.reclaimable_bytes == 13 * MB


def test_the_most_severe_comes_first_and_then_the_largest() -> None:
    found = look(hostile())
    order = {"high": 0, "medium": 1, "low": 2, "info": 3}
    assert list(found) == sorted(found, key=lambda finding: (order[finding.severity], -finding.reclaimable_bytes))


def test_a_check_that_fails_is_a_finding_and_the_others_are_told() -> None:
    class Broken:
        name = "broken"
        title = "never works"

        def look(self, analysis: ImageAnalysis) -> Iterator[ImageFinding]:
            raise ZeroDivisionError(analysis.index.acquired_via)

    found = look(image({"a": 1}, user=""), [Broken(), checks.load("root_user")])
    assert [finding.check for finding in found] == ["root_user", "broken"]
    assert "ZeroDivisionError" in found[1].message


def test_findings_can_be_written_as_json_but_for_the_paths_of_no_encoding() -> None:
    for finding in look(hostile()):
        json.dumps([finding.message, finding.fix, finding.instruction])
