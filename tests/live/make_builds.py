"""Records real builds for the tests of the screens: what each builder said, and when.

    .venv/bin/python -m tests.live.make_builds [NAME …]

Needs an engine with the tests' base image. Writes `tests/builds/NAME.jsonl`: the Dockerfile, then a line for each piece
that came, with its seconds since the build began, then how it ended. What was built is removed again.
"""

import argparse
import codecs
import json
import os
import secrets
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import docker

from tests.live.engines import run_script
from workbench.builds.classic import ClassicSteps
from workbench.builds.dockerfile_steps import DockerfileSteps

FOLDER = Path(__file__).parents[1] / "builds"
BASE = "workbench-test/base:bookworm"
FIRST, LAST = "workbench-test/recorded-build:first", "workbench-test/recorded-build:last"
SERVICE = """FROM {base} AS dependencies
WORKDIR /srv
COPY requirements.txt /srv/
RUN for part in numpy pandas torch; do echo "Collecting $part"; sleep 0.8; done # {mark}
FROM {base} AS assets
COPY site /site
RUN printf '\\033[31mwarning\\033[0m: 3 pictures are not compressed\\n' >&2; sleep 1.2 # {mark}
FROM dependencies
COPY --from=assets /site /srv/site
COPY app /srv/app
RUN python3 -m compileall -q /srv/app; sleep 0.6; {last} # {mark}
"""


def context(folder: Path, last: str) -> None:
    """Write a small service to build."""
    mark = secrets.token_hex(4)
    (folder / "Dockerfile").write_text(SERVICE.format(base=BASE, mark=mark, last=last))
    (folder / "requirements.txt").write_text(f"numpy\npandas\ntorch\n# {mark}\n")
    for name, text in (("site/index.html", f"<p>{mark}</p>"), ("app/main.py", f"print({mark!r})\n")):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def with_buildx(folder: Path, tag: str) -> Iterator[tuple[float, Any]]:
    """Build, and give each piece of the builder's account; last its exit code."""
    plugin = Path(run_script("modern_engine.sh", "--fetch")[0]) / "usr/libexec/docker/cli-plugins/docker-buildx"
    command = [str(plugin), "build", "--progress=rawjson", "--builder=default", "--load", f"--tag={tag}", str(folder)]
    began = time.monotonic()
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        while piece := os.read(process.stderr.fileno(), 1 << 16):
            yield time.monotonic() - began, decode(piece)
    yield time.monotonic() - began, process.returncode


def with_classic(folder: Path, tag: str) -> Iterator[tuple[float, Any]]:
    """The same of the engine's own builder: its messages."""
    client = docker.APIClient(version="auto", timeout=600)
    began = time.monotonic()
    try:
        said = cast("Iterator[Any]", client.build(path=str(folder), tag=tag, rm=True, forcerm=True, decode=True))
        for message in said:
            yield time.monotonic() - began, message
    finally:
        client.close()
    yield time.monotonic() - began, None


BUILDERS = {"buildx": with_buildx, "classic": with_classic}


def record(name: str) -> None:
    """Record one build, `BUILDER-cold`, `BUILDER-touched` after one, or `BUILDER-failed`."""
    builder, _, kind = name.partition("-")
    said: list[tuple[float, Any]] = []
    with tempfile.TemporaryDirectory(prefix="workbench-") as made:
        folder = Path(made)
        context(folder, "echo 'no module named shop' >&2; exit 7" if kind == "failed" else "true")
        if kind == "touched":
            said = list(BUILDERS[builder](folder, FIRST))
            (folder / "app/main.py").write_text("print('touched')\n")
        text = (folder / "Dockerfile").read_text()
        last = list(BUILDERS[builder](folder, LAST))
    lines: list[dict[str, Any]] = [{"builder": builder, "dockerfile": text}]
    lines += [{"at": round(at, 4), "said": each} for at, each in last]
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    remove(text, [*said, *last] if builder == "classic" else [])


def remove(dockerfile: str, said: list[tuple[float, Any]]) -> None:
    """Remove what was built, and the images between that the classic builder made."""
    read = ClassicSteps(DockerfileSteps(dockerfile))
    for at, message in said:
        read.feed(message or {}, at)
    client = docker.from_env()
    try:
        for image in [FIRST, LAST, *reversed(read.made)]:
            with suppress(docker.errors.APIError):  # gone with another, or never made
                client.images.remove(image, force=True)
    finally:
        client.close()


def main() -> None:
    """Record those that are named, or all."""
    names = [f"{builder}-{kind}" for builder in BUILDERS for kind in ("cold", "touched", "failed")]
    parser = argparse.ArgumentParser(description="Records real builds for the tests of the screens.")
    parser.add_argument("name", nargs="*", help=", ".join(names))
    for name in parser.parse_args().name or names:
        record(name)


if __name__ == "__main__":
    main()
