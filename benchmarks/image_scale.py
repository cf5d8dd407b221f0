"""Peak memory at scale: 300,000 entries under 40 layers, and 400 whiteouts over 100,000 files, against dive.

The images are archives made on the fly; ours is the whole process of `workbench image ARCHIVE --json`. dive runs twice:
without its screen, and in a pseudo-terminal until its screen is painted, for which it builds the tree of every layer;
either is stopped after a bounded time.

    python benchmarks/image_scale.py [--dive-seconds N] [--without-dive]
"""

import argparse
import hashlib
import io
import json
import os
import pty
import select
import signal
import struct
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterable, Iterator
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

from contender import HEADER, Contender, Run, find_dive, version, with_bytecode

MOST_PEAK_BYTES = 150 * 10**6
FILES_PER_DIRECTORY = 100
CHANGED_PER_LAYER = 200
PAINTED = b"Layer Details"
"""A word that only dive's painted screen contains."""

Names = Iterable[str]


def name_of(number: int) -> str:
    """The path of a file: three levels deep, a hundred to a directory."""
    directory = number // FILES_PER_DIRECTORY
    return f"srv/data/part-{directory // 100:03}/block-{directory:05}/record-{number:07}.json"


def spread(start: int, stop: int) -> Iterator[str]:
    """The files of a range."""
    return (name_of(number) for number in range(start, stop))


def many_layers(entries: int, layers: int) -> list[Names]:
    """A large base, and small layers on it: each changes some files, adds some and removes some."""
    third = CHANGED_PER_LAYER // 3

    def small(layer: int) -> Iterator[str]:
        first = layer * entries // (layers + 1)
        yield from spread(first, first + third)
        yield from spread(entries + layer * third, entries + (layer + 1) * third)
        for number in range(first + third, first + 2 * third):
            yield whiteout(number)

    return [spread(0, entries), *(small(layer) for layer in range(1, layers))]


def even_layers(entries: int, layers: int) -> list[Names]:
    """As many entries in each layer."""
    each = entries // layers
    return [spread(layer * each, (layer + 1) * each) for layer in range(layers)]


def whiteouts(entries: int, removed: int) -> list[Names]:
    """A base, and a layer that removes files from all over it."""
    return [spread(0, entries), (whiteout(number * (entries // removed)) for number in range(removed))]


def whiteout(number: int) -> str:
    """The whiteout of a file."""
    folder, _, name = name_of(number).rpartition("/")
    return f"{folder}/.wh.{name}"


def write_archive(path: Path, layers: Iterable[Names]) -> int:
    """Write what `docker save` would.

    Returns:
        How many entries its layers have.
    """
    entries = 0
    diff_ids = []
    with tarfile.open(path, "w") as outer:
        for number, names in enumerate(layers):
            layer = path.with_suffix(".layer")
            entries += write_layer(layer, names, number)
            with layer.open("rb") as file:
                diff_ids.append(f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}")
            outer.add(layer, f"{number:064x}/layer.tar")
            layer.unlink()
        history = [{"created_by": f"RUN step {number}"} for number in range(len(diff_ids))]
        rootfs = {"type": "layers", "diff_ids": diff_ids}
        config = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs, "history": history}
        body = json.dumps(config).encode()
        name = f"{hashlib.sha256(body).hexdigest()}.json"
        add(outer, name, body)
        files = [f"{number:064x}/layer.tar" for number in range(len(diff_ids))]
        add(outer, "manifest.json", json.dumps([{"Config": name, "RepoTags": ["scale:1"], "Layers": files}]).encode())
    return entries


def add(archive: tarfile.TarFile, name: str, body: bytes) -> None:
    """Add a file."""
    entry = tarfile.TarInfo(name)
    entry.size = len(body)
    archive.addfile(entry, io.BytesIO(body))


def write_layer(path: Path, names: Names, layer: int) -> int:
    """Write the tar archive of one layer, directories included, and count its entries."""
    known: set[str] = set()
    count = 0
    with path.open("wb") as file:
        for name in names:
            missing = []
            folder = name.rpartition("/")[0]
            while folder and folder not in known:
                known.add(folder)
                missing.append(folder)
                folder = folder.rpartition("/")[0]
            for folder in reversed(missing):
                file.write(header(folder, 0, tarfile.DIRTYPE))
            is_whiteout = name.rpartition("/")[2].startswith(".wh.")
            body = b"" if is_whiteout else f"{layer} {name}".encode()
            file.write(header(name, len(body), tarfile.REGTYPE) + body.ljust(tarfile.BLOCKSIZE if body else 0, b"\0"))
            count += 1 + len(missing)
        file.write(bytes(2 * tarfile.BLOCKSIZE))
    return count


def header(name: str, size: int, kind: bytes) -> bytes:
    """A tar header; `TarFile` would remember every entry, and our memory is the children's lower bound."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.type, entry.mode = size, kind, 0o755 if kind == tarfile.DIRTYPE else 0o644
    return entry.tobuf(tarfile.GNU_FORMAT)


def run_screen(dive: Contender, timeout: float) -> None:
    """Run dive in a pseudo-terminal of 120x40 until its screen is painted, and stop it."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color")
        os.execv(dive.argv[0], list(dive.argv))
    started = time.perf_counter()
    ioctl(terminal, TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen, late = b"", False
    while PAINTED not in seen:
        left = timeout - (time.perf_counter() - started)
        late = left <= 0
        if late or not select.select([terminal], [], [], left)[0]:
            late = True
            break
        try:
            seen = seen[-4096:] + os.read(terminal, 65536)
        except OSError:
            break  # it has ended
    taken = time.perf_counter() - started
    os.kill(pid, signal.SIGKILL)
    _, _, usage = os.wait4(pid, 0)
    os.close(terminal)
    if PAINTED not in seen and not late:
        raise RuntimeError(f"{dive.name} ended: {seen[-2000:]!r}")
    dive.runs.append(Run(taken, usage.ru_maxrss * 1024, late))


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description="Peak memory at scale")
    parser.add_argument("--dive-seconds", type=float, default=180)
    parser.add_argument("--without-dive", action="store_true")
    wanted = parser.parse_args()
    os.chdir(Path(__file__).parents[1])
    with tempfile.TemporaryDirectory(prefix="workbench-scale.") as scratch:
        folder = Path(scratch)
        dive = "" if wanted.without_dive else find_dive(folder / "dive")
        if dive:
            print(version(dive))
        cases = {
            "a base of 300,000 under 39 layers": many_layers(300_000, 40),
            "300,000 over 40 layers": even_layers(300_000, 40),
            "400 whiteouts over 100,000": whiteouts(100_000, 400),
        }
        for name, layers in cases.items():
            archive = folder / "image.tar"
            entries = write_archive(archive, layers)
            print(f"\n{name}: {entries:,} entries\n{HEADER}")
            measure(archive, folder, dive, wanted.dive_seconds)
            archive.unlink()


def measure(archive: Path, folder: Path, dive: str, dive_seconds: float) -> None:
    """Measure one archive and print its rows."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        source = f"docker-archive:{archive}"
        argv = [sys.executable, "-m", "workbench", "image", source, "--json"]
        environment = {"XDG_CACHE_HOME": own} | with_bytecode(folder)
        cold = Contender("workbench, cold", argv, Path(own, "out.json"), environment)
        reopened = Contender("workbench, reopened", argv, Path(own, "again.json"), environment)
        for contender in (cold, reopened):
            contender.run()
            kept = contender.peak_bytes <= MOST_PEAK_BYTES
            print(contender.row(f"peak <= {MOST_PEAK_BYTES / 1e6:.0f} MB", kept), flush=True)
    if dive:
        of = ["--source", "docker-archive", str(archive)]
        headless = Contender("dive, without a screen", [dive, *of, "--json", str(folder / "dive.json")])
        headless.run(dive_seconds)
        screen = Contender("dive, until its screen", [dive, *of])
        run_screen(screen, dive_seconds)
        print(headless.row(), screen.row(), sep="\n", flush=True)


if __name__ == "__main__":
    main()
