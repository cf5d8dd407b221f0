"""How long an image of 9 GB takes: every way the workbench has, against dive and the bare export, in one run.

Each round runs every contender once, so that a slow minute of the machine meets them all. Every cold one has a cache
of its own. To have the helper container and the stream on a machine whose layer store is readable, the store is
covered, for that one process, by an empty mount of its own mount namespace.

    python benchmarks/big_image.py
    python benchmarks/image_index.py [ROUNDS] [--image NAME] [--without-dive]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from contender import HEADER, Contender, find_dive, version, with_bytecode

TIMES_FASTER_THAN_DIVE = 20
MOST_STREAM_RATIO = 1.15
MOST_REOPEN_SECONDS = 0.5
QUICK_PER_ROUND = 3
"""What takes a second is run more often: the median of few would be the machine's mood."""
SAVED = 'docker save "$0" | cat >/dev/null'
WITHOUT_STORE = 'mount -t tmpfs none "$0" && exec "$@"'


def workbench(name: str, image: str, folder: Path, *, root: str = "", helper: bool = True) -> Contender:
    """`workbench image --json` with a cache and settings of its own.

    Args:
        name: The contender's.
        image: Which image.
        folder: Scratch.
        root: The engine's data directory, to cover its layer store; empty leaves it readable.
        helper: Whether a helper container may be made.
    """
    own = folder / name.replace(" ", "-").replace(",", "")
    settings = own / "config/workbench/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"image_helper = {str(helper).lower()}\n")
    argv = [sys.executable, "-m", "workbench", "image", image, "--json"]
    if root:
        argv = ["unshare", "--mount", "sh", "-c", WITHOUT_STORE, f"{root}/image", *argv]
    homes = {"XDG_CONFIG_HOME": str(own / "config"), "XDG_CACHE_HOME": str(own / "cache")}
    return Contender(name, argv, own / "out.json", homes | with_bytecode(folder))


def forget(contender: Contender) -> None:
    """Empty a contender's caches."""
    for file in Path(contender.environment["XDG_CACHE_HOME"]).glob("workbench/*/*"):
        file.unlink()


def told(contender: Contender) -> dict[str, Any]:
    """The document that a contender wrote last."""
    document: dict[str, Any] = json.loads(contender.output.read_bytes())
    return document


def expect(contender: Contender, via: str) -> None:
    """Make sure that it took the way that it is named for."""
    document = told(contender)
    if document["acquired_via"] != via or (via != "cache" and document["layers_from_cache"]):
        raise RuntimeError(f"{contender.name}: came via {document['acquired_via']}, not {via}: {document['notes']}")


def compare(document: dict[str, Any], dive: dict[str, Any]) -> None:
    """Print what both say of the image."""
    ours, theirs = document["bytes"], dive["image"]
    print(f"\n{'':24}{'dive':>16}{'workbench':>16}")
    print(f"{'efficiency':24}{theirs['efficiencyScore']:16.2%}{document['efficiency']:16.2%}")
    print(f"{'wasted':24}{theirs['inefficientBytes'] / 1e6:13,.0f} MB{ours['wasted'] / 1e6:13,.0f} MB")
    for part in ("shipped", "final", "removed", "overwritten", "copied_up", "duplicate", "reclaimable"):
        print(f"{'  ' + part:40}{ours[part] / 1e6:13,.0f} MB")
    entries = sum(layer["entries"] for layer in document["layers"])
    print(f"{len(document['layers'])} layers, {entries:,} entries, {len(document['packages'])} packages, ", end="")
    print(f"{1 - document['unowned_bytes'] / max(ours['final'], 1):.1%} of the bytes owned")


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description="How long an image takes")
    parser.add_argument("rounds", nargs="?", type=int, default=3)
    parser.add_argument("--image", default="workbench-test/big:1")
    parser.add_argument("--without-dive", action="store_true")
    wanted = parser.parse_args()
    asked = subprocess.run(
        ["docker", "info", "--format", "{{.DockerRootDir}}"], check=True, capture_output=True, text=True
    )
    root = asked.stdout.strip()
    if os.geteuid() or not Path(root, "image").is_dir():
        sys.exit("the engine's layer store must be on this machine and readable: run it as root, beside the engine")
    os.chdir(Path(__file__).parents[1])
    with tempfile.TemporaryDirectory(prefix="workbench-index.") as scratch:
        measure(wanted.image, wanted.rounds, root, Path(scratch), with_dive=not wanted.without_dive)


def measure(image: str, rounds: int, root: str, folder: Path, *, with_dive: bool) -> None:
    """Run all contenders and print the table."""
    dive = find_dive(folder / "dive") if with_dive else ""
    whole = Contender("dive, whole run", [dive, image, "--json", str(folder / "dive.json")], folder / "dive.out")
    saved = Contender("docker save | cat", ["sh", "-c", SAVED, image])
    stream = workbench("workbench, stream", image, folder, root=root, helper=False)
    split = workbench("workbench, tar-split", image, folder)
    through = workbench("workbench, helper container", image, folder, root=root)
    reopened = Contender("workbench, reopened", split.argv, folder / "reopened.json", split.environment)
    for turn in range(rounds):
        if with_dive:
            whole.run()
        for contender in (saved, stream) if turn % 2 else (stream, saved):
            contender.run()
        expect(stream, "stream")
        forget(stream)
        for _ in range(QUICK_PER_ROUND):
            forget(split)
            split.run()
            expect(split, "tar-split")
            for _ in range(QUICK_PER_ROUND):
                reopened.run()
                expect(reopened, "cache")
        forget(through)
        through.run()
        expect(through, "tar-split")
        if not any("this machine" in note for note in told(through)["notes"]):
            raise RuntimeError(f"the layer store was not covered: {told(through)['notes']}")
    documents = [told(contender) for contender in (stream, split, through, reopened)]
    same = all(document["bytes"] == documents[0]["bytes"] for document in documents)

    if with_dive:
        print(version(dive))
    print(HEADER)
    if with_dive:
        print(whole.row())
        for contender, limit in ((split, TIMES_FASTER_THAN_DIVE), (through, 0)):
            ratio = whole.median / contender.median
            goal = f"{ratio:.0f} x faster than dive"
            print(contender.row(goal + f", >= {limit}" if limit else goal, ratio >= limit if limit else None))
    else:
        print(split.row(), through.row(), sep="\n")
    print(saved.row(with_peak=False))
    ratio = statistics.median(a.seconds / b.seconds for a, b in zip(stream.runs, saved.runs, strict=True))
    print(stream.row(f"{ratio:.2f} x the export, <= {MOST_STREAM_RATIO}", ratio <= MOST_STREAM_RATIO))
    print(reopened.row(f"<= {MOST_REOPEN_SECONDS} s", reopened.median <= MOST_REOPEN_SECONDS))
    print(f"{'every way gives the same numbers':36}{'kept' if same else 'BROKEN'}")
    if with_dive:
        compare(documents[1], json.loads((folder / "dive.json").read_bytes()))


if __name__ == "__main__":
    main()
