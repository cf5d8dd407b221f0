"""What is said to pass `.dockerignore`, held against what buildx really sends."""

import os
import random
import subprocess
from pathlib import Path

import pytest

from tests.live.engines import Engine
from workbench.errors import UsageError
from workbench.sources.build_context import read_context
from workbench.sources.buildx_program import find_buildx

FILES = (
    *("a", "ab", "a.b", "A", "b/a", "b/a.log", "b/c/a.log", "b/c/d/x", "c/b/a", "c/b/x.log", "README.md", "readme.md"),
    *("d e/f", "x[1]/y", "l/m/n/o", "src/app.py", "src/__pycache__/a.pyc", "src/lib/__pycache__/b.pyc", ".env"),
    *("deep/.git/config", "a+b", "q/empty/z"),
)
PATTERNS = (
    *("*", "**", "*.log", "**/*.log", "a", "b", "b/", "/b", "b/c", "b/*", "b/**", "**/a", "**/a*", "!a", "!b/a", "!**"),
    *("!b/c/**", "!**/x", "!*.log", "!src", "!src/*.py", "**/__pycache__", "__pycache__", "readme.md", "[a-c]", "[^a]"),
    *("?", "??", "a.b", "a\\+b", "x\\[1\\]", "x[[]1]", "d*", "d e", "./c", "c/../b", "l/**/o", "l/**", "!l/m/n"),
    *("**/.git", "!b/**/a.log", " b ", "**/m", "l/*/n", "b/c/", "!README.md", "src/**/*.pyc", "*/*"),
    *("**/**", "b**", "**c"),
)
SETS = 25


def context_of(folder: Path, patterns: list[str]) -> Path:
    for name in FILES:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    (folder / "link").symlink_to("b")
    (folder / "nothing").mkdir()
    (folder / ".dockerignore").write_text("\n".join(patterns))
    (folder.parent / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    return folder


def test_the_same_as_buildx_sends(modern_engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = find_buildx(modern_engine.environ)
    assert program is not None
    chance = random.Random(20_11)
    compared = 0
    for number in range(SETS):
        patterns = [chance.choice(PATTERNS) for _ in range(chance.randint(1, 4))]
        folder = context_of(tmp_path / str(number) / "context", patterns)
        dockerfile, sent = folder.parent / "Dockerfile", folder.parent / "sent"
        command = [str(program), "build", "--quiet", "--builder=default", f"--file={dockerfile}"]
        built = subprocess.run(
            [*command, f"--output=type=local,dest={sent}", str(folder)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **modern_engine.environ, "DOCKER_HOST": modern_engine.host},
        )
        try:
            mine = set(read_context(folder, dockerfile).entries)
        except UsageError:
            assert built.returncode, f"{patterns} is no error"
            continue
        if built.returncode:
            assert not mine, built.stderr  # there is nothing that COPY could copy
            continue
        theirs = {str(path.relative_to(sent)) for path in sent.rglob("*")}
        assert mine == theirs, patterns
        compared += 1
    assert compared > SETS / 2
