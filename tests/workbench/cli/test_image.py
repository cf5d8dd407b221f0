"""`workbench image` as it is typed, on archives made here, with no engine."""

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from workbench.cli import main
from workbench.session import Session

ATTESTED = Path(__file__).parents[1] / "sources/image/provenance/docker-save.tar.gz"
"""Its Dockerfile's lines are told by its provenance."""
Type = Callable[..., tuple[int, str, str]]
Body = bytes | str | None
"""Content; a symbolic link's target after `->`; a hard link's after `=>`; `None` for a directory."""

BASE: Mapping[str, Body] = {
    "etc/": None,
    "etc/os-release": b"ID=x\n",
    "lib/big": b"b" * 300_000,
    "lib/old": b"o" * 200_000,
}
APP: Mapping[str, Body] = {
    "app/wheel.whl": b"w" * 150_000,
    "lib/big": b"c" * 100_000,
    "lib/.wh.old": b"",
    "app/copy": b"c" * 100_000,
    "app/hard": "=>app/copy",
    "app/soft": "->copy",
    "app/\x1b[31m\nred": b"x",
}
CLEAN: Mapping[str, Body] = {"app/.wh.wheel.whl": b""}
SHIPPED = (5 + 300_000 + 200_000) + (150_000 + 100_000 + 100_000 + 1)
FINAL = 5 + 100_000 + 100_000 + 1


def tar(files: Mapping[str, Body]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, body in files.items():
            header = tarfile.TarInfo(name)
            header.mode = 0o755 if body is None else 0o644
            if body is None:
                header.type = tarfile.DIRTYPE
            elif isinstance(body, str):
                header.type = tarfile.SYMTYPE if body.startswith("->") else tarfile.LNKTYPE
                header.linkname = body[2:]
            else:
                header.size = len(body)
            archive.addfile(header, io.BytesIO(body) if isinstance(body, bytes) else None)
    return buffer.getvalue()


def saved(
    path: Path, *layers: Mapping[str, Body], tag: str = "shop/api:1.4", steps: tuple[str, ...] = (), **run: Any
) -> Path:
    """What `docker save` writes of an image with these layers."""
    tars = [tar(layer) for layer in layers]
    told = steps or tuple(f"COPY part{number} /" for number in range(len(layers)))
    configuration = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Env": ["PATH=/bin", "DB_PASSWORD=hunter2"], "User": "app", "Cmd": ["run"], **run},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(body).hexdigest()}" for body in tars]},
            "history": [
                *({"created_by": step} for step in told),
                {"created_by": "CMD [run]", "empty_layer": True},
            ],
        }
    ).encode()
    name = f"{hashlib.sha256(configuration).hexdigest()}.json"
    manifest = [{"Config": name, "RepoTags": [tag], "Layers": [f"{n}/layer.tar" for n in range(len(tars))]}]
    with tarfile.open(path, "w") as archive:
        for member, body in (
            *((f"{n}/layer.tar", body) for n, body in enumerate(tars)),
            (name, configuration),
            ("manifest.json", json.dumps(manifest).encode()),
        ):
            header = tarfile.TarInfo(member)
            header.size = len(body)
            archive.addfile(header, io.BytesIO(body))
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of its own, with a user's directories of its own and no engine in reach."""
    for name in ("CONFIG", "CACHE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / f"user-{name}"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no-engine.sock")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


@pytest.fixture
def image(here: Path) -> Path:
    return saved(here / "image.tar", BASE, APP, CLEAN, steps=("ADD rootfs /", "COPY . /app", "RUN rm app/wheel.whl"))


@pytest.fixture
def type_(capsys: pytest.CaptureFixture[str]) -> Type:
    """Run one command line: exit code, what went to stdout, what went to stderr."""

    def no_screens(session: Session) -> int:
        raise AssertionError("image opens no screens")

    def run(*words: str | Path, before: tuple[str, ...] = ()) -> tuple[int, str, str]:
        code = main([*before, "image", *map(str, words)], no_screens)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_the_json_has_every_figure(type_: Type, image: Path) -> None:
    code, out, err = type_(image, "--json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert (told["schema"], told["reference"], told["acquired_via"]) == (1, "shop/api:1.4", "archive")
    assert told["image_id"].startswith("sha256:")
    assert told["bytes"] == {
        "shipped": SHIPPED,
        "final": FINAL,
        "hidden": 650_000,
        "removed": 350_000,
        "overwritten": 300_000,
        "copied_up": 0,
        "duplicate": 100_000,
        "wasted": 750_000,
        "reclaimable": told["bytes"]["reclaimable"],
    }
    assert told["efficiency"] == FINAL / SHIPPED
    assert [
        (row["index"], row["instruction"], row["shipped"], row["contribution"], row["hidden"], row["entries"])
        for row in told["layers"]
    ] == [
        (0, "ADD rootfs /", 500_005, 500_005, 500_000, 4),
        (1, "COPY . /app", 350_001, -149_999, 150_000, 7),
        (2, "RUN rm app/wheel.whl", 0, -150_000, 0, 1),
    ]
    assert all(row["diff_id"].startswith("sha256:") and isinstance(row["base"], bool) for row in told["layers"])
    assert told["wasted_paths"] == [
        {"path": "lib/big", "bytes": 300_000, "kind": "overwritten", "written_by": 0, "hidden_by": 1},
        {"path": "lib/old", "bytes": 200_000, "kind": "removed", "written_by": 0, "hidden_by": 1},
        {"path": "app/wheel.whl", "bytes": 150_000, "kind": "removed", "written_by": 1, "hidden_by": 2},
    ]
    (group,) = told["duplicates"]
    assert (group["bytes"], group["size"], sorted(group["paths"])) == (100_000, 100_000, ["app/copy", "lib/big"])
    assert told["packages"] == []
    assert told["unowned_bytes"] == FINAL
    assert "files" not in told
    for found in told["findings"]:
        assert found.keys() == {"check", "severity", "bytes", "layer", "instruction", "paths", "message", "fix"}
    by_check = {found["check"]: found for found in told["findings"]}
    assert [found["bytes"] for found in told["findings"] if found["check"] == "removed_later"] == [200_000, 150_000]
    assert by_check["wheels"]["layer"] == 1
    assert by_check["secret_settings"]["severity"] == "high"
    assert told["bytes"]["reclaimable"] == 200_000 + 300_000 + 150_000
    assert "hunter2" not in out


def test_files_are_the_merged_file_system(type_: Type, image: Path) -> None:
    told = json.loads(type_(image, "--json", "--files")[1])
    files = {row["path"]: row for row in told["files"]}
    assert len(files) == len(told["files"])
    assert sum(row["size"] for row in told["files"]) == FINAL == told["bytes"]["final"]
    assert files["lib/big"] == {
        "path": "lib/big",
        "size": 100_000,
        "type": "file",
        "mode": 0o644,
        "uid": 0,
        "gid": 0,
        "layer": 1,
        "link": "",
    }
    assert (files["app/hard"]["type"], files["app/hard"]["size"], files["app/hard"]["link"]) == (
        "hardlink",
        0,
        "app/copy",
    )
    assert (files["app/soft"]["type"], files["app/soft"]["link"]) == ("symlink", "copy")
    assert (files["etc"]["type"], files["etc"]["mode"]) == ("directory", 0o755)
    assert files["lib"]["mode"] is None
    assert "lib/old" not in files
    assert "app/wheel.whl" not in files
    assert "app/\x1b[31m\nred" in files


def test_a_hard_link_whose_first_path_is_gone_is_the_file(type_: Type, here: Path) -> None:
    path = saved(here / "i.tar", {"a": b"12345", "b": "=>a"}, {".wh.a": b""})
    told = json.loads(type_(path, "--json", "--files")[1])
    assert [(row["path"], row["type"], row["size"], row["link"]) for row in told["files"]] == [("b", "file", 5, "")]
    assert told["bytes"]["final"] == told["bytes"]["shipped"] == 5


def test_the_text_has_the_same_figures_and_hides_nothing(type_: Type, image: Path) -> None:
    code, out, err = type_(image)
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "shop/api:1.4" in lines
    assert "1 350 kB −150 kB 150 kB 7 COPY . /app" in lines
    assert f"shipped 850 kB {SHIPPED} in all layers: what is pulled and stored" in lines
    assert "removed 350 kB 350000 deleted by a later layer" in lines
    assert any(line.startswith("Verdict: on target for a microservice image, guessed:") for line in lines)
    assert "\x1b" not in out
    assert "hunter2" not in out


def test_hostile_names_stay_on_their_line(type_: Type, here: Path) -> None:
    name = "x/\x1b]0;own\x07[red]\nroot \u202e.whl"
    path = saved(here / "i.tar", {name: b"x" * 200_000}, tag="a\x1b[31mb", steps=("COPY \x1b[2J /",))
    for words in ((), ("--ci",), ("--against", path), ("--against", path, "--markdown")):
        out = type_(path, *words)[1]
        assert "\x1b" not in out
        assert "\x07" not in out
        assert "\u202e" not in out
    assert "/x/␛]0;own␇[red]␊root �.whl" in type_(path)[1]
    assert json.loads(type_(path, "--json", "--files")[1])["files"][-1]["path"] == name


def test_names_without_an_encoding_are_json_all_the_same(type_: Type, here: Path) -> None:
    path = saved(here / "i.tar", {"caf\udce9": b"x"})
    assert json.loads(type_(path, "--json", "--files")[1])["files"][0]["path"] == "caf\\udce9"


@pytest.mark.parametrize("form", ["docker-archive:image.tar", "image.tar", "./image.tar"])
def test_an_archive_is_named_in_many_ways(type_: Type, image: Path, form: str) -> None:
    code, out, _ = type_(form, "--json")
    assert (code, json.loads(out)["bytes"]["shipped"]) == (0, SHIPPED)


def test_a_layout_is_a_folder(type_: Type, here: Path) -> None:
    layer = tar(BASE)
    configuration = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "rootfs": {"diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        }
    ).encode()

    def blob(content: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        (here / "layout/blobs/sha256").mkdir(parents=True, exist_ok=True)
        (here / "layout/blobs/sha256" / digest).write_bytes(content)
        return {"digest": f"sha256:{digest}", "size": len(content), "mediaType": "application/octet-stream"}

    manifest = blob(json.dumps({"config": blob(configuration), "layers": [blob(layer)]}).encode())
    (here / "layout/index.json").write_text(json.dumps({"manifests": [manifest]}))
    (here / "layout/oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    for source in ("oci:layout", "layout"):
        code, out, err = type_(source, "--json")
        assert (code, err) == (0, "")
        assert json.loads(out)["bytes"]["final"] == 500_005


def test_the_second_time_comes_from_the_cache_with_the_same_figures(type_: Type, image: Path) -> None:
    first, second = (json.loads(type_(image, "--json", "--files")[1]) for _ in range(2))
    assert (first["acquired_via"], second["acquired_via"]) == ("archive", "cache")
    for name in ("bytes", "layers", "wasted_paths", "duplicates", "findings", "files"):
        assert first[name] == second[name]


def test_a_dockerfile_names_the_lines(type_: Type, image: Path, here: Path) -> None:
    (here / "Dockerfile").write_text("FROM scratch\nADD rootfs /\n\nCOPY . /app\nRUN rm app/wheel.whl\nCMD [run]\n")
    told = json.loads(type_(image, "--json", "--dockerfile", "Dockerfile")[1])
    assert [row["dockerfile_line"] for row in told["layers"]] == [2, 4, 5]
    assert told["dockerfile_lines_by"] == "dockerfile"
    assert "Line" in type_(image, "--dockerfile", "Dockerfile")[1]


def test_attached_provenance_names_the_lines(type_: Type, here: Path) -> None:
    told = json.loads(type_(ATTESTED, "--json")[1])
    assert [row["dockerfile_line"] for row in told["layers"]] == [None, 8, 9, 10, 11, 13]
    assert (told["dockerfile_lines_by"], told["notes"]) == ("provenance", [])
    out = type_(ATTESTED)[1]
    assert "lines    of the Dockerfile, told by the attached provenance" in out
    assert "Line" in out
    (here / "Dockerfile").write_text("FROM shop/base:1\nCOPY a.txt /a.txt\n")
    told = json.loads(type_(ATTESTED, "--json", "--dockerfile", "Dockerfile")[1])
    assert [row["dockerfile_line"] for row in told["layers"]] == [None, 2, None, None, None, None]


@pytest.mark.parametrize(("kind", "word"), [("microservice", "microservice"), ("data", "data")])
def test_the_kind_is_chosen(type_: Type, image: Path, kind: str, word: str) -> None:
    told = json.loads(type_(image, "--json", "--kind", kind)[1])["verdict"]
    assert (told["kind"], told["guessed"], told["grade"]) == (kind, "", "target")
    assert f"for a {word} image" in type_(image, "--kind", kind)[1]


def test_suspicious_files_are_read_and_their_secrets_neither_shown_nor_cached(type_: Type, here: Path) -> None:
    secret = b"DB_PASSWORD=correct-horse-battery\n"
    key = b"-----BEGIN PRIVATE KEY-----\nMIIcorrect\n-----END PRIVATE KEY-----\n"
    certificate = b"-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n"
    files: Mapping[str, Body] = {
        "app/.env": secret,
        "app/tls.pem": key,
        "etc/ca.pem": certificate,
        "b/.env": b"DEBUG=1\n",
    }
    path = saved(here / "i.tar", files, {"app/.wh.tls.pem": b""})
    for _ in range(2):  # the second time from the cache
        out = type_(path, "--json")[1]
        found = {one["message"]: one["paths"] for one in json.loads(out)["findings"] if one["check"] == "secret_files"}
        assert found == {
            "1 file with secrets inside": ["app/.env"],
            "1 file with a private key inside; 1 deleted later, and shipped all the same": ["app/tls.pem"],
        }
        assert "correct" not in out
    cached = [file for file in (here.parent / "user-CACHE").rglob("*") if file.is_file()]
    assert cached
    assert not any(b"correct" in file.read_bytes() for file in cached)


# -- rules ------------------------------------------------------------------------------------------------


def test_without_a_dive_file_its_defaults_judge(type_: Type, image: Path) -> None:
    code, out, err = type_(image, "--ci")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert (code, err) == (1, "")
    assert "judged on exact numbers, which are not those that dive works out:" in lines
    assert "rules of dive: dive's defaults, for there is no .dive-ci here" in lines
    assert f"FAIL lowestEfficiency 0.9000 {FINAL / SHIPPED:.4f}" in lines
    assert "SKIP highestWastedBytes 750 kB (750000 B) disabled" in lines
    assert "result: FAIL (0 passed, 2 failed, 1 skipped)" in lines


def test_the_dive_file_of_the_folder_is_read(type_: Type, image: Path, here: Path) -> None:
    (here / ".dive-ci").write_text(
        "rules:\n  lowestEfficiency: 0.1\n  highestWastedBytes: 1MB\n  highestUserWastedPercent: disabled\n"
    )
    code, out, _ = type_(image, "--ci")
    assert (code, out.count("\nPASS ")) == (0, 2)
    (here / "strict").write_text("rules:\n  highest-wasted-bytes: 749999\n  lowestEfficiency: off\n")
    code, out, _ = type_(image, "--ci", "--ci-config", "strict", "--json")
    told = json.loads(out)["ci"]
    assert (code, told["passed"], told["dive_rules_from"]) == (1, False, "strict")
    assert {one["rule"]: one["status"] for one in told["rules"]} == {
        "lowestEfficiency": "skip",
        "highestWastedBytes": "fail",
        "highestUserWastedPercent": "fail",
    }


def test_own_rules_come_from_the_settings(type_: Type, image: Path, here: Path) -> None:
    (here / ".dive-ci").write_text("rules: {lowestEfficiency: 0, highestUserWastedPercent: disabled}")
    (here / "config.toml").write_text(
        '[ci]\nmax_size = "1MB"\nmax_wasted = "10%"\nmax_growth = "1kB"\nmax_findings_high = 0\nmax_findings_low = 99\n'
    )
    code, out, _ = type_(image, "--ci", "--json", before=("--config", "config.toml"))
    rules = {one["rule"]: one for one in json.loads(out)["ci"]["rules"]}
    assert code == 1
    assert {name: rule["status"] for name, rule in rules.items()} == {
        "lowestEfficiency": "pass",
        "highestWastedBytes": "skip",
        "highestUserWastedPercent": "skip",
        "max_size": "pass",
        "max_wasted": "fail",
        "max_growth": "skip",
        "max_findings_high": "fail",
        "max_findings_low": "pass",
    }
    assert "--against" in rules["max_growth"]["note"]
    other = saved(here / "smaller.tar", BASE)
    code, out, _ = type_(image, "--ci", "--json", "--against", other, before=("--config", "config.toml"))
    rules = {one["rule"]: one for one in json.loads(out)["ci"]["rules"]}
    assert (rules["max_growth"]["status"], code) == ("fail", 1)
    assert "350 kB" in rules["max_growth"]["measured"]
    code, out, _ = type_(image, "--ci", "--against", image, "--json", before=("--config", "config.toml"))
    assert {one["rule"]: one for one in json.loads(out)["ci"]["rules"]}["max_growth"]["status"] == "pass"


# -- comparison -------------------------------------------------------------------------------------------


@pytest.fixture
def older(here: Path) -> Path:
    return saved(
        here / "older.tar", BASE, {"app/a`|b": b"a" * 1000}, tag="shop/api:1.3", steps=("ADD rootfs /", "COPY . /app")
    )


def test_a_comparison_tells_what_made_it_fatter(type_: Type, image: Path, older: Path) -> None:
    code, out, err = type_(image, "--against", older)
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert lines[0] == "shop/api:1.4 against shop/api:1.3"
    assert lines[1].startswith("it ships 349 kB larger (+349 kB, +70%)")
    assert "▲ +349 kB by layer 1, rebuilt: COPY . /app" in lines
    assert "same 0 0 500 kB 500 kB 0 B ADD rootfs /" in lines
    assert "rebuilt COPY . /app COPY . /app +349 kB" in lines
    assert "added RUN rm app/wheel.whl 0 B" in lines


def test_a_comparison_is_json(type_: Type, image: Path, older: Path) -> None:
    told = json.loads(type_(image, "--against", older, "--json")[1])
    assert (told["schema"], told["before"], told["after"]) == (1, "shop/api:1.3", "shop/api:1.4")
    assert told["bytes"]["shipped"] == {"before": 501_005, "after": SHIPPED, "delta": SHIPPED - 501_005}
    assert [one["kind"] for one in told["layers"]] == ["same", "rebuilt", "added"]
    assert told["history"][-2] == {
        "kind": "added",
        "before": None,
        "after": 2,
        "before_instruction": "",
        "after_instruction": "RUN rm app/wheel.whl",
        "before_bytes": 0,
        "after_bytes": 0,
        "delta": 0,
    }
    assert {"path": "app/copy", "kind": "added", "before_bytes": 0, "after_bytes": 100_000, "delta": 100_000} in told[
        "files"
    ]


def test_a_comparison_is_markdown_that_hostile_names_cannot_leave(type_: Type, image: Path, older: Path) -> None:
    code, out, _ = type_(image, "--against", older, "--markdown", "--ci")
    assert code == 1
    assert out.startswith("### Image size: `shop/api:1.4` against `shop/api:1.3`\n")
    assert "| shipped | 501 kB | 850 kB | +349 kB |" in out
    assert "`lowestEfficiency`" in out
    (row,) = [line for line in out.splitlines() if "/app/a" in line]
    assert row.count("|") == 4
    assert row.count("`") == 2
    assert "| added |  | `RUN rm app/wheel.whl` | 0 B |" in out


# -- what goes wrong --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--files",), "--files goes with --json"),
        (("--markdown",), "--markdown goes with --against"),
        (("--ci-config", "x"), "--ci-config goes with --ci"),
        (("--json", "--markdown", "--against", "image.tar"), "two ways"),
        (("--ci", "--ci-config", "nowhere"), "there is no file nowhere"),
        (("--dockerfile", "nowhere"), "nowhere cannot be read"),
        (("--dockerfile", "/dev/zero"), "larger than any Dockerfile"),
        (("--kind", "huge"), "invalid choice"),
        (("--reference", "other:1"), "other:1"),
        (("--colour",), "there is no option --colour"),
    ],
)
def test_what_makes_no_sense_is_refused(type_: Type, image: Path, words: tuple[str, ...], says: str) -> None:
    code, out, err = type_(image, *words)
    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("rules:\n  lowestEfficiency: 2\n", "lowestEfficiency is 2, expected 0 to 1"),
        ("rules:\n  lowestEfficiency: [1]\n", "no number or size"),
        ("rules:\n  highestWastedBytes: much\n", "'much' is no size"),
        ("rules:\n  lowestEfficency: 0.9\n", "there is no rule lowestEfficency"),
        ("rules: [\n", "not YAML"),
        ("rules: 3\n", "no rules"),
        ("a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nrules: {lowestEfficiency: *b}\n", "no number or size"),
        ("x" * 70_000, "larger than any .dive-ci"),
        ("rules: {? [1] : 2}", "not YAML"),
        ("[" * 5000, "not YAML"),
    ],
)
def test_a_wrong_dive_file_is_named_with_its_cure(
    type_: Type, image: Path, here: Path, content: str, says: str
) -> None:
    (here / ".dive-ci").write_text(content)
    code, out, err = type_(image, "--ci")
    assert (code, out) == (2, "")
    assert ".dive-ci" in err
    assert says in err
    assert "hint:" in err


@pytest.mark.parametrize(
    "source", ["nowhere.tar", "./nowhere", "docker-archive:nowhere", "oci:nowhere", "cut.tar", "text.tar"]
)
def test_what_is_not_there_or_damaged_is_named(type_: Type, image: Path, here: Path, source: str) -> None:
    (here / "cut.tar").write_bytes(image.read_bytes()[:200_000])
    (here / "text.tar").write_text("hello")
    code, out, err = type_(source, "--json")
    assert (code, out) == (3, "")
    assert source.rpartition(":")[2].removeprefix("./") in err
    assert "Traceback" not in err


def test_without_an_engine_a_name_is_not_found_and_says_why(type_: Type, here: Path) -> None:
    code, out, err = type_("python:3.12")
    assert (code, out) == (3, "")
    assert "no-engine.sock" in err


def test_ctrl_c_ends_it_at_once_and_leaves_nothing(here: Path) -> None:
    """The layer is so large, and so sparse on disk, that the signal arrives in the midst of reading it."""
    path = saved(here / "vast.tar", {}, steps=("COPY",))
    with tarfile.open(path) as archive:
        documents = {member.name: archive.extractfile(member) for member in archive if member.name.endswith("json")}
        written = {name: content.read() for name, content in documents.items() if content}
    with path.open("wb") as file:
        for name, content in written.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            file.write(header.tobuf() + content.ljust(-(-len(content) // 512) * 512, b"\0"))
        bulk = tarfile.TarInfo("bulk")
        bulk.size = 200 * 1000**3
        header = tarfile.TarInfo("0/layer.tar")
        header.size = bulk.size + 10240
        file.write(header.tobuf() + bulk.tobuf())
        file.truncate(file.tell() + header.size + 10240)
    child = subprocess.Popen(
        [sys.executable, "-m", "workbench", "image", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ},
    )
    try:
        while str(path) not in _open_files(child.pid):
            assert child.poll() is None
            time.sleep(0.02)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate()
    finally:
        child.kill()
        child.wait()
    assert child.returncode == 130
    assert (out, err) == (b"", b"")
    assert sorted(entry.name for entry in here.iterdir()) == ["vast.tar"]


def _open_files(pid: int) -> set[str]:
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(str(link.readlink()))
        except OSError:
            continue
    return found


def test_the_installed_program_reads_an_image_without_the_screens(image: Path) -> None:
    script = "import sys; from workbench.__main__ import main\ntry: main()\nfinally: print('textual' in sys.modules)"
    child = subprocess.run(
        [sys.executable, "-c", script, "image", str(image)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ},
    )
    assert "shop/api:1.4" in child.stdout
    assert child.stdout.splitlines()[-1] == "False"
