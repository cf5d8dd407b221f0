"""`workbench compare` as it is typed, on archives, profiles, recordings and stored runs, with no engine."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workbench.store.conftest import new_run
from workbench.cli import main
from workbench.comparison_run import read_comparison
from workbench.measure.compare.document import document
from workbench.model.runs import Metric, Sample
from workbench.places import store_file
from workbench.session import Session
from workbench.sources.demo import SESSION
from workbench.store import Store

Type = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


@pytest.fixture
def type_(capsys: pytest.CaptureFixture[str]) -> Type:
    """Run one command line: exit code, what went to stdout, what went to stderr."""

    def no_screens(session: Session) -> int:
        raise AssertionError("the screens were opened")

    def run(*argv: str) -> tuple[int, str, str]:
        code = main(argv, no_screens)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def record(levels: tuple[float, ...], label: str = "") -> list[int]:
    """A run for each level of latency."""
    with Store.open(store_file()) as store:
        ids = []
        for number, level in enumerate(levels):
            samples = tuple(Sample(level + place / 10) for place in range(6))
            size = Metric("size", "B", round(level) * 1e6, -1)
            metrics = (Metric("latency_p99", "ms", level + 0.2, -1, samples=samples), size)
            run = new_run(metrics=metrics, label=label or f"{level:.0f}", started_at=1.79e9 + number)
            ids.append(store.record_run(run))
    return ids


@pytest.fixture
def runs() -> tuple[int, int]:
    """One of four slow runs, and one of four fast ones between them."""
    first, second, *_ = record((44.0, 31.0, 44.1, 31.1, 44.2, 31.2, 44.3, 31.3))
    return first, second


def archive(path: Path, size: int) -> str:
    """An image of one layer, as `docker save` writes it."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as files:
        header = tarfile.TarInfo("app/data")
        header.size = size
        files.addfile(header, io.BytesIO(b"x" * size))
    digest = __import__("hashlib").sha256(layer.getvalue()).hexdigest()
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
            "history": [{"created_by": f"RUN make {size}"}],
        }
    ).encode()
    manifest = json.dumps([{"Config": "config.json", "RepoTags": [f"{path.stem}:1"], "Layers": ["layer.tar"]}]).encode()
    with tarfile.open(path, "w") as packed:
        for name, body in (("layer.tar", layer.getvalue()), ("config.json", config), ("manifest.json", manifest)):
            header = tarfile.TarInfo(name)
            header.size = len(body)
            packed.addfile(header, io.BytesIO(body))
    return str(path)


def test_two_runs_as_a_table_and_as_json(type_: Type, runs: tuple[int, int]) -> None:
    code, out, _ = type_("compare", str(runs[0]), str(runs[1]))
    assert code == 0
    assert "44, runs 1, 3, 5, 7" in out
    assert "better" in out
    code, out, _ = type_("compare", f"run:{runs[0]}", f"run:{runs[1]}", "--json")
    document = json.loads(out)
    assert (code, document["schema"], document["kind"]) == (0, 1, "runs")
    rows = {row["metric"]: row for row in document["rows"]}
    latency = rows["latency_p99"]
    assert latency.keys() >= {"metric", "unit", "before", "after", "change", "interval", "p", "n", "verdict", "cause"}
    assert (latency["verdict"], latency["unit"], latency["n"], latency["change_unit"]) == ("better", "ms", 4, "%")
    assert latency["interval"][0] < latency["change"] < latency["interval"][1] < 0
    assert (rows["size"]["interval"], rows["size"]["p"], rows["size"]["how"]) == (None, None, "exact")


def test_one_run_on_each_side_is_no_verdict_on_a_timing(type_: Type) -> None:
    before, after, third = record((44.0, 31.0, 31.1), label="100/s")
    code, out, _ = type_("compare", str(before), str(after), "--json")
    document = json.loads(out)
    latency, size = document["rows"]
    assert (code, latency["verdict"], latency["p"], latency["within_run"]) == (0, "inconclusive", None, True)
    assert latency["interval"][0] < latency["change"] < latency["interval"][1] < 0
    assert (size["verdict"], size["within_run"]) == ("better", False)
    assert document["flags"][0]["kind"] == "repeats"
    _, out, _ = type_("compare", str(before), str(after))
    assert "inconclusive: one run on each side" in out
    assert "▲ one run on each side: the machine may have changed; repeat, interleaved" in out
    code, _, err = type_("compare", str(after), str(before), "--fail-on", "p99>+10%")
    assert (code, "unknown p99>+10%" in err) == (4, True), "no telling is no pass"
    code, _, err = type_("compare", f"{before},{third}", f"{after},{third}")
    assert (code, f"run {third} is on both sides" in err) == (2, True)


def test_several_runs_named_are_the_repeats(type_: Type) -> None:
    ids = record((44.0, 31.0, 44.1, 31.1, 44.2, 31.2, 44.3, 31.3), label="100/s")
    before, after = (",".join(map(str, side)) for side in (ids[::2], ids[1::2]))
    _, out, _ = type_("compare", before, f"run:{after}", "--json")
    document = json.loads(out)
    assert document["rows"][0]["verdict"] == "better"
    assert not [flag for flag in document["flags"] if flag["kind"] == "repeats"]
    early, late = (",".join(map(str, side)) for side in (ids[:4], ids[4:]))
    _, out, _ = type_("compare", early, late)
    assert "one side was measured before the other" in out


def test_gates_decide_the_exit_code(type_: Type, runs: tuple[int, int]) -> None:
    before, after = str(runs[0]), str(runs[1])
    code, _, err = type_("compare", after, before, "--fail-on", "p99>+10%", "size>+50MB")
    assert code == 1
    assert "fail    p99>+10%" in err
    assert "pass    size>+50MB" in err
    assert type_("compare", before, after, "--fail-on", "p99>+10%")[0] == 0
    code, out, _ = type_("compare", after, before, "--fail-on", "p99>+10%", "--fail-on", "size>1GB", "--json")
    assert code == 1
    assert [gate["status"] for gate in json.loads(out)["gates"]] == ["fail", "pass"]
    code, out, err = type_("compare", before, after, "--fail-on", "speed>+10%")
    assert (code, "there is no such figure" in err) == (2, True)
    assert type_("compare", before, after, "--fail-on", "bogus")[0] == 2


def test_markdown_and_html_hold_the_same_verdicts(type_: Type, runs: tuple[int, int]) -> None:
    _, markdown, _ = type_("compare", str(runs[0]), str(runs[1]), "--markdown")
    assert "| latency p99 | 44.4 ms | 31.4 ms |" in markdown
    assert "**better**" in markdown
    _, html, _ = type_("compare", str(runs[0]), str(runs[1]), "--html")
    assert html.startswith("<!doctype html>")
    assert '<td class="better">better</td>' in html
    assert type_("compare", "1", "2", "--html", "--json")[0] == 2


def test_html_escapes_what_is_foreign(type_: Type) -> None:
    with Store.open(store_file()) as store:
        for _ in range(2):
            store.record_run(new_run(label="<script>alert(1)</script>\x1b[31m"))
    _, html, _ = type_("compare", "1", "2", "--html")
    assert "<script>" not in html
    assert "\x1b" not in html


def test_two_archives_are_images(type_: Type, tmp_path: Path) -> None:
    fat, slim = archive(tmp_path / "fat.tar", 3_000_000), archive(tmp_path / "slim.tar", 1_000_000)
    code, out, _ = type_("compare", fat, slim, "--json", "--fail-on", "size>+1%")
    document = json.loads(out)
    size = next(row for row in document["rows"] if row["metric"] == "size")
    assert (code, size["before"], size["after"], size["verdict"]) == (0, 3e6, 1e6, "better")
    assert "RUN make" in size["cause"]
    assert type_("compare", slim, fat, "--fail-on", "size>+1%")[0] == 1


def test_two_profiles_and_two_recordings(type_: Type, tmp_path: Path) -> None:
    before, after = tmp_path / "before.txt", tmp_path / "after.txt"
    before.write_text("main;slow 600\nmain;other 400\n")
    after.write_text("main;slow 100\nmain;other 900\n")
    code, out, _ = type_("compare", str(before), str(after))
    assert code == 0
    assert "−50 pts" in out
    code, out, _ = type_("compare", str(SESSION), str(SESSION), "--container", "shop-api-1", "--json")
    assert (code, json.loads(out)["kind"]) == (0, "windows")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("1", "api:1.5"), "1 is a run, api:1.5 an image"),
        (("run:x", "run:2"), "x is no run's number"),
        (("1", "2"), "there is no run 1"),
        (("1,2", "3,4"), "there is no run 1"),
        (("0,2", "3"), "0,2 is no run's number"),
        (("1", ""), "there is nothing to compare"),
        (("1", "2", "--container", "api"), "--container goes with"),
        (("bundle:nothing.ndjson", "bundle:nothing.ndjson"), "nothing.ndjson"),
        (("profile:nothing", "profile:nothing"), "cannot be read"),
    ],
)
def test_what_cannot_be_compared_says_why(type_: Type, argv: tuple[str, ...], words: str) -> None:
    code, out, err = type_("compare", *argv)
    assert code in (2, 3)
    assert words in err
    assert out == ""
    assert not store_file().exists(), "a question makes no store"


def test_runs_are_labelled_pinned_exported_and_imported(
    type_: Type, runs: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert type_("runs", "label", "1", "baseline")[0] == 0
    assert type_("runs", "note", "1", "quiet box")[0] == 0
    assert type_("runs", "pin", "1", "2")[0] == 0
    assert type_("runs", "unpin", "2")[0] == 0
    listed = json.loads(type_("runs", "--json")[1])["runs"]
    first = next(run for run in listed if run["id"] == 1)
    assert (first["label"], first["note"], first["pinned"]) == ("baseline", "quiet box", True)
    file = str(tmp_path / "runs.wbrun")
    assert type_("runs", "export", "1", "2", "-o", file)[0] == 0
    assert "is there already" in type_("runs", "export", "1", "-o", file)[2]
    assert "2 here already" in type_("runs", "import", file)[2]
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "there"))
    assert type_("runs", "import", file)[0] == 0
    assert len(json.loads(type_("runs", "--json")[1])["runs"]) == 2
    code, _, err = type_("runs", "label", "9", "x")
    assert (code, "there is no run 9" in err) == (2, True)


def test_images_and_comparisons_are_kept_as_runs(type_: Type, tmp_path: Path) -> None:
    fat, slim = archive(tmp_path / "fat.tar", 3_000_000), archive(tmp_path / "slim.tar", 1_000_000)
    _, _, err = type_("compare", fat, slim)
    assert "kept as run 3" in err
    assert type_("image", fat)[0] == 0
    with Store.open(store_file()) as store:
        runs = sorted(store.runs(), key=lambda run: -run.id)
        assert [(run.id, run.kind, run.target.name) for run in runs] == [
            (3, "comparison", "slim:1"),
            (2, "image", "slim:1"),
            (1, "image", "fat:1"),
        ], "an image that is as it was is not kept twice"
    kept = read_comparison(3)
    assert (kept.rows[0].metric, kept.rows[0].verdict) == ("size", "better")
    shown = json.loads(type_("compare", fat, slim, "--json")[1])
    assert json.loads(json.dumps(document(kept))) == shown, "read back it says the same"
    assert type_("compare", "1", "2", "--json")[0] == 0
