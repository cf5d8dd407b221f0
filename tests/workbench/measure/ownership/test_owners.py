from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbench.measure.image_building import shipped
from tests.workbench.measure.layer_building import Row, file, folder, hard_link, symlink, whiteout
from workbench.measure.overlay import stack
from workbench.measure.ownership.databases import LARGEST, is_database
from workbench.measure.ownership.owners import Ownership, own

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUS = "var/lib/dpkg/status"
INFO = "var/lib/dpkg/info"
SITE = "usr/lib/python3.11/site-packages"


def status(**versions: str) -> str:
    return "\n\n".join(
        f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\nDescription: x\n y"
        for name, version in versions.items()
    )


def owned(*layers: Mapping[str, Any], without: tuple[int, ...] = ()) -> tuple[dict[str, str], Ownership]:
    """Path -> `manager:name` of live files with an owner, and the whole; bodies of layers `without` were not kept."""
    indexes, kept = shipped(*(dict(layer) for layer in layers))
    overlay = stack(indexes)
    bodies = [{} if number in without else one for number, one in enumerate(kept)]
    found = own(overlay, bodies)
    told = {}
    for node, place in enumerate(found.owners):
        if overlay.alive[node] and not overlay.is_directory[node] and place >= 0:
            package = found.packages[place]
            told[overlay.path(node)] = f"{package.manager}:{package.name}"
    assert found.unowned_bytes == overlay.final_bytes - sum(one.size_bytes for one in found.packages)
    assert found.unowned_bytes >= 0
    return told, found


def versions(found: Ownership) -> dict[str, str]:
    return {one.name: one.version for one in found.packages}


def changes(found: Ownership) -> list[tuple[int, str, str, str, str]]:
    return [(one.layer, one.kind, one.name, one.previous_version, one.version) for one in found.changes]


def test_deb_lists_are_read_through_merged_directories() -> None:
    told, found = owned(
        {
            "lib": symlink("lib", "usr/lib"),
            STATUS: status(libc6="2.36", bash="5.2"),
            f"{INFO}/libc6:amd64.list": "/.\n/lib\n/lib/libc.so.6\n/usr/share/doc/libc6\n",
            f"{INFO}/libc6:amd64.postinst": "#!/bin/sh",
            f"{INFO}/bash.list": "/.\n/bin/bash\n",
            "usr/lib/libc.so.6": file("usr/lib/libc.so.6", 100),
            "bin/bash": file("bin/bash", 50),
            "srv/mine": file("srv/mine", 7),
        }
    )
    assert told["usr/lib/libc.so.6"] == "deb:libc6"
    assert told[f"{INFO}/libc6:amd64.postinst"] == "deb:libc6"
    assert told["bin/bash"] == "deb:bash"
    assert "srv/mine" not in told
    assert versions(found) == {"libc6": "2.36", "bash": "5.2"}
    assert [one.name for one in found.packages] == ["libc6", "bash"]


def test_what_was_removed_but_for_its_configuration_is_not_installed() -> None:
    body = (
        status(bash="5.2") + "\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: amd64\n"
    )
    _, found = owned({STATUS: body, f"{INFO}/bash.list": "/bin/bash\n", "bin/bash": file("bin/bash", 50)})
    assert versions(found) == {"bash": "5.2"}


def test_a_foreign_architecture_is_a_package_of_its_own() -> None:
    body = status(a="1", b="1") + "\n\nPackage: a\nStatus: install ok installed\nVersion: 1\nArchitecture: i386\n"
    told, _ = owned(
        {
            STATUS: body,
            f"{INFO}/a:amd64.list": "/usr/lib/x86/a\n",
            f"{INFO}/a:i386.list": "/usr/lib/i386/a\n",
            "usr/lib/x86/a": file("usr/lib/x86/a", 5),
            "usr/lib/i386/a": file("usr/lib/i386/a", 5),
        }
    )
    assert told["usr/lib/x86/a"] == "deb:a"
    assert told["usr/lib/i386/a"] == "deb:a:i386"


UPGRADE: tuple[dict[str, Any], ...] = (
    {
        STATUS: status(ssl="1", curl="7"),
        f"{INFO}/ssl.list": "/usr/lib/libssl.so.1\n/usr/bin/ssl\n",
        f"{INFO}/curl.list": "/usr/bin/curl\n",
        "usr/lib/libssl.so.1": file("usr/lib/libssl.so.1", 100),
        "usr/bin/ssl": file("usr/bin/ssl", 10, "old"),
        "usr/bin/curl": file("usr/bin/curl", 40),
    },
    {"etc/x": "unrelated"},
    {
        STATUS: status(ssl="2", curl="7", jq="1.7"),
        f"{INFO}/ssl.list": "/usr/lib/libssl.so.2\n/usr/bin/ssl\n",
        f"{INFO}/jq.list": "/usr/bin/jq\n",
        "usr/lib/libssl.so.1": whiteout("usr/lib/libssl.so.1"),
        "usr/lib/libssl.so.2": file("usr/lib/libssl.so.2", 120),
        "usr/bin/ssl": file("usr/bin/ssl", 11, "new"),
        "usr/bin/jq": file("usr/bin/jq", 9),
    },
    {
        STATUS: status(ssl="2", jq="1.7"),
        f"{INFO}/curl.list": whiteout(f"{INFO}/curl.list"),
        "usr/bin/curl": whiteout("usr/bin/curl"),
    },
)


def test_packages_arrive_are_upgraded_and_removed_layer_by_layer() -> None:
    told, found = owned(*UPGRADE)
    assert changes(found) == [
        (0, "arrived", "ssl", "", "1"),
        (0, "arrived", "curl", "", "7"),
        (2, "upgraded", "ssl", "1", "2"),
        (2, "arrived", "jq", "", "1.7"),
        (3, "removed", "curl", "7", ""),
    ]
    ssl = next(one for one in found.packages if one.name == "ssl")
    old_list = len("/usr/lib/libssl.so.1\n/usr/bin/ssl\n")
    assert (ssl.layer, ssl.shipped_again_bytes) == (2, 100 + 10 + old_list)
    upgraded = next(one for one in found.changes if one.kind == "upgraded")
    assert (upgraded.shipped_bytes, upgraded.hidden_bytes) == (120 + 11 + old_list, 110 + old_list)
    removed = next(one for one in found.changes if one.kind == "removed")
    assert removed.hidden_bytes == 40 + len("/usr/bin/curl\n")
    assert versions(found) == {"ssl": "2", "jq": "1.7"}
    assert told["usr/lib/libssl.so.2"] == "deb:ssl"


def test_with_only_the_last_databases_at_hand_layers_come_from_the_lists() -> None:
    _, found = owned(*UPGRADE, without=(0, 1, 2))
    layers = {one.name: one.layer for one in found.packages}
    assert layers == {"ssl": 2, "jq": 2}
    assert versions(found) == {"ssl": "2", "jq": "1.7"}


def test_deb_of_distroless_images() -> None:
    told, found = owned(
        {
            "var/lib/dpkg/status.d/tzdata": "Package: tzdata\nVersion: 2024a\nArchitecture: all\n",
            "var/lib/dpkg/status.d/tzdata.md5sums": "0123456789abcdef0123456789abcdef  usr/share/zoneinfo/UTC\n",
            "usr/share/zoneinfo/UTC": file("usr/share/zoneinfo/UTC", 30),
        }
    )
    assert told["usr/share/zoneinfo/UTC"] == "deb:tzdata"
    assert versions(found) == {"tzdata": "2024a"}


def test_apk() -> None:
    told, found = owned(
        {
            "lib/apk/db/installed": (
                "C:Q1abc=\nP:musl\nV:1.2.4-r2\nF:lib\nR:ld-musl.so.1\nZ:Q1x=\nR:libc.so\n\n"
                "P:busybox\nV:1.36-r1\nF:\nR:linuxrc\nF:bin\nR:busybox\na:0:0:755\n\n"
            ),
            "lib/ld-musl.so.1": file("lib/ld-musl.so.1", 60),
            "bin/busybox": file("bin/busybox", 80),
            "linuxrc": file("linuxrc", 1),
        }
    )
    assert told == {"lib/ld-musl.so.1": "apk:musl", "bin/busybox": "apk:busybox", "linuxrc": "apk:busybox"}
    assert versions(found) == {"musl": "1.2.4-r2", "busybox": "1.36-r1"}


def test_pip_record() -> None:
    told, found = owned(
        {
            f"{SITE}/Pillow-10.0.dist-info/RECORD": (
                "PIL/__init__.py,sha256=x,3\n"
                '"PIL/odd,name.py",sha256=x,3\r\n'
                "../../../bin/pil,sha256=x,3\n"
                "../../../../../../../../outside,,\n"
                "PIL/__pycache__/listed.cpython-311.pyc,,\n"
            ),
            f"{SITE}/Pillow-10.0.dist-info/REQUESTED": file(f"{SITE}/Pillow-10.0.dist-info/REQUESTED", 2),
            f"{SITE}/PIL/__init__.py": file(f"{SITE}/PIL/__init__.py", 3),
            f"{SITE}/PIL/odd,name.py": file(f"{SITE}/PIL/odd,name.py", 3),
            f"{SITE}/PIL/__pycache__/__init__.cpython-311.opt-1.pyc": file(
                f"{SITE}/PIL/__pycache__/__init__.cpython-311.opt-1.pyc", 4
            ),
            f"{SITE}/PIL/__pycache__/other.cpython-311.pyc": file(f"{SITE}/PIL/__pycache__/other.cpython-311.pyc", 4),
            "usr/bin/pil": file("usr/bin/pil", 3),
            "outside": file("outside", 3),
        }
    )
    assert {path for path, owner in told.items() if owner == "pip:pillow"} == {
        f"{SITE}/Pillow-10.0.dist-info/RECORD",
        f"{SITE}/Pillow-10.0.dist-info/REQUESTED",
        f"{SITE}/PIL/__init__.py",
        f"{SITE}/PIL/odd,name.py",
        f"{SITE}/PIL/__pycache__/__init__.cpython-311.opt-1.pyc",
        "usr/bin/pil",
        "outside",
    }
    assert [(one.name, one.version, one.location) for one in found.packages] == [("pillow", "10.0", SITE)]


def test_a_pip_upgrade_ships_both_copies_and_a_chown_is_none() -> None:
    def torch(version: str, size: int) -> dict[str, Any]:
        return {
            f"{SITE}/torch-{version}.dist-info/RECORD": f"torch/lib.so,,\ntorch-{version}.dist-info/RECORD,,\n",
            f"{SITE}/torch/lib.so": file(f"{SITE}/torch/lib.so", size, version),
        }

    old = f"{SITE}/torch-2.0.dist-info"
    told, found = owned(
        torch("2.0", 1000), torch("2.0", 1000), {**torch("2.1", 1100), old: whiteout(old)}, torch("2.1", 1100)
    )
    assert changes(found) == [(0, "arrived", "torch", "", "2.0"), (2, "upgraded", "torch", "2.0", "2.1")]
    (package,) = found.packages
    assert (package.version, package.layer) == ("2.1", 2)
    record = len("torch/lib.so,,\ntorch-2.0.dist-info/RECORD,,\n")
    assert package.shipped_again_bytes == 1000 + record
    assert package.size_bytes == 1100 + record
    assert set(told.values()) == {"pip:torch"}


def test_two_installs_in_two_places_are_two_packages() -> None:
    def numpy(site: str) -> dict[str, Any]:
        return {
            f"{site}/numpy-1.dist-info/RECORD": "numpy/a.py,,\n",
            f"{site}/numpy/a.py": file(f"{site}/numpy/a.py", 5),
        }

    _, found = owned({**numpy(SITE), **numpy("opt/venv/lib/python3.11/site-packages")})
    assert sorted(one.location for one in found.packages) == ["opt/venv/lib/python3.11/site-packages", SITE]


def test_without_its_record_a_package_owns_the_directory_of_its_name() -> None:
    told, _ = owned(
        {
            f"{SITE}/nump_y-1.0.dist-info/RECORD": file(f"{SITE}/nump_y-1.0.dist-info/RECORD", 9),
            f"{SITE}/nump_y/core/a.so": file(f"{SITE}/nump_y/core/a.so", 5),
            f"{SITE}/nump_y.libs/b.so": file(f"{SITE}/nump_y.libs/b.so", 5),
            f"{SITE}/other/c.so": file(f"{SITE}/other/c.so", 5),
        }
    )
    assert told[f"{SITE}/nump_y/core/a.so"] == "pip:nump-y"
    assert told[f"{SITE}/nump_y.libs/b.so"] == "pip:nump-y"
    assert f"{SITE}/other/c.so" not in told


def test_eggs() -> None:
    told, found = owned(
        {
            f"{SITE}/old-1.2-py3.11.egg-info/installed-files.txt": "../old/a.py\n../../../../bin/old\nPKG-INFO\n",
            f"{SITE}/old/a.py": file(f"{SITE}/old/a.py", 5),
            "usr/bin/old": file("usr/bin/old", 5),
            f"{SITE}/dev.egg-info/PKG-INFO": "Metadata-Version: 1\nName: dev\nVersion: 3.1\n\nVersion: 9\n",
            f"{SITE}/dev.egg-info/top_level.txt": "dev\ndev_one\n../../evil\n",
            f"{SITE}/dev/deep/a.py": file(f"{SITE}/dev/deep/a.py", 5),
            f"{SITE}/dev_one.py": file(f"{SITE}/dev_one.py", 5),
        }
    )
    assert told[f"{SITE}/old/a.py"] == told["usr/bin/old"] == "pip:old"
    assert told[f"{SITE}/dev/deep/a.py"] == told[f"{SITE}/dev_one.py"] == "pip:dev"
    assert versions(found) == {"old": "1.2", "dev": "3.1"}


def test_conda_comes_before_pip_and_owns_its_environment() -> None:
    told, found = owned(
        {
            "opt/conda/conda-meta/numpy-1.26-py311_0.json": json.dumps(
                {
                    "name": "numpy",
                    "version": "1.26",
                    "files": ["lib/numpy/a.py", "lib/numpy-1.26.dist-info/RECORD"],
                    "x": 1,
                }
            ),
            "opt/conda/lib/numpy-1.26.dist-info/RECORD": "numpy/a.py,,\nnumpy-1.26.dist-info/RECORD,,\n",
            "opt/conda/lib/numpy/a.py": file("opt/conda/lib/numpy/a.py", 5),
            "opt/conda/pkgs/cache.conda": file("opt/conda/pkgs/cache.conda", 50),
        }
    )
    assert told["opt/conda/lib/numpy/a.py"] == "conda:numpy"
    assert told["opt/conda/pkgs/cache.conda"] == "root:conda environment"
    assert [one.manager for one in found.packages if one.name == "numpy"] == ["conda"]


def test_npm_gives_every_file_to_the_nearest_package() -> None:
    told, found = owned(
        {
            "app/node_modules/a/package.json": '{"name":"a","version":"1.0.0"}',
            "app/node_modules/a/lib/x.js": file("app/node_modules/a/lib/x.js", 5),
            "app/node_modules/a/lib/package.json": '{"type":"module"}',
            "app/node_modules/a/node_modules/b/package.json": '{"version":"2.0.0"}',
            "app/node_modules/a/node_modules/b/y.js": file("app/node_modules/a/node_modules/b/y.js", 5),
            "app/node_modules/@s/c/package.json": "not json",
            "app/node_modules/@s/c/z.js": file("app/node_modules/@s/c/z.js", 5),
            "app/main.js": file("app/main.js", 5),
        }
    )
    assert told["app/node_modules/a/lib/x.js"] == told["app/node_modules/a/lib/package.json"] == "npm:a"
    assert told["app/node_modules/a/node_modules/b/y.js"] == "npm:b"
    assert told["app/node_modules/@s/c/z.js"] == "npm:@s/c"
    assert "app/main.js" not in told
    assert versions(found) == {"a": "1.0.0", "b": "2.0.0", "@s/c": ""}


def test_curated_roots_come_last() -> None:
    model = "root/.cache/huggingface/hub/models--org--llm/blobs/x"
    told, found = owned(
        {
            STATUS: status(nvcc="12"),
            f"{INFO}/nvcc.list": "/usr/local/cuda-12.1/bin/nvcc\n",
            "usr/local/cuda-12.1/bin/nvcc": file("usr/local/cuda-12.1/bin/nvcc", 5),
            "usr/local/cuda-12.1/lib/libcublas.so": file("usr/local/cuda-12.1/lib/libcublas.so", 500),
            model: file(model, 900),
            "root/.cache/huggingface/token": file("root/.cache/huggingface/token", 3),
            "usr/local/lib/python3.11/os.py": file("usr/local/lib/python3.11/os.py", 8),
            "usr/local/bin/python3.11": file("usr/local/bin/python3.11", 9),
            "usr/local/bin/mine": file("usr/local/bin/mine", 9),
        },
        {"home/me/.cache/torch/hub/checkpoints/a.pth": file("home/me/.cache/torch/hub/checkpoints/a.pth", 70)},
    )
    assert told["usr/local/cuda-12.1/bin/nvcc"] == "deb:nvcc"
    assert told["usr/local/cuda-12.1/lib/libcublas.so"] == "root:CUDA"
    assert told[model] == "root:org/llm"
    assert told["root/.cache/huggingface/token"] == "root:Hugging Face cache"
    assert told["usr/local/bin/python3.11"] == told["usr/local/lib/python3.11/os.py"] == "root:CPython"
    assert "usr/local/bin/mine" not in told
    assert versions(found)["CUDA"] == "12.1"
    assert {one.name: one.layer for one in found.packages}["torch hub cache"] == 1


def test_a_hard_linked_inode_counts_once_and_for_whoever_owns_a_path_of_it() -> None:
    _, found = owned(
        {
            STATUS: status(perl="5"),
            f"{INFO}/perl.list": "/usr/bin/perl\n/usr/bin/perl5\n",
            "a-copy": file("a-copy", 1000),
            "usr/bin/perl": hard_link("usr/bin/perl", "a-copy"),
            "usr/bin/perl5": hard_link("usr/bin/perl5", "a-copy"),
        }
    )
    (perl,) = found.packages
    assert perl.size_bytes == 1000 + len("/usr/bin/perl\n/usr/bin/perl5\n")
    assert perl.files == 3


def test_directories_that_are_listed_are_not_taken_with_all_below() -> None:
    told, _ = owned(
        {STATUS: status(a="1"), f"{INFO}/a.list": "/srv\n/srv/a\n", "srv/b": file("srv/b", 5), "srv/c": folder("srv/c")}
    )
    assert "srv/b" not in told


def test_what_is_a_database() -> None:
    for path in (
        STATUS,
        f"{INFO}/bash.list",
        "var/lib/dpkg/status.d/base",
        "lib/apk/db/installed",
        "usr/lib/apk/db/installed",
        "var/lib/rpm/rpmdb.sqlite",
        "usr/lib/sysimage/rpm/rpmdb.sqlite",
        f"{SITE}/x-1.dist-info/RECORD",
        "x.egg-info/top_level.txt",
        "opt/conda/conda-meta/a-1-0.json",
        "conda-meta/a-1-0.json",
        "node_modules/a/package.json",
        "x/node_modules/@s/a/package.json",
    ):
        assert is_database(path), path
    for path in ("", "status", "x/var/lib/dpkg/status", f"{INFO}/bash.md5sums", "RECORD", "a/package.json"):
        assert not is_database(path), path
    assert not is_database(STATUS, LARGEST + 1)


PATHS = st.sampled_from(
    [
        STATUS,
        f"{INFO}/a.list",
        "var/lib/dpkg/status.d/a",
        "lib/apk/db/installed",
        "var/lib/rpm/rpmdb.sqlite",
        "a.dist-info/RECORD",
        "x/a-1.egg-info/PKG-INFO",
        "x/a-1.egg-info/top_level.txt",
        "x/a-1.egg-info/installed-files.txt",
        "conda-meta/a-1-0.json",
        "node_modules/a/package.json",
        "usr/local/cuda-12/a",
        "a/b",
    ]
)
RUBBISH = st.one_of(
    st.binary(max_size=60),
    st.lists(
        st.sampled_from(
            [
                b"Package: a\n",
                b"Version: \xff\n",
                b"\n\n",
                b"P:a\n",
                b"V:1\n",
                b"R:b\n",
                b"F:../..\n",
                b"/a/b\n",
                b'"a,b\n',
                b"../../..,,\n",
                b"{",
                b'"files":[1]}',
                b"[" * 2000,
                b"\0",
                b"SQLite format 3\0",
                b"//\n",
                b"/\n",
                b"a\n",
            ]
        ),
        max_size=6,
    ).map(b"".join),
)


@given(st.lists(st.dictionaries(PATHS, RUBBISH, max_size=5), min_size=1, max_size=4))
@settings(max_examples=300, deadline=None)
def test_rubbish_never_raises(stacked: list[dict[str, bytes]]) -> None:
    owned(*stacked)


def test_links_that_go_round_in_circles_are_no_trouble() -> None:
    rows: dict[str, Row | str] = {
        "a": symlink("a", "b"),
        "b": symlink("b", "/a/../b"),
        STATUS: status(x="1"),
        f"{INFO}/x.list": "/a/file\n/b/a/b\n/c/../../up\n",
        "up": file("up", 4),
    }
    told, _ = owned(rows)
    assert "up" not in told or told["up"] == "deb:x"


def test_what_a_package_vendors_is_its_own() -> None:
    vendored = "alpha/_vendor/six-1.dist-info/RECORD"
    told, found = owned(
        {
            f"{SITE}/{vendored}": "six.py,,\n",
            f"{SITE}/alpha/_vendor/six.py": file(f"{SITE}/alpha/_vendor/six.py", 5),
            f"{SITE}/zeta-1.dist-info/RECORD": f"alpha/_vendor/six.py,,\n{vendored},,\n",
        }
    )
    assert told[f"{SITE}/alpha/_vendor/six.py"] == "pip:zeta"
    assert [one.name for one in found.packages] == ["zeta"]


def test_two_interpreters_built_from_source_keep_apart() -> None:
    paths = [
        "usr/local/lib/python3.11/os.py",
        "usr/local/lib/python3.12/os.py",
        "usr/local/bin/python3.11",
        "usr/local/bin/python3.12-config",
        "usr/local/include/python3.12/Python.h",
    ]
    _, found = owned({path: file(path, 10) for path in paths})
    assert {(one.version, one.size_bytes) for one in found.packages} == {("3.11", 20), ("3.12", 30)}
    assert all(one.shipped_again_bytes == 0 for one in found.packages)
