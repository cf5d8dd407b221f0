"""`workbench profile` on the command line: what does not go together, and processes that are not there."""

import pytest

from workbench.cli import main
from workbench.session import Session


def refuse(session: Session) -> int:
    raise AssertionError("no screens here")


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("profile", 2, "TARGET is missing"),
        ("profile x --with imports", 2, "--with imports needs a fresh run"),
        ("profile x --with cprofile --fresh --route gdb", 2, "--fresh and --route gdb are two ways"),
        ("profile x --fresh", 2, "a fresh run is profiled with cprofile, imports, memray, lines"),
        ("profile x --with lines --fresh", 2, "which functions to profile line by line is not told"),
        ("profile x --with lines --fresh", 2, "hint: --function MODULE:NAME or MODULE:CLASS.NAME"),
        ("profile x --with lines --fresh --function main", 2, "main names no function"),
        ("profile x --with lines --fresh --function a:b;c", 2, "a:b;c names no function"),
        ("profile x --function a:b", 2, "--function names what --with lines counts"),
        ("profile x --format bin -o y", 2, "only memray makes a bin file"),
        ("profile x --format html -o y", 2, "only memray draws a page of HTML"),
        ("profile --pid 1 --with imports --fresh", 2, "a fresh run is one of a container"),
        ("profile x -- ls", 2, "a COMMAND goes with --fresh"),
        ("profile x --format pstats -o y", 2, "only cprofile makes a pstats file"),
        ("profile x --format speedscope", 2, "--format says what -o writes"),
        ("profile x --for 0", 2, "'0' is not a number of seconds up to 3600"),
        ("profile x --rate 5000", 2, "'5000' is not a number of samples a second up to 1000"),
        ("profile --pid 0", 2, "'0' is no process id"),
        ("profile --pid 4194303", 3, "there is no process 4194303"),
    ],
)
def test_slips_are_named(line: str, code: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(line.split(), refuse) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
