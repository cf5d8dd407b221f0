"""Layer files of an export are recognized before its manifest comes, and never taken for another layer."""

import hashlib
import json
from typing import Any

import pytest

from workbench.sources.layer_names import LayerNames

DIFF_IDS = (
    "sha256:f996c0b844c8267079f46f66c88108017f516b44c085e431be6499ea663fe1c3",
    "sha256:e7dc13997ececb67f566adc88739cc240d0c8bfd2c41a8bd6da561fd8a0d8bf2",
    "sha256:da41758ec93a66e4d43aad30075cf02d1a205628d8a875f509fcea59d0392f73",
    "sha256:e6048811080972f208bbcd32024077ce8f40df7de20e7d5b6a11253480d175da",
    "sha256:ffca4647f29033a9d95a8a398c5bbbc564f68019ff29d4b373dc7af7b3b2269b",
    "sha256:6146596c5627aab1b214fb5e53a9ebfbe5f5c491c0305120f5cbff2f6f756ca1",
    "sha256:6d19a15bb4934736146b29a42e305ca0504309ff7585a575c716081f1817e263",
)
FOLDERS = (
    "e72f10cc448dd617e858de61aa9ce905cebd8b57a5071de7f9ba465efaff1cf4",
    "c757b21bc0f96a4d528d8c9a0e156517509ab45267b3c165f1a83943eda8ed02",
    "882e44fbcdd3f98cbffa477d620afe69dd2bec399ddf6fc86a09eeeb810943c7",
    "5d18307ff7c798551a6e50649cb813796039bf42dac141dbeeb03957ae128988",
    "106f854efddefb640832c6bcb7caa9ca699ea68717b9833c6f300ea534f6182e",
    "4de64ee4112c9469781ed2e14ca01350dc58aad0605c53370992d48d3ce9cbcb",
    "3206201cb76aab99ee18efde0dbedd18aff3b108466eeda478dc3f204a7213d4",
)
"""What Docker 20.10 called them, base first."""
CONFIG = {
    "Hostname": "",
    "Domainname": "",
    "User": "",
    "AttachStdin": False,
    "AttachStdout": False,
    "AttachStderr": False,
    "Tty": False,
    "OpenStdin": False,
    "StdinOnce": False,
    "Env": None,
    "Cmd": None,
    "Image": "",
    "Volumes": None,
    "WorkingDir": "",
    "Entrypoint": None,
    "OnBuild": None,
    "Labels": None,
}


def compact(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def beside(place: int, **changes: Any) -> bytes:
    """The document that the engine writes beside a layer."""
    document = {"id": FOLDERS[place], "created": "1970-01-01T00:00:00Z", "container_config": CONFIG, "os": "linux"}
    if place:
        document["parent"] = FOLDERS[place - 1]
    if place == len(FOLDERS) - 1:
        document |= {"created": "2026-11-20T18:56:37.521426239Z", "container_config": {**CONFIG, "Cmd": ["sh"]}}
    return compact(document | changes)


def recognized(names: LayerNames, *places: int) -> list[str | None]:
    return [names.diff_id(f"{FOLDERS[place]}/layer.tar") for place in places]


def test_a_file_called_by_its_diff_id() -> None:
    names = LayerNames(DIFF_IDS)
    for name in (f"blobs/sha256/{DIFF_IDS[3][7:]}", f"{DIFF_IDS[3][7:]}.tar", DIFF_IDS[3][7:]):
        assert names.diff_id(name) == DIFF_IDS[3]
    for name in (f"blobs/sha256/{'0' * 64}", "layer.tar", "", f"{DIFF_IDS[3][7:]}/VERSION"):
        assert names.diff_id(name) is None


def test_a_legacy_folder_is_known_from_the_first_document_on() -> None:
    names = LayerNames(DIFF_IDS)
    assert recognized(names, 4) == [None]
    documents = {f"{FOLDERS[4]}/json": beside(4)}
    names.learn(documents)
    assert recognized(names, *range(6)) == list(DIFF_IDS[:6])
    assert recognized(names, 6) == [None]
    documents[f"{FOLDERS[6]}/json"] = beside(6)
    names.learn(documents)
    assert recognized(names, 6) == [DIFF_IDS[6]]


def test_the_last_legacy_layer_is_known_once_another_ones_document_came() -> None:
    names = LayerNames(DIFF_IDS)
    documents = {f"{FOLDERS[6]}/json": beside(6)}
    names.learn(documents)
    assert recognized(names, *range(7)) == [None] * 7
    documents[f"{FOLDERS[0]}/json"] = beside(0)
    names.learn(documents)
    assert recognized(names, *range(7)) == list(DIFF_IDS)


def test_an_image_of_one_layer() -> None:
    names = LayerNames(DIFF_IDS[:1])
    names.learn({f"{FOLDERS[0]}/json": beside(0, created="2026-11-20T18:56:37Z")})
    assert recognized(names, 0) == [DIFF_IDS[0]]


@pytest.mark.parametrize("content", [b"[]", b"{", b'{"parent":7}', b"{}", b"[" * 100_000, beside(4, created="x")])
def test_a_document_that_tells_something_else_is_passed_over(content: bytes) -> None:
    names = LayerNames(DIFF_IDS)
    documents = {f"{FOLDERS[4]}/json": content, "x": content}
    names.learn(documents)
    assert recognized(names, *range(7)) == [None] * 7
    documents[f"{FOLDERS[5]}/json"] = beside(5)
    names.learn(documents)
    assert recognized(names, 5) == [DIFF_IDS[5]]


def test_a_child_of_no_known_layer_and_a_circle_of_parents_stay_unknown() -> None:
    names = LayerNames(DIFF_IDS)
    names.learn({f"{FOLDERS[0]}/json": beside(0), f"{'a' * 64}/json": compact({"parent": "a" * 64})})
    assert names.diff_id(f"{'a' * 64}/layer.tar") is None
    names.learn({f"{FOLDERS[0]}/json": b"", f"{'a' * 64}/json": b"", f"{'b' * 64}/json": compact({"parent": ""})})
    assert names.diff_id(f"{'b' * 64}/layer.tar") is None


def test_compressed_layers_are_known_when_manifest_and_configuration_passed() -> None:
    config = compact({"rootfs": {"type": "layers", "diff_ids": DIFF_IDS[:2]}})
    other = compact({"rootfs": {"type": "layers", "diff_ids": DIFF_IDS[2:4]}})

    def blob(content: bytes) -> str:
        return f"blobs/sha256/{hashlib.sha256(content).hexdigest()}"

    def manifest(of: bytes, *layers: str) -> bytes:
        digests = [{"digest": f"sha256:{layer}"} for layer in layers]
        return compact({"config": {"digest": f"sha256:{hashlib.sha256(of).hexdigest()}"}, "layers": digests})

    mine, its = manifest(config, "1" * 64, "2" * 64), manifest(other, "3" * 64, "4" * 64)
    names = LayerNames(DIFF_IDS[:2])
    documents: dict[str, bytes] = {}
    for content in (mine, its, other):
        documents[blob(content)] = content
        names.learn(documents)
        assert [names.diff_id(f"blobs/sha256/{layer * 64}") for layer in "1234"] == [None] * 4
    documents[blob(config)] = config
    names.learn(documents)
    assert [names.diff_id(f"blobs/sha256/{layer * 64}") for layer in "1234"] == [*DIFF_IDS[:2], None, None]
