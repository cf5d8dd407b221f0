"""What a command line may name as an image."""

import gzip
from pathlib import Path

import pytest

from tests.workbench.sources.image.tars import LAYERS, folder, layout, saved
from workbench.errors import UsageError
from workbench.sources.image_source import ImageSource, parse_source


def test_what_is_a_file_and_what_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    content = saved(("x", LAYERS))
    Path("image.tar").write_bytes(content)
    Path("packed").write_bytes(gzip.compress(content))
    Path("other").write_bytes(b"\xfd7zXZ\0")
    Path("debian").write_bytes(b"notes about debian")
    Path("python").mkdir()
    folder(Path("layout"), layout(("x", "linux/amd64", LAYERS)))
    for name in ("image.tar", "packed", "other", "layout", "./nowhere.tar", "/nowhere", "."):
        assert parse_source(name) == ImageSource(path=Path(name))
    for name in ("debian", "python", "shop/api:1.4", "sha256:" + "0" * 64, "nowhere.tar", "x" * 5000, "a\0b"):
        assert parse_source(name) == ImageSource(reference=name)
    for name in ("docker-archive:image.tar", "oci-archive:image.tar", "oci:image.tar"):
        assert parse_source(name) == ImageSource(path=Path("image.tar"))


@pytest.mark.parametrize("name", ["", "  ", "oci:", "docker-archive:"])
def test_what_names_nothing(name: str) -> None:
    with pytest.raises(UsageError):
        parse_source(name)
