"""Each check on an image that has what it looks for, and on one that almost has."""

from dataclasses import dataclass

import pytest

from tests.workbench.checks.images import KB, MB, Files, It, Step, gone, image, linked
from workbench.checks import load, names
from workbench.measure.analysis import ImageAnalysis
from workbench.measure.secrets import MASK
from workbench.model.image_index import BaseSplit

SITE = "usr/lib/python3/site-packages"
KEY = b"-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n"


def deb(*packages: str, at: str = "RUN apt-get install -y gcc") -> Step:
    """Installed Debian packages of 20 MB each."""
    files: dict[str, It | int] = {"var/lib/dpkg/status": 500}
    status, contents = "", {}
    for name in packages:
        files[f"usr/lib/{name}/body"] = 20 * MB
        files[f"var/lib/dpkg/info/{name}.list"] = 50
        contents[f"var/lib/dpkg/info/{name}.list"] = f"/.\n/usr\n/usr/lib/{name}\n/usr/lib/{name}/body\n".encode()
        status += f"Package: {name}\nStatus: install ok installed\nVersion: 1.0\nArchitecture: amd64\n\n"
    return Step(at, files, contents | {"var/lib/dpkg/status": status.encode()})


def pip(*packages: str, size: int = 20 * MB, at: str = "RUN pip install x") -> Step:
    """Installed wheels."""
    files: dict[str, It | int] = {}
    contents = {}
    for name in packages:
        files[f"{SITE}/{name}/__init__.py"] = size
        record = f"{SITE}/{name}-1.0.dist-info/RECORD"
        files[record] = 80
        contents[record] = f"{name}/__init__.py,,{size}\n{name}-1.0.dist-info/RECORD,,\n".encode()
    return Step(at, files, contents)


@dataclass
class Case:
    """What a check finds in an image; nothing for no findings."""

    check: str
    analysis: ImageAnalysis
    severity: str = ""
    size: int = 0
    layer: int | None = None
    says: tuple[str, ...] = ()
    """In the message."""
    fix: str = ""
    """In the fix."""
    more: int = 0
    """Further findings."""


APT = "RUN apt-get update && apt-get install -y gcc"
BASE = BaseSplit(1, "debian:12", "local image")
CUDA: Files = {f"{SITE}/nvidia/cublas/lib/libcublas.so": 400 * MB, f"{SITE}/torch/lib/libtorch_cuda.so": 300 * MB}

FOUND = [
    Case(
        "apt_lists",
        image(Step(APT, {"var/lib/apt/lists/main": 45 * MB, "var/lib/apt/lists/partial/x": 5 * MB})),
        "medium",
        50 * MB,
        0,
        ("50.0 MB",),
        f"{APT} && rm -rf /var/lib/apt/lists/*",
    ),
    Case(
        "apt_lists",
        image({"var/lib/apt/lists/main": 45 * MB}, {"var/lib/apt/lists/main": gone()}),
        "medium",
        45 * MB,
        0,
        ("does not take out of the image",),
    ),
    Case(
        "apt_lists",
        image({"var/lib/apt/lists/main": 45 * MB}, base=BASE),
        "low",
        45 * MB,
        0,
        ("in the base image debian:12",),
        "comes with the base image",
    ),
    Case(
        "apt_archives",
        image({"var/cache/apt/archives/a.deb": 2 * MB, "var/cache/apt/pkgcache.bin": MB}),
        "low",
        3 * MB,
        0,
    ),
    Case("system_caches", image({"var/cache/apk/APKINDEX.tar.gz": 2 * MB}), "low", 2 * MB, 0, ("apk",), "--no-cache"),
    Case("system_caches", image({"var/cache/dnf/x": 200 * MB}), "high", 200 * MB, 0, ("dnf",), "dnf clean all"),
    Case(
        "pip_cache",
        image(Step("RUN pip install torch", {"root/.cache/pip/http/a": 120 * MB})),
        "high",
        120 * MB,
        0,
        (),
        "RUN pip install --no-cache-dir torch\nor, faster to rebuild: RUN --mount=type=cache,",
    ),
    Case("uv_cache", image({"root/.cache/uv/archive/a": 12 * MB}), "medium", 12 * MB, 0, ("uv",), "--mount=type=cache"),
    Case(
        "conda_packages",
        image({"c/conda-meta/h": 1, "c/pkgs/a.conda": 12 * MB}),
        "medium",
        12 * MB,
        0,
        (),
        "conda clean",
    ),
    Case("node_caches", image({"root/.npm/_cacache/a": 12 * MB}), "medium", 12 * MB, 0, (), "npm cache clean"),
    Case(
        "wheels",
        image(Step("COPY wheels /wheels", {"wheels/t.whl": 120 * MB}), {"wheels": gone()}),
        "high",
        120 * MB,
        0,
        ("a later layer hides",),
        "source=wheels",
    ),
    Case(
        "build_tools",
        image(deb("gcc-12", "libc6-dev", "zlib1g")),
        "medium",
        40 * MB + 100,
        0,
        ("gcc-12", "libc6-dev"),
        "AS build",
    ),
    Case("build_tools", image({"usr/lib/gcc/x/cc1": 30 * MB}), "medium", 30 * MB, 0, ("compiler",)),
    Case(
        "copied_up",
        image(
            Step("COPY lib /app", {"app/a.so": It(15 * MB, "a"), "app/b": It(15 * MB, "b")}),
            Step("RUN chown -R app:app /app", {"app/a.so": It(15 * MB, "a", uid=5), "app/b": It(15 * MB, "other")}),
        ),
        "medium",
        15 * MB,
        1,
        ("1 file", "the owner (0:0 to 5:5)"),
        "COPY --chown=app:app lib /app",
    ),
    Case(
        "removed_later",
        image(
            Step("RUN make", {"build/a": 10 * MB, "build/b": 2 * MB, "keep": MB}),
            Step("RUN rm -rf build", {"build": gone()}),
        ),
        "medium",
        12 * MB,
        1,
        ("2 files", "layer 0"),
        "RUN make && rm -rf build",
    ),
    Case("overwritten", image({"a": 10 * MB}, {"a": 11 * MB}), "medium", 10 * MB, 1),
    Case(
        "duplicates",
        image({"lib/x.so.1": It(150 * MB, "x")}, {"app/x.so": It(150 * MB, "x"), "app/it's": It(150 * MB, "x")}),
        "high",
        300 * MB,
        1,
        ("3 equal files",),
        "ln -s /lib/x.so.1 ",
    ),
    Case(
        "duplicates",
        image({f"{side}/{n}": It(MB, f"{n}") for side in "ab" for n in range(5)}),
        "low",
        5 * MB,
        None,
        ("5 groups",),
    ),
    Case("cuda_without_gpu", image(CUDA), "high", 700 * MB, 0, ("nothing in its configuration asks",), "whl/cpu"),
    Case(
        "cuda_without_gpu",
        image(CUDA, environment={"CUDA_VISIBLE_DEVICES": "-1"}),
        "high",
        700 * MB,
        0,
        ("switches GPUs off",),
    ),
    Case(
        "cuda_twice",
        image({"usr/local/cuda-12.1/lib64/a.so": 900 * MB}, CUDA),
        "high",
        900 * MB,
        0,
        ("another 400 MB",),
    ),
    Case(
        "cuda_twice",
        image({"usr/local/cuda-12.10/a": 900 * MB, "usr/local/cuda-12.9/a": 700 * MB}),
        "high",
        700 * MB,
        0,
        ("cuda-12.9", "beside cuda-12.10"),
    ),
    Case(
        "torch_installs",
        image({"opt/a/site-packages/torch/lib/t.so": 800 * MB, "opt/b/site-packages/torch/lib/t.so": 700 * MB}),
        "high",
        700 * MB,
        0,
        ("/opt/b/site-packages/torch",),
    ),
    Case(
        "torch_installs",
        image({f"{SITE}/torch/lib/t.so": 800 * MB}, {f"{SITE}/torch/lib/t.so": 700 * MB}),
        "high",
        800 * MB,
        0,
        ("layer 0",),
    ),
    Case(
        "package_extras",
        image(
            {
                f"{SITE}/x/tests/a.py": 3 * MB,
                f"{SITE}/x/include/a/b.h": 4 * MB,
                f"{SITE}/x/lib.a": 5 * MB,
                f"{SITE}/x/y.pyi": MB,
                f"{SITE}/x/y.py": 50 * MB,
                f"{SITE}/tests/y.py": 50 * MB,
            }
        ),
        "medium",
        13 * MB,
        0,
        ("static libraries 5.00 MB, headers 4.00 MB, tests 3.00 MB, stubs 1.00 MB",),
        "torch/include",
    ),
    Case(
        "bytecode",
        image({"app/__pycache__/a.cpython-311.pyc": MB, "app/a.py": MB, "app/__pycache__/b.cpython-311.pyc": MB}),
        "info",
        0,
        None,
        ("1.00 MB",),
    ),
    Case(
        "git_folder",
        image({"app/.git/HEAD": 20, "app/.git/objects/a": 3 * MB}),
        "medium",
        3 * MB + 20,
        0,
        (),
        ".dockerignore",
    ),
    Case("notebooks", image({"app/a.ipynb": 2 * MB}), "low", 2 * MB, 0, (), "ipynb"),
    Case(
        "dev_packages",
        image(pip("pytest", "requests", "ruff")),
        "medium",
        40 * MB + 160,
        0,
        ("pytest", "ruff"),
        "uv sync",
    ),
    Case("secret_files", image({"root/.ssh/id_rsa": 5}), "high", 0, 0, ("private key",), "revoke"),
    Case(
        "secret_files",
        image({"app/.env": 5}, {"app/.env": gone()}),
        "medium",
        0,
        0,
        ("1 deleted later, and shipped all the same",),
    ),
    Case("secret_files", image(Step("COPY", {"app/tls.key": 70}, {"app/tls.key": KEY})), "high", 0, 0, ("inside",)),
    Case(
        "secret_files",
        image(Step("COPY", {"app/.env": 70}, {"app/.env": b"DB_PASSWORD=hunter2\n"})),
        "high",
        0,
        0,
        ("with secrets inside",),
    ),
    Case("secret_settings", image(environment={"DB_PASSWORD": MASK, "A": "b"}), "high", 0, None, ("DB_PASSWORD",)),
    Case("secret_settings", image(Step(f"RUN curl -H token={MASK}", {})), "high", 0, 0, ("history",), "type=secret"),
    Case("secret_settings", image(labels={"token": MASK}), "medium", 0, None, ("token",)),
    Case("setuid_files", image({"app/helper": It(5, mode=0o4755)}), "low", 0, 0, ("1 setuid",), "no-new-privileges"),
    Case("setuid_files", image({"usr/bin/su": It(5, mode=0o4755)}), "info", 0, None, ("distribution",)),
    Case("root_user", image(user=""), "medium", 0, None, ("there is no USER",), "USER 10001"),
    Case("root_user", image({"etc/alpine-release": 5}, user="0:0"), "medium", 0, None, ("USER is 0:0",), "adduser -D"),
    Case("health_check", image({"a": 1}, healthcheck=False, ports=("8080/tcp",)), "low", 0, None, ("port 8080",)),
    Case("health_check", image({"a": 1}, healthcheck=False), "info"),
    Case("latest_tag", image(references=("shop/api:latest",)), "low", 0, None, (), "shop/api:$(git"),
    Case("latest_tag", image(base=BaseSplit(1, "python", "local image")), "low", 0, None, ("base image is python",)),
    Case("python_environment", image({"usr/local/bin/python3.12": 5}), "low", 0, None, ("PYTHONUNBUFFERED",), more=1),
    Case("small_layers", image({"a": 1}, {}), "info", 0, 1, ("1 layer without",)),
    Case("small_layers", image(*({f"{n}": 1} for n in range(6))), "info", 0, 0, ("6 layers",)),
    Case(
        "base_size",
        image({"a": 900 * MB}, {"b": 1}, base=BaseSplit(1, "python:3.12", "local image")),
        "medium",
        0,
        0,
        ("python:3.12 ships 900 MB",),
        "FROM python:3.12-slim",
    ),
    Case(
        "base_size",
        image({"lib/ld-musl-x86_64.so.1": 5}, pip("numpy")),
        "info",
        0,
        None,
        ("musl",),
    ),
    Case("run_steps", image(Step("RUN apt-get -q update", {})), "low", 0, 0, ("stands alone",)),
    Case(
        "run_steps",
        image(Step("RUN apt-get update && apt-get -y install gcc", {})),
        "info",
        0,
        0,
        (),
        "apt-get -y install --no-install-recommends gcc",
    ),
    Case(
        "run_steps",
        image(Step("COPY . /app", {}), Step("RUN pip install -r requirements.txt", {})),
        "medium",
        0,
        1,
        ("each changed line",),
        "COPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . /app",
    ),
    Case(
        "run_steps",
        image(Step("COPY dir:0123abcd in /app", {}), Step("RUN npm ci", {})),
        "medium",
        0,
        1,
        (),
        "RUN npm ci\nCOPY … /app",
    ),
    Case("dev_packages", image(pip("matplotlib")), "low", 20 * MB + 80, 0, ("unless the service itself",)),
    Case(
        "leftovers",
        image(
            Step("RUN make", {"tmp/x": It(20 * MB, "x")}),
            Step("RUN chown 5 /tmp/x", {"tmp/x": It(20 * MB, "x", uid=5)}),
        ),
        "medium",
        40 * MB,
        0,
        ("20.0 MB of it a later layer hides",),
        "RUN make && rm -rf /tmp/*",
    ),
    Case(
        "build_context",
        image(Step("COPY . /app", {"app/env/pyvenv.cfg": 9, "app/env/lib/a": 12 * MB, "app/d/x.csv": 2 * MB})),
        "medium",
        14 * MB + 9,
        0,
        ("env/", "**/*.csv"),
        ".dockerignore",
    ),
    Case("leftovers", image({"tmp/installer": 12 * MB}), "medium", 12 * MB, 0, ("temporary",), "rm -rf /tmp/*"),
    Case("leftovers", image({"var/log/lastlog": 120 * MB}), "high", 120 * MB, 0, ("logs",), "--no-log-init"),
    Case("leftovers", image({"opt/cmake.tar.gz": 12 * MB}), "medium", 12 * MB, 0, ("archives",), "curl"),
]

NOT_FOUND = [
    ("run_steps", image(Step("COPY dir:0123abcd in /wheels", {}), Step("RUN pip install /wheels/x.whl", {}))),
    ("apt_lists", image({"var/lib/apt/lists/lock": 0, "var/lib/apt/lists/auxfiles/x": 90 * KB})),
    ("apt_archives", image({"var/cache/apt/archives/lock": 0, "var/cache/apt/other": 9 * MB})),
    ("system_caches", image({"var/cache/fontconfig/x": 9 * MB})),
    ("pip_cache", image({"usr/lib/pip/x": 9 * MB, "root/.cache/other/pip/x": 9 * MB})),
    ("uv_cache", image({"usr/bin/uv": 30 * MB})),
    ("uv_cache", image({"root/.cache/uv/a": 30 * MB, "app/.venv/a": linked("root/.cache/uv/a")})),
    ("conda_packages", image({"app/pkgs/a": 30 * MB})),
    ("node_caches", image({"app/cache/x": 9 * MB, "yarn/x": 9 * MB})),
    ("wheels", image({"root/.cache/uv/a.whl": 9 * MB, "usr/share/python-wheels/pip.whl": 2 * MB})),
    ("build_tools", image(deb("zlib1g", "gcc-12-base", "libgcc-s1", "gitlab"))),
    ("copied_up", image({"a": It(9 * MB, "a")}, {"a": It(9 * MB, "b")})),
    ("copied_up", image({"a": It(90 * KB, "a")}, {"a": It(90 * KB, "a")})),
    ("removed_later", image({"a": 9 * MB}, {"a": 8 * MB})),
    ("removed_later", image({"a": 50 * KB}, {"a": gone()})),
    ("overwritten", image({"a": It(9 * MB, "a")}, {"a": It(9 * MB, "a")}, {"a": gone()})),
    (
        "duplicates",
        image({"a": It(9 * MB, "a"), "b": linked("a"), "c": It(9 * MB, "c"), "d": It(KB, "e"), "f": It(KB, "e")}),
    ),
    ("cuda_without_gpu", image(CUDA, environment={"NVIDIA_VISIBLE_DEVICES": "all"})),
    ("cuda_without_gpu", image({f"{SITE}/torch/lib/libtorch_cpu.so": 400 * MB, "usr/nvidia/x": 90 * MB})),
    ("cuda_twice", image({"usr/local/cuda-12.1/lib64/a.so": 900 * MB})),
    ("cuda_twice", image({"usr/local/cuda-12.1/version.json": 900}, CUDA)),
    (
        "torch_installs",
        image({f"{SITE}/torch/a": 800 * MB, "root/torch/b": 800 * MB, "x/site-packages/torch/py.typed": 1}),
    ),
    ("package_extras", image({f"{SITE}/x/a.py": 9 * MB, "usr/include/a.h": 9 * MB, "app/tests/a": 9 * MB})),
    ("bytecode", image({"app/__pycache__/a.cpython-311.pyc": MB, "app/b.py": MB})),
    ("git_folder", image({"app/.git/config": 5, "app/.gitignore": 5, "app/git/HEAD": 5})),
    ("notebooks", image({f"{SITE}/x/a.ipynb": MB, "app/a.py": MB})),
    ("dev_packages", image(pip("requests", "torch"))),
    ("secret_files", image({f"{SITE}/x/id_rsa": 5, "app/.env.example": 5, "etc/ssl/a.pem": 5, "app/settings.py": 5})),
    ("secret_files", image(Step("COPY", {"app/.env": 9}, {"app/.env": b"DEBUG=1\n"}))),
    ("secret_files", image({"app/.env": 0, "app/config.json": 9, "home/credentials/x": 9})),
    ("secret_settings", image(environment={"GPG_KEY": "ABC", "PATH": "/bin", "TOKEN": ""})),
    ("setuid_files", image({"usr/bin/ls": It(5, mode=0o755), "tmp/x": It(5, mode=0o1777)})),
    ("root_user", image(user="app:app")),
    ("root_user", image(user="1000")),
    ("health_check", image({"a": 1})),
    ("latest_tag", image(references=("shop/api:latest", "shop/api:1.4"))),
    ("latest_tag", image(references=())),
    ("python_environment", image({"usr/bin/perl": 5, "usr/share/python3/x": 5})),
    (
        "python_environment",
        image(
            {"usr/bin/python3": 5},
            environment={"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", "PIP_NO_CACHE_DIR": "1"},
        ),
    ),
    ("small_layers", image({}, {"a": 1}, base=BaseSplit(1, "", "history"))),
    ("base_size", image({"a": 100 * MB}, {"b": 900 * MB}, base=BaseSplit(1, "python:3.12-slim", "local image"))),
    ("run_steps", image(Step("RUN apt-get update && apt-get install -y --no-install-recommends gcc", {}))),
    ("run_steps", image(Step("COPY . /app", {}), Step("RUN pip install --no-deps .", {}))),
    ("run_steps", image(Step("RUN pip install -r requirements.txt", {}), Step("COPY . /app", {}))),
    ("build_context", image(Step("RUN python -m venv /venv", {"venv/pyvenv.cfg": 9, "venv/a": 12 * MB}))),
    ("build_context", image(Step("COPY --from=build /venv /venv", {"venv/pyvenv.cfg": 9, "venv/a": 12 * MB}))),
    ("leftovers", image({"tmp/x": 90 * KB, "app/x/data.tar.gz": 9 * MB, "var/lib/log/x": 9 * MB})),
]


@pytest.mark.parametrize("case", FOUND, ids=lambda case: case.check)
def test_it_is_found(case: Case) -> None:
    first, *rest = load(case.check).look(case.analysis)
    assert first.severity == case.severity
    assert first.reclaimable_bytes == case.size
    assert first.layer == case.layer
    for words in case.says:
        assert words in first.message
    assert case.fix in first.fix
    assert len(rest) == case.more
    if case.layer is not None:
        assert first.instruction == case.analysis.instruction(case.layer)


@pytest.mark.parametrize(("check", "analysis"), NOT_FOUND, ids=[check for check, _ in NOT_FOUND])
def test_it_is_not_found(check: str, analysis: ImageAnalysis) -> None:
    assert list(load(check).look(analysis)) == []


def test_every_check_has_both() -> None:
    assert {case.check for case in FOUND} == set(names()) == {check for check, _ in NOT_FOUND}


def test_paths_are_told_largest_first_and_bounded() -> None:
    (found,) = load("apt_lists").look(image({f"var/lib/apt/lists/{n}": n * MB for n in range(1, 80)}))
    assert len(found.paths) == 50
    assert found.paths[0] == "var/lib/apt/lists/79"
    assert len(found.nodes) == 79


def test_many_layers_share_their_last_finding() -> None:
    analysis = image(*({f"tmp/{n}": (30 - n) * MB} for n in range(20)))
    found = list(load("leftovers").look(analysis))
    assert [finding.layer for finding in found] == [*range(9), None]
    assert sum(finding.reclaimable_bytes for finding in found) == analysis.bytes.shipped


def test_what_cannot_be_pasted_is_not_repeated() -> None:
    for told in (f"RUN curl token={MASK}", "RUN " + "x" * 900, "COPY a b"):
        (found,) = load("apt_lists").look(image(Step(told, {"var/lib/apt/lists/a": MB})))
        assert found.fix == "end the RUN that makes them with: && rm -rf /var/lib/apt/lists/*"
