"""Archives and layouts of every form give the same index; every bad one gives one clear error and nothing else."""

import gzip
import io
import json
import os
import tarfile
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.sources.image.oracle import entries
from tests.workbench.sources.image.tars import (
    BASE,
    CODE,
    LAYERS,
    columns,
    configuration,
    digest,
    estargz,
    folder,
    gzipped,
    layout,
    member,
    modern_save,
    outer,
    saved,
    tar,
    zstd,
    zstd_frames,
)
from workbench.errors import ArchiveError, Stopped, UsageError, WorkbenchError
from workbench.model.acquired import AcquiredImage, AcquireProgress
from workbench.sources.acquire_archive import acquire_archive
from workbench.sources.archive_image import this_platform
from workbench.sources.image_files import extract
from workbench.sources.layer_cache import LayerCache

TAG = "docker.io/shop/api:1.4"
AMD, ARM = "linux/amd64", "linux/arm64"


def one(pack: Callable[[bytes], bytes] = bytes) -> dict[str, bytes]:
    return layout((TAG, AMD, LAYERS), pack=pack)


FORMS: dict[str, Callable[[Path], Path]] = {
    "docker save, legacy": lambda at: put(at, saved(("shop/api:1.4", LAYERS))),
    "docker save, modern": lambda at: put(at, modern_save()),
    "OCI archive": lambda at: put(at, outer(one())),
    "OCI archive, gzip": lambda at: put(at, outer(one(gzipped))),
    "OCI archive, eStargz": lambda at: put(at, outer(one(estargz))),
    "OCI archive, zstd": lambda at: put(at, outer(one(zstd))),
    "OCI archive, zstd in frames": lambda at: put(at, outer(one(zstd_frames))),
    "legacy, gzip outside": lambda at: put(at, gzipped(saved(("shop/api:1.4", LAYERS)))),
    "OCI, zstd inside and outside": lambda at: put(at, zstd(outer(one(zstd)))),
    "OCI, blobs before and after their documents": lambda at: put(
        at, outer(dict(sorted(one(gzipped).items(), reverse=True)))
    ),
    "OCI layout": lambda at: folder(at / "layout", one()),
    "OCI layout, gzip": lambda at: folder(at / "layout", one(gzipped)),
    "OCI layout, zstd": lambda at: folder(at / "layout", one(zstd)),
}


def put(at: Path, content: bytes) -> Path:
    path = at / "image.tar"
    path.write_bytes(content)
    return path


def acquired(path: Path, reference: str = "", platform: str = "", **more: Any) -> AcquiredImage:
    """With a cache of its own that nothing is in."""
    return acquire_archive(path, reference, platform, cache=LayerCache(path.parent / "no cache", 0), **more)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_index(tmp_path: Path, form: str) -> None:
    path = FORMS[form](tmp_path)
    image = acquired(path)
    index = image.index
    assert [layer.diff_id for layer in index.layers] == [f"sha256:{digest(layer)}" for layer in LAYERS]
    for layer, content in zip(index.layers, LAYERS, strict=True):
        assert [layer.entry(number, name) for number, name in enumerate(layer.each_path())] == entries(content)
    assert [layer.size_bytes for layer in index.detail.layers] == [layer.shipped_bytes for layer in index.layers]
    assert index.detail.size_bytes == sum(layer.shipped_bytes for layer in index.layers)
    assert (index.acquired_via, index.detail.acquired_via, index.healthcheck) == ("archive", "archive", True)
    assert index.settings == (("health check", "CMD true"),)
    assert index.labels[0] == ("maintainer", "me")
    assert "hunter2" not in repr(index)
    assert dict(image.contents[0]) == {
        "var/lib/dpkg/status": b"Package: sh\nStatus: install ok installed\nVersion: 1\n"
    }
    assert dict(image.contents[1]) == {}
    assert image.files.read_file(0, "bin/sh", 10) == b"s" * 10
    assert image.files.read_file(1, "app/main.py", 100) == b"print()\n"
    with pytest.raises(WorkbenchError, match="ships no such file"):
        image.files.read_file(1, "bin/sh", 10)


@pytest.mark.parametrize("form", FORMS)
def test_a_second_look_comes_from_the_cache(tmp_path: Path, form: str) -> None:
    path = FORMS[form](tmp_path)
    cache = LayerCache(tmp_path / "cache")
    first, second = acquire_archive(path, cache=cache), acquire_archive(path, cache=cache)
    assert [columns(a) for a in first.index.layers] == [columns(b) for b in second.index.layers]
    assert [dict(kept) for kept in first.contents] == [dict(kept) for kept in second.contents]
    if "outside" in form:  # there is no way to its documents but through its layers
        return
    assert (second.index.acquired_via, second.index.layers_from_cache) == ("cache", 2)
    assert second.index.bytes_spared == second.index.detail.size_bytes
    third = acquire_archive(put(tmp_path, saved(("x", (BASE, tar(member("new", b"1")))))), cache=cache)
    assert (third.index.acquired_via, third.index.layers_from_cache) == ("archive", 1)
    assert third.index.bytes_spared == third.index.layers[0].shipped_bytes


def test_a_layer_that_comes_twice(tmp_path: Path) -> None:
    for links in (False, True):
        image = acquired(put(tmp_path, saved(("x", (BASE, CODE, BASE)), twin_links=links)))
        assert columns(image.index.layers[2]) == columns(image.index.layers[0])


def test_progress(tmp_path: Path) -> None:
    told: list[AcquireProgress] = []
    path = put(tmp_path, modern_save())
    acquired(path, progress=told.append)
    assert [each.layer.diff_id[7:] for each in told if each.layer] == [digest(BASE), digest(CODE)]
    assert (told[0].stage, told[0].bytes_total, told[-1].stage) == ("archive", path.stat().st_size, "done")
    assert "image.tar" in told[0].message
    assert [[figures.index for figures in each.figures] for each in told if each.layer] == [[0], [0, 1]]
    assert told[-1].layers_done == told[-1].layers_total == 2


@pytest.mark.parametrize("form", FORMS)
def test_stopping(tmp_path: Path, form: str) -> None:
    path = FORMS[form](tmp_path)
    stop = Event()
    stop.set()
    with pytest.raises(Stopped):
        acquired(path, stop=stop)


# -- which image -------------------------------------------------------------------------------------------

TWO = (("shop/api:1.4", (BASE,)), ("docker.io/library/shop:latest", (BASE, CODE)))


def test_several_images_want_a_choice(tmp_path: Path) -> None:
    path = put(tmp_path, saved(*TWO))
    with pytest.raises(UsageError, match="it holds 2 images") as caught:
        acquired(path)
    assert caught.value.hint == "choose with --reference: docker.io/library/shop:latest, shop/api:1.4"
    for reference in ("shop/api:1.4", "docker.io/shop/api:1.4"):
        assert len(acquired(path, reference).index.layers) == 1
    for reference in ("shop", "shop:latest", "library/shop"):
        found = acquired(path, reference).index
        assert len(found.layers) == 2
        assert acquired(path, found.detail.id[:20]).index.detail == found.detail
        assert acquired(path, found.detail.id[7:15]).index.detail == found.detail
    with pytest.raises(UsageError, match="it holds no image nowhere"):
        acquired(path, "nowhere")


def test_several_tags_of_one_image_want_no_choice(tmp_path: Path) -> None:
    image = acquired(put(tmp_path, outer(layout(("a:1", AMD, LAYERS), ("b:1", AMD, LAYERS)))))
    assert image.index.detail.references == ("a:1", "b:1")


def test_a_tag_alone_is_a_name_in_a_layout(tmp_path: Path) -> None:
    path = put(tmp_path, outer(layout(("1.4", AMD, LAYERS), ("1.5", AMD, (BASE,)))))
    assert len(acquired(path, "shop/api:1.5").index.layers) == 1
    assert len(acquired(path, "1.4").index.layers) == 2


def test_several_platforms(tmp_path: Path) -> None:
    path = put(tmp_path, outer(layout((TAG, AMD, LAYERS), (TAG, ARM, (BASE,)))))
    here = this_platform()
    assert here in {AMD, ARM}
    assert len(acquired(path).index.layers) == (2 if here == AMD else 1)
    for platform, layers in ((AMD, 2), (ARM, 1), (f"{ARM}/v8", 1)):
        image = acquired(path, platform=platform).index
        assert (len(image.layers), image.detail.architecture) == (layers, platform.split("/")[1])
    with pytest.raises(UsageError, match="no image for windows/amd64") as caught:
        acquired(path, platform="windows/amd64")
    assert caught.value.hint == "choose with --platform: linux/amd64, linux/arm64"
    others = put(tmp_path, outer(layout((TAG, "linux/s390x", LAYERS), (TAG, "linux/riscv64", (BASE,)))))
    with pytest.raises(UsageError, match="for several platforms"):
        acquired(others)
    alone = put(tmp_path, outer(layout((TAG, "linux/s390x", LAYERS))))
    assert acquired(alone).index.detail.architecture == "s390x"
    with pytest.raises(UsageError, match="no image for linux/arm64"):
        acquired(put(tmp_path, modern_save()), platform=ARM)


# -- bad ones ----------------------------------------------------------------------------------------------


def lying() -> bytes:
    """A layer that is not the one whose digest the configuration tells."""
    return saved(("x", (BASE, CODE))).replace(b"print()\n", b"exec()!\n")


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "no tar archive"),
    "text": (lambda: b"hello\n" * 200, "no tar archive"),
    "xz": (lambda: b"\xfd7zXZ\0" + bytes(600), "compressed with xz"),
    "an xz layer": (lambda: saved(("x", (b"\xfd7zXZ\0" + bytes(600),))), "compressed with xz"),
    "zstd that is none": (lambda: b"\x28\xb5\x2f\xfd" + b"\xff" * 600, "compressed with zstd, and damaged"),
    "zstd cut short": (lambda: zstd(outer(one()))[:-50], "cut short"),
    "a zstd layer cut short": (lambda: outer(one(lambda layer: zstd(layer)[:-3])), "layer .* cut short"),
    "a gzip layer cut short": (lambda: outer(one(lambda layer: gzipped(layer)[:-9])), "layer .* cut short"),
    "a layer of text": (lambda: saved(("x", (b"hello" * 500,))), "where a tar header should be"),
    "a layer that lies": (lying, "does not have the digest"),
    "some other tar": (lambda: tar(member("README", b"hi")), "holds no image"),
    "an endless index": (lambda: outer({"index.json": json.dumps({"manifests": []}).encode()}), "names no image"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_archives_say_what_is_wrong(tmp_path: Path, case: str) -> None:
    make, reason = BAD[case]
    cache = LayerCache(tmp_path / "cache")
    with pytest.raises(ArchiveError, match=reason) as caught:
        acquire_archive(put(tmp_path, make()), cache=cache)
    assert caught.value.exit_code == 3
    assert caught.value.hint
    assert cache.load(f"sha256:{digest(CODE)}") is None


def test_bad_layouts_say_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ArchiveError, match="no OCI layout"):
        acquired(tmp_path / "empty")
    files = one()
    layer = f"blobs/sha256/{digest(CODE)}"
    cut = folder(tmp_path / "cut", files | {layer: files[layer][:700]})
    with pytest.raises(ArchiveError, match="cut short"):
        acquired(cut)
    (cut / layer).unlink()
    with pytest.raises(ArchiveError, match=f"layer {layer} is missing"):
        acquired(cut)
    os.mkfifo(cut / layer)
    with pytest.raises(ArchiveError, match=f"layer {layer} is missing"):
        acquired(cut)
    (cut / "index.json").write_bytes(b'{"manifests":[{"digest":"sha256:../../../etc/passwd"}]}')
    with pytest.raises(ArchiveError, match="no sha256 digest"):
        acquired(cut)


def test_cut_anywhere(tmp_path: Path) -> None:
    for whole in (saved(("x", LAYERS)), outer(one(zstd)), zstd(outer(one(gzipped)))):
        good = acquired(put(tmp_path, whole)).index
        for length in range(0, len(whole), 1009):
            with suppress(ArchiveError):
                assert acquired(put(tmp_path, whole[:length])).index == good


@given(st.data())
def test_bytes_changed_anywhere_never_give_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    made = [saved(("x", LAYERS)), outer(one(zstd)), zstd(outer(one(gzipped)))]
    content = bytearray(data.draw(st.sampled_from(made)))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = put(tmp_path_factory.getbasetemp(), bytes(content))
    with suppress(ArchiveError, UsageError):
        acquired(path)


def test_hostile_names_stay_inside(tmp_path: Path) -> None:
    evil = tar(
        member("../../../../etc/cron.d/evil", b"1"),
        member("/etc/shadow", b"2"),
        member("a", b"", type=tarfile.SYMTYPE, linkname="/etc"),
        member("a/passwd", b"3"),
        member("\x1b[31mred\n", b"4"),
        member("loop", b"", type=tarfile.LNKTYPE, linkname="loop"),
    )
    image = acquired(put(tmp_path, saved(("x", (evil,)))))
    paths = list(image.index.layers[0].each_path())
    assert paths == ["etc/cron.d/evil", "etc/shadow", "a", "a/passwd", "\x1b[31mred\n", "loop"]
    out = tmp_path / "out"
    assert extract(image.files, [(0, paths[0]), (0, paths[3])], out) == 2
    assert [path.relative_to(out).as_posix() for path in sorted(out.rglob("*")) if path.is_file()] == [
        "a/passwd",
        "etc/cron.d/evil",
    ]
    with pytest.raises(WorkbenchError, match="cannot be written: File exists"):
        extract(image.files, [(0, paths[3])], out)
    (out / "b").symlink_to(tmp_path)
    with pytest.raises(WorkbenchError, match="cannot be written"):
        extract(image.files, [(0, "b/evil")], out)
    assert not (tmp_path / "evil").exists()
    assert extract(image.files, [(0, "etc/shadow")], tmp_path / "flat", above="etc") == 1
    assert (tmp_path / "flat/shadow").read_bytes() == b"2"


def many(count: int) -> bytes:
    """A layer of many empty files, made quickly, behind gzip."""
    header = tarfile.TarInfo("x").tobuf(tarfile.USTAR_FORMAT)
    rest, base = header[8:], sum(header) - sum(header[:8]) - sum(header[148:156]) + 8 * 32
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1) as packed:
        for number in range(count):
            name = b"%08d" % number
            packed.write(name + rest[:140] + b"%06o\0 " % (base + sum(name)) + rest[148:])
        packed.write(bytes(1024))
    return buffer.getvalue()


def gzipped_image(packed: bytes) -> dict[str, bytes]:
    return layout((TAG, AMD, (gzip.decompress(packed),)), pack=lambda _: packed)


def test_a_million_entries_and_a_bomb_cost_little_memory(tmp_path: Path) -> None:
    path = folder(tmp_path / "many", gzipped_image(many(100_000)))
    tracemalloc.start()
    try:
        image = acquired(path)
        assert len(image.index.layers[0]) == 100_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 30_000_000
    with pytest.raises(ArchiveError, match="more than 50000 entries"):
        acquired(path, most_entries=50_000)
    zeros = tar(member("zeros", bytes(50_000_000)))
    for pack in (lambda layer: gzip.compress(layer, 1), zstd):
        bomb = put(tmp_path, outer(one_of(zeros, pack)))
        with pytest.raises(ArchiveError, match=r"unpacks to more than 20\.0 MB"):
            acquired(bomb, most_unpacked_bytes=20_000_000)


def one_of(layer: bytes, pack: Callable[[bytes], bytes]) -> dict[str, bytes]:
    return layout((TAG, AMD, (layer,)), pack=pack)


@pytest.mark.parametrize(
    "odd", [{"Healthcheck": {"Test": ["NONE"]}}, {"Healthcheck": 7, "Volumes": "x", "StopSignal": 9, "Shell": {}}]
)
def test_a_configuration_without_labels_or_check(tmp_path: Path, odd: dict[str, Any]) -> None:
    config = configuration((), config={"Labels": None, **odd})
    name = f"{digest(config)}.json"
    manifest = json.dumps([{"Config": name, "RepoTags": None, "Layers": []}]).encode()
    image = acquired(put(tmp_path, outer({name: config, "manifest.json": manifest}))).index
    assert (image.labels, image.healthcheck, image.layers, image.acquired_via) == ((), False, (), "archive")
