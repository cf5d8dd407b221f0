"""Wheels are chosen by Python, C library and architecture; what does not fit is refused with the reason."""

import os
import sys
import zipfile
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import Stopped, UsageError, WorkbenchError
from workbench.model.probe import ProcessFacts
from workbench.profilers.base import Impossible
from workbench.profilers.wheels import refusal, tool_files, wanted_for
from workbench.profilers.wheels.beforehand import fetch_beforehand, kept_summary
from workbench.profilers.wheels.choice import Tool, memray_version
from workbench.profilers.wheels.kept import folder, kept_wheel, kept_wheels

NEVER = Event()


def process(python: str = "3.12", abi: str = "", **told: Any) -> ProcessFacts:
    abi = abi or f"cpython-{python.replace('.', '')}-x86_64-linux-gnu"
    facts = {"libc": "glibc", "libc_version": "2.36", "architecture": "x86_64"} | told
    return ProcessFacts(1, python=python, abi=abi, **facts)


MUSL = {"libc": "musl", "libc_version": "1.2.5"}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder().mkdir(parents=True)
    return folder()


def make_wheel(tags: str, name: str = "memray", version: str = "", files: dict[str, bytes] | None = None) -> Path:
    path = folder() / f"{name}-{version or memray_version()}-{tags}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inner, content in (files or {f"{name}/__init__.py": b"x = 1"}).items():
            archive.writestr(inner, content)
    return path


@pytest.mark.parametrize(
    ("target", "tags", "fits"),
    [
        (process(), "cp312-cp312-manylinux_2_26_x86_64.manylinux_2_28_x86_64", True),
        (process(libc_version="2.17"), "cp312-cp312-manylinux2014_x86_64", True),
        (process(libc_version="2.17"), "cp312-cp312-manylinux_2_26_x86_64.manylinux_2_28_x86_64", False),
        (process(libc_version=""), "cp312-cp312-manylinux_2_28_x86_64", True),
        (process(), "cp311-cp311-manylinux_2_28_x86_64", False),
        (process(), "cp312-cp312-manylinux_2_28_aarch64", False),
        (process(architecture="aarch64"), "cp312-cp312-manylinux_2_28_aarch64", True),
        (process(), "cp312-cp312-musllinux_1_2_x86_64", False),
        (process(**MUSL), "cp312-cp312-musllinux_1_2_x86_64", True),
        (process(**MUSL), "cp312-cp312-manylinux_2_28_x86_64", False),
        (process("3.14"), "cp314-cp314t-manylinux_2_28_x86_64", False),
        (process("3.14", "cpython-314t-x86_64-linux-gnu"), "cp314-cp314t-manylinux_2_28_x86_64", True),
        (process("3.14", "cpython-314t-x86_64-linux-gnu"), "cp314-cp314-manylinux_2_28_x86_64", False),
        (process(), "py3-none-any", True),
        (process(), "py2-none-any", False),
    ],
)  # fmt: skip
def test_a_wheel_fits_by_its_tags(target: ProcessFacts, tags: str, fits: bool) -> None:
    make_wheel(tags)
    found = kept_wheel("memray", memray_version(), wanted_for("memray", target))
    assert (found is not None) == fits


def test_only_the_version_that_is_here_and_else_the_newest() -> None:
    tags = "cp312-cp312-manylinux_2_28_x86_64"
    make_wheel(tags, version="1.9.1")
    wanted = wanted_for("memray", process())
    assert kept_wheel("memray", memray_version(), wanted) is None
    make_wheel(tags, version="1.10.0")
    found = kept_wheel("memray", "", wanted)
    assert found is not None
    assert found.version == "1.10.0"


def test_a_wheel_for_any_python_may_want_a_newer_one() -> None:
    metadata = {"typing_extensions-4.0.dist-info/METADATA": b"Name: typing_extensions\nRequires-Python: >=3.12\n"}
    make_wheel("py3-none-any", "typing_extensions", "4.0", metadata)
    assert kept_wheel("typing_extensions", "", wanted_for("line_profiler", process("3.12")))
    assert kept_wheel("typing_extensions", "", wanted_for("line_profiler", process("3.11"))) is None


@pytest.mark.parametrize(
    ("tool", "target", "reason", "cure"),
    [
        ("memray", process("3.8"), "the last memray for Python 3.8 is 1.19.3", "pip install memray==1.19.3"),
        ("line_profiler", process("3.8"), "", ""),
        ("memray", process("3.7"), "no memray for Python 3.7", "cprofile"),
        ("line_profiler", process("3.6"), "no line_profiler for Python 3.6", "cprofile"),
        ("memray", process("?"), "cannot be told", "py-spy"),
        ("memray", process("3.10", "pypy310-pp73-x86_64-linux-gnu"), "PyPy", "py-spy"),
        ("memray", process(libc=""), "C library is not known", "py-spy"),
        ("memray", process(libc="musl", libc_version="1.2.3"), "crashes on musl 1.2.3", "newer base image"),
        ("line_profiler", process(libc="musl", libc_version="1.1.24"), "crashes on musl 1.1.24", "newer base image"),
        ("memray", process(libc="musl", libc_version=""), "crashes on musl of unknown version", "newer base image"),
        ("memray", process(**MUSL), "", ""),
        ("memray", process(**MUSL, architecture="aarch64"), "no wheel of memray for musl on aarch64", "py-spy"),
        ("memray", process(architecture="riscv64"), "no wheel of memray for glibc on riscv64", "py-spy"),
        ("memray", process(architecture="aarch64"), "", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(tool: Tool, target: ProcessFacts, reason: str, cure: str) -> None:
    found = refusal(tool, target)
    if not reason:
        assert found is None
        return
    assert found is not None
    assert reason in found[0]
    assert cure in found[1]
    with pytest.raises(Impossible):
        tool_files(tool, target, NEVER, print)


def test_python_38_goes_with_its_own_memray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.profilers.wheels.choice.memray_version", lambda: "1.19.3")
    assert refusal("memray", process("3.8")) is None


def test_only_what_is_needed_comes_out() -> None:
    kept = {"memray/__init__.py", "memray/_memray.cpython-312-x86_64-linux-gnu.so", "memray.libs/libz-1.so.1"}
    needless = ("memray/_test_utils.so", "memray/commands/run.py", "memray/../../etc/passwd", "/memray/__init__.py",
                "x.py", "memray-1.0.data/purelib/memray/_x.py", "memray/__init__.py\n")  # fmt: skip
    make_wheel("cp312-cp312-manylinux_2_28_x86_64", files=dict.fromkeys((*kept, *needless), b""))
    make_wheel("py3-none-any", "typing_extensions", "4.1", {"typing_extensions.py": b"x"})
    found = tool_files("memray", process(), NEVER, print)
    assert set(found) == kept | {"typing_extensions.py", "rich/__init__.py", "rich/progress.py"}


def test_a_damaged_wheel_is_removed_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_wheel("cp312-cp312-manylinux_2_28_x86_64", files={"memray/__init__.py": b"x" * 5000})
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(WorkbenchError, match="is damaged and was removed"):
        tool_files("memray", process(), NEVER, print)
    assert not path.exists()
    path = make_wheel("cp312-cp312-manylinux_2_28_x86_64", files={"memray/__init__.py": b"x" * 5000})
    monkeypatch.setattr("workbench.profilers.wheels.kept.MOST_BYTES", 4999)
    with pytest.raises(WorkbenchError, match="too large"):
        tool_files("memray", process(), NEVER, print)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_wheel_or_are_told(data: bytes) -> None:
    path = make_wheel("cp312-cp312-manylinux_2_28_x86_64")
    path.write_bytes(b"PK\3\4" + data + b"PK\5\6" + data[:18])
    make_wheel("py3-none-any", "typing_extensions", "4.1", {"typing_extensions.py": b"x"})
    try:
        tool_files("memray", process(), NEVER, print)
    except WorkbenchError:
        assert not path.exists()


# -- pip, as a program that is told apart by what it says and leaves --------------------------------------------


@pytest.fixture
def pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in pip's place, which the test writes: it gets pip's arguments."""
    program = tmp_path / "pip.sh"
    starter = tmp_path / "python"
    starter.write_text(f'#!/bin/sh\nexec sh "{program}" "$@"\n')
    starter.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(starter))
    return program


LAST_BUT_ONE = 'while [ "$1" != --dest ]; do shift; done; dest=$2\n'


def test_pip_is_asked_for_what_fits_and_what_it_brings_is_kept(
    pip: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIP_CONSTRAINT", "constraints.txt")
    wheel = make_wheel("cp39-cp39-manylinux_2_24_x86_64", "line_profiler", "5.0.2", {"line_profiler/_x.py": b"1"})
    wheel = wheel.rename(tmp_path / wheel.name)
    asked = tmp_path / "asked"
    pip.write_text(f'echo "$* $PIP_CONSTRAINT" >{asked}\n{LAST_BUT_ONE}cp {wheel} "$dest"\n')
    found = tool_files("line_profiler", process("3.9", libc_version="2.28"), NEVER, print)
    assert set(found) == {"line_profiler/_x.py", "line_profiler/__init__.py"}
    words = asked.read_text()
    assert words.startswith("-m pip download --no-deps --only-binary :all:")
    assert "--python-version 3.9 --abi cp39 --platform manylinux_2_28_x86_64 --platform manylinux_2_27" in words
    assert "manylinux2014_x86_64" in words
    assert "manylinux_2_29" not in words
    assert words.endswith("-- line_profiler>=5,<6 \n")
    pip.write_text("exit 1")
    assert tool_files("line_profiler", process("3.9"), NEVER, print) == found
    assert [path.name for path in cache.iterdir()] == [wheel.name]


@pytest.mark.parametrize(
    ("said", "kind", "reason"),
    [
        ("ERROR: No matching distribution found for memray", Impossible, "pip finds no wheel"),
        ("WARNING: Retrying (Retry(total=0))\nERROR: No matching distribution found", WorkbenchError, "index answers"),
        ("/usr/bin/python3: No module named pip", WorkbenchError, "no pip to fetch it with"),
        ("ERROR: [Errno 28] No space left on device", WorkbenchError, "could not write: .* No space left"),
        ("", WorkbenchError, "no package index answers"),
    ],
)  # fmt: skip
def test_why_pip_brings_nothing(pip: Path, said: str, kind: type[WorkbenchError], reason: str, cache: Path) -> None:
    pip.write_text(f"cat <<'END'\n{said}\nEND\nexit 1")
    with pytest.raises(kind, match=reason) as told:
        tool_files("memray", process(), NEVER, print)
    assert told.value.hint
    assert list(cache.iterdir()) == []


def test_what_pip_brings_must_fit(pip: Path, tmp_path: Path) -> None:
    wheel = make_wheel("cp311-cp311-manylinux_2_28_x86_64")
    wheel = wheel.rename(tmp_path / wheel.name)
    pip.write_text(f'{LAST_BUT_ONE}cp {wheel} "$dest"\n')
    with pytest.raises(WorkbenchError):
        tool_files("memray", process(), NEVER, print)
    assert kept_wheels() == []


def test_giving_up_ends_pip_and_leaves_nothing(pip: Path, cache: Path, tmp_path: Path) -> None:
    started = tmp_path / "started"
    pip.write_text(f'{LAST_BUT_ONE}echo "Downloading x.whl (9.8 MB)"; head -c 4900000 /dev/zero >"$dest/x.whl"\n'
                   f"echo $$ >{started}; sleep 1000 & wait\n")  # fmt: skip
    stop, heard = Event(), []

    def hear(words: str) -> None:
        heard.append(words)
        if "4.9 of 9.8 MB" in words:
            stop.set()

    with pytest.raises(Stopped):
        tool_files("memray", process(), stop, hear)
    assert heard[0].startswith(f"fetching memray=={memray_version()} for Python 3.12 on glibc, x86_64")
    assert heard[-1].endswith(" left")
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)
    assert list(cache.iterdir()) == []


def test_what_killed_workbenches_left_is_removed(pip: Path, cache: Path) -> None:
    pip.write_text("exit 1")
    (cache / "part-4194305-x").mkdir()
    (cache / f"part-{os.getppid()}-y").mkdir()
    with pytest.raises(WorkbenchError):
        tool_files("memray", process(), NEVER, print)
    assert [path.name for path in cache.iterdir()] == [f"part-{os.getppid()}-y"]


def test_a_cache_that_cannot_be_written_is_told(cache: Path) -> None:
    cache.rmdir()
    cache.write_text("")
    with pytest.raises(WorkbenchError, match="cannot be kept"):
        tool_files("memray", process(), NEVER, print)


def test_beforehand(pip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    pip.write_text("echo 'ERROR: No matching distribution found'; exit 1")
    old = make_wheel("cp312-cp312-manylinux_2_28_x86_64", version="1.2.3")
    make_wheel("cp312-cp312-manylinux_2_28_x86_64")
    make_wheel("py3-none-any", "typing_extensions", "4.1")
    lines = list(fetch_beforehand(["3.12"], NEVER, print))
    assert [line.split()[0] for line in lines] == ["here", "none", "none", "none"]
    assert lines[0].endswith("manylinux_2_28_x86_64.whl")
    assert not old.exists()
    make_wheel("cp39-abi3-manylinux_2_28_x86_64")
    assert kept_summary()[1] == ("3.12",)
    with pytest.raises(UsageError, match=r"3\.x is no version"):
        list(fetch_beforehand(["3.x"], NEVER, print))
