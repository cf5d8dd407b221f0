"""Provenance in archives that buildx 0.29 wrote with engine 28.5; the Dockerfile of all of them is `DOCKERFILE`.

They differ in the exporter's settings: `v0.2` and `v1` in the predicate's version, `zstd` in layers that were packed
anew, so that the provenance has other digests, `docker-save` in that an engine's containerd store wrote it, and `min`
has no lines: it is of mode=min.
"""

import base64
import io
import json
import tarfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.sources.image.tars import digest
from workbench.measure.analysis import analyse
from workbench.model.image_index import ImageIndex
from workbench.sources.acquire_archive import acquire_archive
from workbench.sources.layer_cache import LayerCache
from workbench.sources.slsa import read_provenance

HERE = Path(__file__).parent / "provenance"
DOCKERFILE = """\
# A stage that shares its first step with the last one
FROM shop/base:1 AS wheels
COPY a.txt /a.txt
COPY b.txt /wheels/b.txt

FROM shop/base:1
ENV MODE=fast
COPY a.txt /a.txt
WORKDIR /app
COPY --link a.txt /app/a.txt
COPY --from=wheels \\
  /wheels /wheels
COPY <<END /app/run
echo run
END
CMD ["/app/run"]
"""
LINES = (None, 8, 9, 10, 11, 13)
Documents = dict[str, bytes]
Change = Callable[[Any], object]
BUILDKIT = "https://mobyproject.org/buildkit@v1#metadata"


def golden(name: str) -> Documents:
    """The files of an archive by name."""
    with tarfile.open(HERE / f"{name}.tar.gz") as archive:
        return {one.name: file.read() for one in archive if (file := archive.extractfile(one)) is not None}


def put(folder: Path, files: Documents) -> Path:
    path = folder / "image.tar"
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    return path


def read(path: Path, folder: Path) -> ImageIndex:
    return acquire_archive(path, cache=LayerCache(folder / "cache")).index


def blob(content: bytes) -> str:
    return f"blobs/sha256/{digest(content)}"


def statement_of(files: Documents) -> bytes:
    (found,) = (content for content in files.values() if content.startswith(b'{"_type"'))
    return found


def with_statement(files: Documents, new: bytes) -> Documents:
    """The same archive with another statement, all digests above it made to fit."""
    return replaced(files, statement_of(files), new)


def replaced(files: Documents, old: bytes, new: bytes) -> Documents:
    files = dict(files)
    del files[blob(old)]
    files[blob(new)] = new
    before, after = blob(old)[-64:].encode(), blob(new)[-64:].encode()
    for name, content in tuple(files.items()):
        if content[:1] == b"{" and before in content and name in files:
            changed = content.replace(before, after)
            if name == "index.json":
                files[name] = changed
            else:
                files = replaced(files, content, changed)
    return files


def changed(change: Change, name: str = "v0.2") -> Documents:
    files = golden(name)
    document = json.loads(statement_of(files))
    change(document)
    return with_statement(files, json.dumps(document).encode())


def buildkit(document: Any) -> Any:
    return document["predicate"]["metadata"][BUILDKIT]


@pytest.mark.parametrize("name", ["v0.2", "v1", "zstd", "docker-save"])
def test_the_line_of_every_layer_is_told(tmp_path: Path, name: str) -> None:
    index = read(HERE / f"{name}.tar.gz", tmp_path)
    assert index.provenance is not None
    assert index.provenance.lines == LINES
    assert index.provenance.dockerfile == DOCKERFILE
    assert index.notes == ()
    assert "COPY" not in repr(index.provenance)


def test_a_plain_archive_and_a_layout_tell_the_same(tmp_path: Path) -> None:
    files = golden("v0.2")
    layout = tmp_path / "layout"
    for name, content in files.items():
        (layout / name).parent.mkdir(parents=True, exist_ok=True)
        (layout / name).write_bytes(content)
    for path in (put(tmp_path, files), layout):
        index = read(path, tmp_path)
        assert index.provenance is not None
        assert index.provenance.lines == LINES


def test_the_least_mode_tells_nothing_and_is_no_problem(tmp_path: Path) -> None:
    index = read(HERE / "min.tar.gz", tmp_path)
    assert (index.provenance, index.notes) == (None, ())
    assert (analyse(index).dockerfile_lines, analyse(index).lines_by) == ((), "")


def test_an_analysis_takes_the_lines_unless_a_dockerfile_is_given(tmp_path: Path) -> None:
    index = read(HERE / "v0.2.tar.gz", tmp_path)
    attested, given_one = analyse(index), analyse(index, dockerfile=f"\n\n{DOCKERFILE}")
    assert (attested.dockerfile_lines, attested.lines_by) == (LINES, "provenance")
    assert (given_one.dockerfile_lines, given_one.lines_by) == ((None, 10, 11, 12, 13, 15), "dockerfile")


def test_the_dockerfile_in_it_is_enough(tmp_path: Path) -> None:
    index = read(put(tmp_path, changed(lambda told: buildkit(told).pop("layers"))), tmp_path)
    assert index.provenance is not None
    assert (index.provenance.lines, index.provenance.dockerfile) == ((), DOCKERFILE)
    assert analyse(index).dockerfile_lines == LINES


def test_an_attestation_that_was_not_saved_is_no_problem(tmp_path: Path) -> None:
    files = {name: content for name, content in golden("v0.2").items() if b"vnd.in-toto+json" not in content}
    index = read(put(tmp_path, files), tmp_path)
    assert (index.provenance, index.notes) == (None, ())


def nested(_: Documents) -> bytes:
    return b'{"predicate":' + b"[" * 200_000


def cut(files: Documents) -> bytes:
    return statement_of(files)[:-9]


DAMAGED: dict[str, tuple[Callable[[Documents], Documents], str]] = {
    "cut short": (lambda files: with_statement(files, cut(files)), "truncated"),
    "nested": (lambda files: with_statement(files, nested(files)), ""),
    "a list": (lambda files: with_statement(files, b"[]"), "Expected `object`, got `array`"),
    "too large": (lambda files: with_statement(files, statement_of(files) + b" " * 4 * 2**20), "is too large"),
    "missing": (lambda files: {n: c for n, c in files.items() if n != blob(statement_of(files))}, "is missing from it"),
    "not its digest": (
        lambda files: {**files, blob(statement_of(files)): statement_of(files) + b" "},
        "does not have the digest that it is named for",
    ),
    "of another image": (
        lambda _: changed(lambda told: told["subject"][0]["digest"].update(sha256="0" * 64)),
        "it is of another image",
    ),
    "lines are words": (
        lambda _: changed(lambda told: buildkit(told)["source"]["locations"].update(step1={"locations": "\x1b[31m"})),
        "Expected `array | null`, got `str`",
    ),
    "no base64": (
        lambda _: changed(lambda told: buildkit(told)["source"]["infos"][0].update(data="*")),
        "Invalid base64",
    ),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_provenance_is_ignored_with_a_note(tmp_path: Path, damage: str) -> None:
    change, reason = DAMAGED[damage]
    index = read(put(tmp_path, change(golden("v0.2"))), tmp_path)
    assert len(index.layers) == len(LINES)
    assert index.provenance is None
    (note,) = index.notes
    assert note.startswith("its provenance is ignored: ")
    assert reason in note
    assert note.isprintable()
    assert analyse(index).dockerfile_lines == ()


def every_line(document: Any) -> Iterator[Any]:
    for places in buildkit(document)["source"]["locations"].values():
        for place in places.get("locations", ()):
            for reach in place["ranges"]:
                yield reach["start"]


@pytest.mark.parametrize("line", [0, -1, 18, 10**40])
def test_lines_that_the_dockerfile_does_not_have_are_not_told(tmp_path: Path, line: int) -> None:
    def change(document: Any) -> None:
        for start in every_line(document):
            start["line"] = line

    provenance = read(put(tmp_path, changed(change)), tmp_path).provenance
    assert provenance is not None
    assert provenance.lines == ()


def test_a_place_in_another_source_is_no_line_of_the_dockerfile(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        buildkit(document)["source"]["locations"]["step2"]["locations"] = [
            {"sourceIndex": 1, "ranges": [{"start": {"line": 3}}]}
        ]

    provenance = read(put(tmp_path, changed(change)), tmp_path).provenance
    assert provenance is not None
    assert provenance.lines == (None, None, 9, 10, 11, 13)


def test_a_dockerfile_that_is_none_is_not_kept(tmp_path: Path) -> None:
    huge = base64.b64encode(b"\n" * (2**20 + 1)).decode()
    files = changed(lambda told: buildkit(told)["source"]["infos"][0].update(data=huge))
    provenance = read(put(tmp_path, files), tmp_path).provenance
    assert provenance is not None
    assert (provenance.lines, provenance.dockerfile) == (LINES, "")


@pytest.mark.parametrize("of", ["", "rubbish", "sha256:" + "0" * 64])
def test_the_attestation_of_another_image_is_passed_over(tmp_path: Path, of: str) -> None:
    files = golden("v0.2")
    (index,) = (content for content in files.values() if b"attestation-manifest" in content)
    document = json.loads(index)
    document["manifests"][1]["annotations"]["vnd.docker.reference.digest"] = of
    found = read(put(tmp_path, replaced(files, index, json.dumps(document).encode())), tmp_path)
    assert (found.provenance, found.notes) == (None, ())


def test_an_attestation_without_a_digest_is_ignored_with_a_note(tmp_path: Path) -> None:
    files = golden("v0.2")
    (index,) = (content for content in files.values() if b"attestation-manifest" in content)
    document = json.loads(index)
    document["manifests"][1]["digest"] = "../../etc/passwd"
    found = read(put(tmp_path, replaced(files, index, json.dumps(document).encode())), tmp_path)
    assert found.provenance is None
    assert found.notes == ("its provenance is ignored: one of its digests is no sha256 digest",)


_OF_BUILDKIT = ("source", "layers", "locations", "infos", "data", "ranges", "start", "line", "sourceIndex")
_OF_STEPS = ("step0", "step0:0", "digest", "llbDefinition", "id", "inputs", "op", "Op")
KEYS = st.sampled_from((*_OF_BUILDKIT, *_OF_STEPS))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


@given(JSON, JSON, JSON)
def test_no_statement_is_more_than_wrong(metadata: Any, config: Any, layers: Any) -> None:
    told = {"predicate": {"metadata": {BUILDKIT: {"source": metadata, "layers": layers}}, "buildConfig": config}}
    try:
        found = read_provenance(json.dumps(told).encode(), "sha256:00", ("sha256:1", "sha256:2"))
    except ValueError:
        return
    assert found is None or len(found.lines) in (0, 2)


def test_a_statement_made_to_be_slow_takes_little_memory() -> None:
    most = 500
    places = [{"ranges": [{"start": {"line": line}}]} for line in range(1, 40_000)]
    told = {
        "source": {"locations": {"step0": {"locations": places}}},
        "layers": {"step0:0": [[{"digest": "a"}] * count for count in range(1, most)]},
    }
    document = json.dumps({"predicate": {"metadata": {BUILDKIT: told}}}, separators=(",", ":")).encode()
    del told, places
    tracemalloc.start()
    try:
        found = read_provenance(document, "sha256:00", ("a",) * most)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found is not None
    assert found.lines[0] == 39_999
    assert peak < 100 * 10**6
