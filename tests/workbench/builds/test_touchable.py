"""The file to change is one of the source that is really copied."""

from pathlib import Path

import pytest

from workbench.builds.touchable import source_files


@pytest.fixture
def context(tmp_path: Path) -> Path:
    for path, size in {"api/server.py": 9, "api/deep/er/model.py": 50, "setup.py": 5, "tests/test_all.py": 99}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("#" * size)
    (tmp_path / "api/big.py").write_text("#" * 20)
    (tmp_path / "api/data.csv").write_text("1,2")
    (tmp_path / "api/link.py").symlink_to(tmp_path / "setup.py")
    return tmp_path


@pytest.mark.parametrize(
    ("dockerfile", "ignored", "found"),
    [
        ("FROM a\nCOPY . .", "", ["setup.py", "api/big.py", "api/server.py", "api/deep/er/model.py"]),
        ("FROM a\nCOPY api/ /api", "", ["api/big.py", "api/server.py", "api/deep/er/model.py"]),
        ('FROM a\nCOPY --chown=1 ["api/server.py", "/"]', "", ["api/server.py"]),
        ("FROM a\nADD api/*.py /", "", ["api/big.py", "api/server.py"]),
        ("FROM a\nCOPY ./api \\\n  /api", "api/big.py\n", ["api/server.py", "api/deep/er/model.py"]),
        ("FROM a\nCOPY . .", "*\n!api/deep\n", ["api/deep/er/model.py"]),
        ("FROM a AS b\nFROM c\nCOPY --from=b /api /api", "", []),
    ],
)
def test_files(context: Path, dockerfile: str, ignored: str, found: list[str]) -> None:
    (context / "Dockerfile").write_text(dockerfile)
    (context / ".dockerignore").write_text(ignored)
    assert list(source_files(context, context / "Dockerfile")) == found


def test_a_dockerfile_may_have_a_list_of_its_own(context: Path) -> None:
    (context / "Dockerfile").write_text("FROM a\nCOPY . .")
    (context / ".dockerignore").write_text("*\n")
    (context / "Dockerfile.dockerignore").write_text("# all but one\napi\n")
    assert source_files(context, context / "Dockerfile") == ("setup.py",)
    assert source_files(context, context / "nothing") == ()
